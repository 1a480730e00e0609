"""Known faults: a caseworker's line that residents find on the form, and follow instead of reporting it again."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from werkzeug.test import TestResponse

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases import lifecycle
from caseflow.cases.delivery import deliveries
from caseflow.cases.faults import fault_news, known_faults
from caseflow.cases.faults.known_fault import FaultFollower, KnownFault
from caseflow.cases.faults.known_faults import Line
from caseflow.cases.models import Case, Department, Municipality
from caseflow.cases.relations import merging
from caseflow.database import db, unit_of_work
from caseflow.messages.channels.port import Lost
from caseflow.messages.models import Message
from tests.cases.acting import Desk, WithToken
from tests.elks import Elks, _provider, elks
from tests.intake.acting import act
from tests.intake.conftest import Send, cases, said, token_in

__all__ = ["_provider", "elks"]
File = Callable[..., Case]
Follow = Callable[..., TestResponse]
FAULT = {"kind": "felanmalan", "category": "sb.belysning", "place": "58.70560, 15.76740"}
LINE = Line("Gatlamporna är släckta", "Skolgatan", date(2026, 11, 20), "58.70560, 15.76740")
SECRETS = ("Rut", "rut@example.org", "utanför Skolgatan 4")


@pytest.fixture
def known(resident_case: File, clerk: Staff) -> Case:
    """A case of which residents are told."""
    case = resident_case(**FAULT)
    act(known_faults.publish, case, clerk, LINE)
    return case


@pytest.fixture
def follow(resident: FlaskClient) -> Follow:
    """follow(1, "email", email="…"): fill in the form and press."""

    def press(number: int, way: str, **fields: object) -> TestResponse:
        page = f"/known-faults/{number}"
        data = {"way": way, "submission": uuid.uuid4().hex, **fields}
        return resident.post(page, data={**data, "csrf_token": token_in(resident.get(page))})

    return press


def sent() -> list[Message]:
    db.session.rollback()
    query = sa.select(Message).where(Message.purpose == "known_fault").order_by(Message.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def followers() -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(FaultFollower)) or 0


def told(now: Any = None) -> list[str]:
    """What those who follow are told now."""
    before = len(sent())
    fault_news.send(now or clock.now())
    return [message.body for message in sent()[before:]]


def test_a_caseworker_writes_the_line_and_residents_read_nothing_else(
    resident_case: File,
    clerk: Staff,
    outsider: Staff,
    sign_in: Callable[[Staff], FlaskClient],
    with_token: WithToken,
    resident: FlaskClient,
) -> None:
    case = resident_case(**FAULT)
    desk = Desk(sign_in(clerk), with_token, case)
    assert "Tell residents of the fault" in desk.read()
    page = desk.client.get(f"{desk.path}/known-fault").text
    assert 'value="58.70560, 15.76740"' in page and 'value="Gatlampan' not in page
    line = {"line": "Rut Åkesson ser dåligt", "place": "", "point": "här", "since": "2050-01-01"}
    wrong = desk.act("known-fault", **line)
    assert wrong.status_code == 422 and 'value="Rut Åkesson ser dåligt"' in wrong.text
    for words in ("Leave out who has reported it", "Write the coordinates as", "Write a day that has been"):
        assert words in said(wrong)
    line = {"line": LINE.title, "place": LINE.place, "point": LINE.point, "since": "2026-11-20"}
    first = desk.act("known-fault", **line)
    assert (first.status_code, desk.verbs()[-1]) == (303, "publish")
    assert desk.act("known-fault", **line, version="1").status_code == 303  # the same once more
    assert desk.act("known-fault", **{**line, "line": "Annat"}, version="1").status_code == 409
    assert "told residents of the fault: “Gatlamporna är släckta”" in said(desk.client.get(desk.path))
    for address in ("", "?place=Skolgatan+9", "/1", "?department=sb"):
        page = resident.get(f"/known-faults{address}").text
        assert "Gatlamporna är släckta" in page and "We know about it." in page
        assert not any(word in page for word in SECRETS), address
    assert "We know of no fault there." in said(resident.get("/known-faults?place=Storgatan+1"))
    assert Desk(sign_in(outsider), with_token, case).act("known-fault", **line).status_code == 404
    assert desk.act("known-fault/removal").status_code == 303
    assert (desk.verbs()[-1], resident.get("/known-faults/1").status_code) == ("unpublish", 404)
    assert "We know of no faults just now." in said(resident.get("/known-faults"))


def test_the_form_shows_what_is_known_before_it_takes_in_and_stops_nobody_twice(
    known: Case, send: Send, resident: FlaskClient
) -> None:
    page = send(place="Skolgatan 11")
    assert (page.status_code, len(cases())) == (422, 1)
    assert "We know about this already" in said(page) and 'name="told" value="1"' in page.text
    assert "error-summary" not in page.text and not any(word in page.text for word in SECRETS[:2])
    assert send(place="Skolgatan 11", told="1").status_code == 303
    near = "/known-faults/near?language=en&kind={}&department={}&category={}&place={}"
    shows = {
        ("felanmalan", "", "", "58.7058, 15.7676"): True,  # 30 metres away
        ("felanmalan", "", "", "58.7158, 15.7676"): False,  # a kilometre away
        ("felanmalan", "", "sb.belysning", ""): True,
        ("felanmalan", "", "sb.snow", "utanför skolgatan 2, Finspång"): True,
        ("felanmalan", "sb", "", ""): True,
        ("felanmalan", "kf", "", "Storgatan"): False,
        ("fraga", "", "sb.belysning", ""): False,
        ("x", "", "", "\x00"): False,
    }
    for asked, shown in shows.items():
        assert ("Gatlamporna" in resident.get(near.format(*asked)).text) is shown, asked


def test_nobody_is_told_where_the_municipality_has_not_said_so_or_secrecy_forbids(
    known: Case, resident_case: File, clerk: Staff, resident: FlaskClient, follow: Follow
) -> None:
    follow(1, "email", email="eva@example.org")
    for change in (
        sa.update(Department).where(Department.code == "sb").values(secret=True),
        sa.update(Department).where(Department.code == "sb").values(known_faults=False, secret=False),
    ):
        with unit_of_work() as session:
            session.execute(change)
        assert resident.get("/known-faults/1").status_code == 404
        assert "Gatlamporna" not in resident.get("/known-faults").text
        with pytest.raises(lifecycle.Illegal):
            act(known_faults.publish, resident_case(**FAULT), clerk, LINE)
    with unit_of_work() as session:
        session.get_one(Municipality, 1).residents = {"known_faults": True}
    assert resident.get("/known-faults/1").status_code == 200
    with unit_of_work() as session:
        session.execute(sa.update(Department).where(Department.code == "sb").values(secret=True))
    act(lifecycle.close, known, clerk, resolution="fixed", reason="Klart")
    assert told() == []
    assert "Gatlamporna" not in resident.get(f"/following/{db.session.scalar(sa.select(FaultFollower.code))}").text
    with pytest.raises(lifecycle.Illegal):
        act(known_faults.publish, resident_case(**{**FAULT, "kind": "fraga"}), clerk, LINE)


def test_who_follows_is_told_once_when_it_changes_and_can_leave_by_the_link(
    known: Case,
    clerk: Staff,
    follow: Follow,
    resident: FlaskClient,
    sign_in: Callable[[Staff], FlaskClient],
    with_token: WithToken,
    deliver_all: Callable[[], None],
) -> None:
    desk = Desk(sign_in(clerk), with_token, known)
    assert [follow(1, "email", email="Eva@Example.org").status_code for _time in range(2)] == [303, 303]
    mark = uuid.uuid4().hex
    own = {follow(1, "none", submission=mark).location for _time in range(2)}
    assert (followers(), len(own), len(sent())) == (2, 1, 1)
    assert "You follow it now: We know about it." in sent()[0].body
    assert "2 people follow it." in desk.read()
    act(lifecycle.assign, known, clerk, to=clerk)
    act(lifecycle.park, known, clerk, until=date(2099, 5, 4), reason="Hos Rut")
    assert len(told()) == 1 and "We have planned it for" in sent()[-1].body  # of two changes the last
    assert not any(word in sent()[-1].body for word in ("Rut", "Lampan"))
    assert told() == []
    page = said(resident.get(own.pop()))
    assert "We have planned it for" in page and "We are working on it." in page
    act(lifecycle.close, known, clerk, resolution="fixed", reason="Klart")
    assert "It is fixed." in told()[0]
    assert resident.get("/known-faults/1").status_code == 404
    act(lifecycle.reopen, known, clerk, reason="Trasig igen")
    assert "We are working on it." in told()[0]
    deliver_all()
    assert {message.status for message in sent()} == {"accepted"}
    link = str(sent()[-1].frame["link"])
    code = link.rpartition("/")[2]
    page = resident.get(f"/following/{code}")
    left = resident.post(f"/following/{code}/leaving", data={"csrf_token": token_in(page)})
    assert (left.status_code, followers(), sent()) == (303, 1, [])
    assert resident.get(f"/following/{code}").status_code == 404
    events = db.session.scalars(sa.select(Event.data).where(Event.verb.in_(("publish", "close")))).all()
    assert "eva" not in str(events)


def test_by_sms_residents_and_followers_get_a_sentence_and_a_link_and_a_number_that_is_dead_is_forgotten(
    live_url: str,
    known: Case,
    resident_case: File,
    clerk: Staff,
    follow: Follow,
    elks: Elks,
    deliver_all: Callable[[], None],
) -> None:
    case = resident_case(reply_by="phone")
    act(lifecycle.correct, case, clerk, {"notify_by": "sms"})
    follow(1, "sms", phone="070-174 06 06")
    act(lifecycle.assign, case, clerk, to=clerk)
    deliver_all()
    by_number = {row["to"]: row for row in elks.taken}
    assert set(by_number) == {"+46701740605", "+46701740606"}
    notice, welcome = by_number["+46701740605"], by_number["+46701740606"]
    assert case.number in notice["message"] and notice["message"].endswith(f"{live_url}/case/")
    assert not any(word in notice["message"] for word in (case.code, "Lampan", "Samhäll"))
    assert "You follow it now" in welcome["message"] and f"{live_url}/following/" in welcome["message"]
    assert not any(word in welcome["message"] for word in SECRETS)
    assert elks.tell(notice, "delivered") == [[204]]
    act(lifecycle.close, known, clerk, resolution="fixed", reason="Klart")
    assert "It is fixed." in told()[0]
    deliver_all()
    assert "It is fixed." in elks.taken[-1]["message"]
    assert elks.tell(elks.taken[-1], "failed") == [[204]]
    db.session.rollback()
    assert db.session.scalars(sa.select(FaultFollower.way)).all() == ["none"]
    assert set(db.session.scalars(sa.select(Message.status).where(Message.purpose == "update"))) == {"delivered"}


def test_a_robot_and_a_wrong_address_get_nothing_and_old_followers_are_forgotten(
    app: Flask, known: Case, clerk: Staff, follow: Follow, resident: FlaskClient, resident_case: File
) -> None:
    assert follow(1, "email", email="eva@example.org", homepage="x").status_code == 303
    assert follow(1, "email", email="eva").status_code == 422
    assert follow(1, "sms", phone="0122-850 00").status_code == 422  # no mobile number
    assert follow(1, "email").status_code == 422
    assert (followers(), len(sent())) == (0, 0)
    follow(1, "email", email="eva@example.org")
    with unit_of_work() as session:
        session.execute(sa.update(Message).values(status="accepted"))
    assert deliveries.report(sent()[0].id, Lost("bounced", "550 no such user"))
    assert db.session.scalars(sa.select(FaultFollower.way)).all() == ["none"]
    assert sent()[0].status == "cancelled"
    follow(1, "email", email="rut@example.org")
    main = resident_case(**FAULT)
    _merge(known, main, clerk)
    assert (followers(), known_faults.find(1) is not None) == (2, True)
    act(lifecycle.close, main, clerk, resolution="no_action", reason="Nej")
    for days, left in ((29, 2), (31, 0)):
        with unit_of_work():
            fault_news.forget(clock.now() + timedelta(days=days))
        assert followers() == left
    assert sent() == []
    with unit_of_work() as session:
        session.execute(sa.delete(KnownFault))


def _merge(case: Case, main: Case, by: Staff) -> None:
    with unit_of_work() as session:
        one, other = (session.get_one(Case, which.id, populate_existing=True) for which in (case, main))
        merging.merge(one, other, by=by.as_actor(), now=clock.now())


def test_in_a_browser_a_resident_follows_instead_of_writing(
    known: Case, browser_page: Page, look: Callable[[Page, str], None]
) -> None:
    page = browser_page
    page.goto("/new?kind=felanmalan")
    page.fill("#place", "Skolgatan 2")
    page.locator("#place").press("Tab")
    expect(page.locator(".known-here")).to_contain_text("Gatlamporna är släckta")
    assert page.evaluate("document.querySelector('.known-here').getBoundingClientRect().top") > 0
    look(page, "known-on-the-form")
    with page.expect_popup() as opened:
        page.click(".known-here li a")
    fault = opened.value
    fault.check("[name=way][value=email]")
    look(fault, "known-fault")
    fault.fill("#email", "eva@example.org")
    fault.click(".follow .button")
    expect(fault.locator(".flash")).to_be_visible()
    assert followers() == 1
    page.goto("/known-faults")
    look(page, "known-faults")
