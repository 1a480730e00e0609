"""Accounts in the browser: found, invited, changed, closed and opened again; never without an administrator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from werkzeug.test import TestResponse

from caseflow import clock
from caseflow.accounts import factors
from caseflow.accounts.models import Staff, StaffSession
from caseflow.audit import Event
from caseflow.cases import lifecycle
from caseflow.cases.models import Case
from caseflow.cases.watch.absence import Absence
from caseflow.database import db, unit_of_work
from caseflow.language import COOKIE
from caseflow.messages.models import Message
from caseflow.people import changes, roll
from tests.cases.acting import WithToken
from tests.cases.entering import enter

ROOM = "/staff/administration/people"
TODAY = date(2026, 11, 27)


class Office:
    """The administrator at work."""

    def __init__(self, staff: Staff, client: FlaskClient, with_token: WithToken) -> None:
        self.staff, self.client, self._with_token = staff, client, with_token
        client.set_cookie(COOKIE, "en")

    def read(self, path: str = "") -> str:
        return self.client.get(f"{ROOM}{path}").get_data(as_text=True)

    def post(self, path: str, **data: object) -> TestResponse:
        return self.client.post(f"{ROOM}{path}", data=self._with_token(self.client, data))

    def press(self, person: Staff, act: str) -> str:
        """What the person's page says after the button."""
        assert self.post(f"/{person.id}{act}").status_code == 303
        return self.read(f"/{person.id}")

    def save(self, person: Staff, **overrides: object) -> TestResponse:
        """The person's form as the page shows it, with something else in it."""
        return self.post(f"/{person.id}", **{**self.form(person), **overrides})

    def form(self, person: Staff) -> dict[str, object]:
        page = self.read(f"/{person.id}")
        seen = page.split('name="seen" value="', 1)[1].split('"', 1)[0]
        facts = changes.Facts.of(person)
        levels = {f"level_{PLACES.index(code)}": level for code, level in facts.levels.items()}
        return {"seen": seen, "name": facts.name, "email": facts.email, "role": facts.role, **levels}


PLACES: list[str] = []


def level(code: str) -> str:
    """The name of the department's field."""
    return f"level_{PLACES.index(code)}"


@pytest.fixture
def office(hire: Callable[..., Staff], sign_in: Callable[[Staff], FlaskClient], with_token: WithToken) -> Office:
    PLACES[:] = db.session.execute(sa.text("SELECT code FROM department ORDER BY position")).scalars()
    staff = hire("Ada Admin", "administrator")
    return Office(staff, sign_in(staff), with_token)


def events(person: Staff) -> list[tuple[str, dict[str, Any]]]:
    query = sa.select(Event.verb, Event.data).where(Event.subject == "staff", Event.subject_id == person.id)
    return [(verb, data) for verb, data in db.session.execute(query.order_by(Event.id))]


def fresh(person: Staff) -> Staff:
    return db.session.get_one(Staff, person.id, populate_existing=True)


def test_a_new_person_gets_the_rights_that_were_chosen_and_an_invitation(office: Office) -> None:
    wrong = office.post("", name=" ", email="nils@", role="manager", **{level("sb"): "handle"})
    page = wrong.get_data(as_text=True)
    assert (
        wrong.status_code == 422
        and "Write the whole e-mail address" in page
        and ": with this role choose “Read” at most" in page
    )
    refused = office.post("", name="Ny", email="ny@example.org", role="administrator", every="read")
    assert "All departments: an administrator reads no case" in refused.get_data(as_text=True)
    told = {"name": " Nils  Åström ", "email": "Nils@Example.org", "role": "caseworker", "language": "fi"}
    answer = office.post("", **told, every="read", **{level("sb"): "handle", level("ifo"): "read"})
    assert answer.status_code == 303
    person = db.session.scalars(sa.select(Staff).where(Staff.email == "nils@example.org")).one()
    facts = changes.Facts.of(person)
    assert (person.name, person.role, person.language) == ("Nils Åström", "caseworker", "fi")
    assert (facts.levels["sb"], facts.levels["kf"], facts.levels["ifo"]) == ("handle", "read", "read")
    assert "vo" not in facts.levels  # secret: “all” does not open it
    (mail,) = db.session.scalars(sa.select(Message).where(Message.staff_id == person.id))
    assert (mail.purpose, mail.language) == ("account", "fi")
    assert [verb for verb, _data in events(person)] == ["account_opened", "invited"]
    assert "invited" in office.read(f"/{person.id}") and "Nils Åström" in office.read("?text=nils%20%C3%A5st")
    assert office.post(f"/{person.id}/invitation").status_code == 303
    again = office.post("", **told)
    assert again.status_code == 422 and "has an account already" in again.get_data(as_text=True)


def test_a_change_is_written_down_with_before_and_after_and_gives_back_what_it_takes_away(
    office: Office, clerk: Staff, resident_case: Callable[..., Case]
) -> None:
    case = resident_case()
    with unit_of_work() as session:
        lifecycle.assign(session.get_one(Case, case.id), to=clerk, by=clerk.as_actor(), now=clock.now())
    old = office.form(clerk)
    assert office.save(clerk).status_code == 303  # nothing changed: nothing written
    assert events(clerk) == []
    assert office.save(clerk, name="Karin Ek-Lind", **{level("kf"): "handle", level("sb"): "read"}).status_code == 303
    ((verb, data),) = events(clerk)
    assert verb == "account_changed"
    assert data["before"] == {"name": "Karin Ek", "departments": {"sb": "handle"}}
    assert data["after"] == {"name": "Karin Ek-Lind", "departments": {"kf": "handle", "sb": "read"}}
    assert db.session.get_one(Case, case.id, populate_existing=True).assignee_id is None
    assert "1 case went back to its department." in office.read(f"/{clerk.id}")
    page = office.read(f"/{clerk.id}")
    assert "<strong>Ada Admin</strong> changed the account" in page and "<del>Karin Ek</del>" in page
    stale = office.post(f"/{clerk.id}", **{**old, "name": "Karin Annan"})
    assert stale.status_code == 409 and "has changed this account meanwhile" in stale.get_data(as_text=True)
    assert 'value="Karin Annan"' in stale.get_data(as_text=True)
    assert fresh(clerk).name == "Karin Ek-Lind"


def test_a_closed_account_is_out_at_once_and_its_cases_are_the_departments_again(
    office: Office, clerk: Staff, sign_in: Callable[[Staff], FlaskClient], resident_case: Callable[..., Case]
) -> None:
    case, browser = resident_case(), sign_in(clerk)
    with unit_of_work() as session:
        lifecycle.assign(session.get_one(Case, case.id), to=clerk, by=clerk.as_actor(), now=clock.now())
    assert browser.get("/staff/queue").status_code == 200
    assert office.post(f"/{clerk.id}/closure").status_code == 303
    assert browser.get("/staff/queue").status_code == 302
    assert db.session.get_one(Case, case.id, populate_existing=True).assignee_id is None
    last = db.session.scalars(sa.select(Event).where(Event.subject == "case").order_by(Event.id.desc()).limit(1)).one()
    assert (last.verb, last.staff_id) == ("release", office.staff.id)
    assert "Karin Ek" not in office.read() and "Karin Ek" in office.read("?state=closed")
    refused = office.client.post(f"{ROOM}/{clerk.id}/invitation", follow_redirects=True)
    assert refused.status_code in (400, 200)
    assert office.post(f"/{clerk.id}/reopening").status_code == 303 and fresh(clerk).active
    browser = sign_in(clerk)
    assert office.post(f"/{clerk.id}/sessions/end").status_code == 303
    assert browser.get("/staff/queue").status_code == 302
    ended = sa.select(sa.func.count()).where(StaffSession.staff_id == clerk.id, StaffSession.ended_at.is_(None))
    assert db.session.scalar(ended) == 0
    assert [verb for verb, _data in events(clerk)] == ["account_closed", "account_reopened", "sessions_ended"]


def test_nobody_takes_away_the_last_administrator_or_decides_on_their_own_rights(
    office: Office, hire: Callable[..., Staff]
) -> None:
    own = office.staff
    assert "Your own role and departments are decided by another administrator" in office.read(f"/{own.id}")
    for answer in (office.save(own, role="coordinator"), office.post(f"/{own.id}/closure")):
        assert answer.status_code == 422 and "Nobody decides on their own rights" in answer.get_data(as_text=True)
    assert office.save(own, name="Ada Lovelace").status_code == 303 and fresh(own).name == "Ada Lovelace"
    other = hire("Bo Admin", "administrator")
    now, by = clock.now(), other.as_actor()
    with unit_of_work():
        assert changes.close(changes.find(own.id, for_act=True) or own, by=by, now=now) == 0
    with pytest.raises(changes.LastAdministrator), unit_of_work():
        changes.close(changes.find(other.id, for_act=True) or other, by=own.as_actor(), now=now)
    with pytest.raises(changes.LastAdministrator), unit_of_work():
        found = changes.find(other.id, for_act=True) or other
        demoted = changes.Facts(found.name, found.email, "manager", None, {})
        changes.change(found, demoted, by=own.as_actor(), now=now)


def test_lost_second_steps_are_taken_away_by_somebody_else_and_the_person_is_told(
    office: Office, clerk: Staff, sign_in: Callable[[Staff], FlaskClient]
) -> None:
    hers, now = sign_in(clerk), clock.now()
    assert "There is no second step" in office.press(clerk, "/second-step/reset")
    with unit_of_work() as session:
        session.add(factors.AuthenticatorApp(staff_id=clerk.id, secret="sealed", made_at=now))
        key = {"credential_id": b"1", "public_key": b"", "sign_count": 0, "name": "Nyckel"}
        session.add(factors.Passkey(staff_id=clerk.id, made_at=now, **key))
        factors.new_codes(clerk, now)
    page = office.read(f"/{clerk.id}")
    assert "authenticator app, 1 passkey" in page and "10 recovery codes left" in page
    assert "Karin Ek is told by e-mail" in office.press(clerk, "/second-step/reset")
    assert factors.told(clerk) == factors.Told(False, 0, 0) and hers.get("/staff/account").status_code == 302
    assert [verb for verb, _data in events(clerk)][-1] == "second_step_reset"
    assert "took away the second steps" in office.read(f"/{clerk.id}")
    (mail,) = db.session.scalars(sa.select(Message).where(Message.staff_id == clerk.id))
    assert mail.purpose == "account" and "autentiseringsapp" in mail.body
    assert "page “My account”" in office.press(office.staff, "/second-step/reset")


def test_time_away_is_written_down_ended_and_seen_in_the_roll(office: Office, clerk: Staff) -> None:
    first, last = clock.today(), clock.today() + timedelta(days=9)
    away = {"person": str(clerk.id), "first_day": str(last), "last_day": str(first)}
    wrong = office.post(f"/{clerk.id}/away", **away)
    assert wrong.status_code == 422 and "The last day cannot come before the first." in wrong.get_data(as_text=True)
    assert (
        office.post(f"/{clerk.id}/away", **{**away, "first_day": str(first), "last_day": str(last)}).status_code == 303
    )
    (absence,) = db.session.scalars(sa.select(Absence))
    assert (absence.staff_id, absence.registered_by, absence.last_day) == (clerk.id, office.staff.id, last)
    assert "away until" in office.read() and "away now" in office.read(f"/{clerk.id}")
    assert office.post(f"/{office.staff.id}/away/{absence.id}/end").status_code == 404
    assert "That time away has ended." in office.press(clerk, f"/away/{absence.id}/end")
    assert "away until" not in office.read()


def test_the_roll_is_found_by_name_role_department_and_level_and_paged(
    office: Office, hire: Callable[..., Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Åsa Ö", "Bo 100%", "Cecilia Ek"):
        hire(name, "caseworker", "sb")
    hire("Disa Ek", "coordinator", "kf")
    names = lambda **asked: [row.name for row in roll.page(roll.Filter.of(asked), today=TODAY).rows]  # noqa: E731
    assert names() == ["Ada Admin", "Bo 100%", "Cecilia Ek", "Disa Ek", "Åsa Ö"]
    assert names(text="0%") == ["Bo 100%"] and names(text="ek disa") == ["Disa Ek"]
    assert names(role="coordinator") == names(level="lead") == names(department="kf") == ["Disa Ek"]
    assert names(department="sb", level="lead") == [] and "Nobody matches this" in office.read("?text=ingen")
    monkeypatch.setattr(roll, "PAGE", 2)
    first = roll.page(roll.Filter(), today=TODAY)
    second = roll.page(roll.Filter(), first.next_key, today=TODAY)
    assert [row.name for row in second.rows] == ["Cecilia Ek", "Disa Ek"] and first.total == 5
    assert len(roll.page(roll.Filter(), "mangled", today=TODAY).rows) == 2


def test_in_a_browser_a_person_is_added_and_given_another_level(
    office: Office, browser_page: Page, look: Callable[[Page, str], None], hire: Callable[..., Staff]
) -> None:
    hire("Karin Ek", "coordinator", "sb", "kf", "utb")
    hire("Olle Ny", "caseworker")
    enter(browser_page, office.client, "/staff/")
    expect(browser_page).to_have_url(f"{office.client.application.config['BASE_URL']}{ROOM}")
    look(browser_page, "people")
    browser_page.get_by_role("link", name="Lägg till en person").click()
    browser_page.get_by_label("Namn").fill("Nils Åström")
    browser_page.get_by_label("E-post").fill("nils@example.org")
    browser_page.get_by_label("Registrator").check()
    browser_page.get_by_label("Alla verksamheter nedan").select_option("handle")
    look(browser_page, "people-new")
    browser_page.get_by_role("button", name="Lägg till och bjud in").click()
    browser_page.get_by_label("Chef").check()
    browser_page.get_by_role("button", name="Spara").click()
    expect(browser_page.locator("#error-summary")).to_be_focused()
    look(browser_page, "people-wrong")
    browser_page.get_by_label("Samordnare").check()
    browser_page.get_by_role("button", name="Spara").click()
    expect(browser_page.locator(".people-history")).to_contain_text("ändrade kontot")
    look(browser_page, "person")
