"""Staff register a case that came by phone, letter, desk or e-mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.test import TestResponse

from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases import codes
from caseflow.cases.models import Case
from caseflow.database import db
from caseflow.language import COOKIE
from tests.cases.entering import enter

CALL = {
    "source": "phone",
    "kind": "felanmalan",
    "department": "sb",
    "category": "",
    "description": "Ringde om lampan vid skolan.",
    "language": "sv",
    "reply_by": "phone",
    "phone": "070 174 06 05",
    "submission": "one",
}
Register = Callable[..., TestResponse]


@pytest.fixture
def client(sign_in: Callable[[Staff], FlaskClient], clerk: Staff) -> FlaskClient:
    client = sign_in(clerk)
    client.set_cookie(COOKIE, "en")
    return client


@pytest.fixture
def register(client: FlaskClient, with_token: Callable[..., dict[str, object]]) -> Register:
    def send(**changed: object) -> TestResponse:
        return client.post("/staff/cases/new", data=with_token(client, {**CALL, **changed}))

    return send


def cases() -> list[Case]:
    return list(db.session.scalars(sa.select(Case).order_by(Case.id)))


def test_a_call_becomes_a_case_with_number_and_code_to_hand_on(
    register: Register, client: FlaskClient, clerk: Staff
) -> None:
    answer = register()
    [case] = cases()
    assert (answer.status_code, answer.location) == (303, f"/staff/cases/{case.number}/registration")
    assert (case.source, case.registered_by, case.phone, case.reply_by) == ("phone", clerk.id, "+46701740605", "phone")
    page = client.get(answer.location).get_data(as_text=True)
    assert case.number in page
    assert codes.grouped(case.code) in page
    assert "Open the case" in page
    event = db.session.scalars(sa.select(Event)).one()
    assert (event.verb, event.staff_id, event.data["source"]) == ("receive", clerk.id, "phone")
    assert "Karin Ek registered the case (Phone call)" in client.get(f"/staff/cases/{case.number}").get_data(
        as_text=True
    )


def test_a_case_for_another_department_shows_number_code_and_where_it_went_only(
    register: Register, client: FlaskClient
) -> None:
    answer = register(department="kf", description="En hemlig fråga om simhallen.")
    page = client.get(answer.location).get_data(as_text=True)
    [case] = cases()
    assert case.department_code == "kf"
    assert case.number in page
    assert "Culture and leisure" in page
    assert "simhallen" not in page
    assert "Open the case" not in page
    assert client.get(f"/staff/cases/{case.number}").status_code == 404


def test_routing_rules_apply_to_what_staff_register(register: Register) -> None:
    register(department="vet", description="Det är halt och oplogat på Skolgatan.")
    [case] = cases()
    assert case.department_code == "sb"
    assert case.routed["by"] == "rule"


def test_registering_twice_makes_one_case(register: Register) -> None:
    assert register().location == register().location
    assert len(cases()) == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"source": "web"}, "Choose how it came in."),
        ({"kind": ""}, "Choose what the resident wants."),
        ({"department": ""}, "Choose a department, or that you do not know."),
        ({"department": "atlantis"}, "Choose a department, or that you do not know."),
        ({"category": "x.y"}, "Choose a category of the list."),
        ({"description": "  "}, "Write what the resident wants."),
        ({"language": "tlh"}, "Choose a language."),
        ({"reply_by": "fax"}, "Choose how the reply goes."),
        ({"phone": ""}, "Write the phone number that we call."),
        ({"phone": "12"}, "Write the phone number with its area code"),
        ({"reply_by": "letter"}, "Write the street or box address."),
        ({"reply_by": "email"}, "Write the e-mail address that the reply goes to."),
        ({"reply_by": "email", "email": "rut@"}, "Write the whole e-mail address"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    register: Register, changed: dict[str, str], said: str
) -> None:
    answer = register(**changed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    if "description" not in changed:
        assert "Ringde om lampan vid skolan.</textarea>" in page
    assert cases() == []


@pytest.fixture
def monday(clock_at: Callable[[datetime], object]) -> Callable[[datetime], object]:
    """Set before anybody signs in: a session from the future is no session."""
    clock_at(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    return clock_at


def test_the_code_is_shown_to_the_registrar_on_that_day_only(
    monday: Callable[[datetime], object],
    register: Register,
    client: FlaskClient,
    sign_in: Callable[[Staff], FlaskClient],
    hire: Callable[..., Staff],
) -> None:
    path = register().location
    colleague = sign_in(hire("Ali Hassan", "caseworker", "sb"))
    assert client.get(path).status_code == 200
    assert colleague.get(path).status_code == 404
    assert client.get("/staff/cases/2020-1/registration").status_code == 404
    monday(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
    assert client.get(path).status_code == 404


def test_a_resident_who_wants_e_mail_gets_the_receipt(register: Register) -> None:
    register(reply_by="email", email="rut@example.org", phone="")
    [case] = cases()
    assert [message.purpose for message in case.messages] == ["receipt"]


def test_a_manager_does_not_register(
    sign_in: Callable[[Staff], FlaskClient], manager: Staff, with_token: Callable[..., dict[str, object]]
) -> None:
    client = sign_in(manager)
    assert client.get("/staff/cases/new").status_code == 403
    assert client.post("/staff/cases/new", data=with_token(client, dict(CALL))).status_code == 403


def test_the_forms_pages_look_right(
    browser_page: Page, look: Callable[[Page, str], None], client: FlaskClient, register: Register
) -> None:
    path = register().location
    enter(browser_page, client, "/staff/cases/new")
    browser_page.context.add_cookies([{"name": COOKIE, "value": "en", "url": browser_page.url}])
    browser_page.reload()
    browser_page.select_option("#category", "sb.fordon")
    browser_page.get_by_label("Where does it stand?").wait_for()
    look(browser_page, "register")
    browser_page.get_by_role("button", name="Register the case").click()
    browser_page.wait_for_selector(".error-summary")
    look(browser_page, "register-errors")
    browser_page.goto(path)
    look(browser_page, "registered")


def test_staff_attach_files_are_asked_what_the_category_asks_and_take_a_number_apart(
    register: Register, client: FlaskClient
) -> None:
    vehicle = {"category": "sb.fordon", "phone": "070-174 06 05 (efter 17)", "best_time": "inte fredag"}
    page = register(**vehicle)
    assert (page.status_code, cases()) == (422, [])
    assert "Where does it stand?" in page.text and 'value="sb.fordon"' in page.text
    shown = register(**vehicle, ask="y", description="")
    assert shown.status_code == 200 and "Where does it stand?" in shown.text and "error-summary" not in shown.text
    assert "asks nothing besides" in register(ask="y").text
    alone = client.get("/staff/cases/new/questions?category=sb.fordon").text
    assert "Where does it stand?" in alone and "<html" not in alone
    assert client.get("/staff/cases/new/questions?category=%00").text.strip() == ""
    wrong = register(**vehicle, asked="sb.fordon", q_days="många")
    assert wrong.status_code == 422 and "many" not in wrong.text.partition("error-summary")[0]
    plan = (BytesIO(b"%PDF-1.4\n%%EOF"), "skiss.pdf")
    assert register(**vehicle, asked="sb.fordon", q_plate="abc 123", files=plan).status_code == 303
    [case] = cases()
    assert (case.phone, case.best_time) == ("+46701740605", "efter 17; inte fredag")
    assert [answer["value"] for answer in case.answers] == ["abc 123"]
    assert "skiss.pdf" in client.get(f"/staff/cases/{case.number}").text


def test_of_who_has_protected_personal_data_nothing_is_written_down(register: Register, client: FlaskClient) -> None:
    told = register(protected="y")
    assert told.status_code == 422 and "Then nothing is kept" in told.text
    assert register(protected="y", phone="", reply_by="none").status_code == 303
    [case] = cases()
    assert (case.protected, case.phone, case.registered_by is not None) == (True, None, True)
    assert client.get(f"/staff/cases/{case.number}").status_code == 404  # who took the call is not named for that
    assert client.get(f"/staff/cases/{case.number}/registration").status_code == 200
