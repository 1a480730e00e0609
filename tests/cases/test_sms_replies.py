"""A reply by SMS: who can have one, what it says, and how it is told on every page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from caseflow.accounts.models import Staff
from caseflow.cases import announcements
from caseflow.cases.models import Case, Department
from caseflow.database import db
from caseflow.messages.models import Message
from caseflow.messages.sms.segments import measure
from tests.cases.acting import Desk
from tests.cases.replying import fresh, reply

ENGLISH = {"Accept-Language": "en"}
TEXT = "Lampan lagas på måndag."
File = Callable[..., Case]


@pytest.fixture
def without_sms(app: Flask) -> Iterator[None]:
    """A production house without an SMS account."""
    before, app.config["DEMO"] = app.config["DEMO"], False
    yield
    app.config["DEMO"] = before


@pytest.mark.parametrize(
    ("phone", "ways"),
    [
        ("+46701740605", ("phone", "sms", "none")),
        ("+4520123456", ("phone", "sms", "none")),  # Denmark does not tell them apart
        ("+4612285000", ("phone", "none")),
        ("+46771123456", ("phone", "none")),
    ],
)
def test_only_a_mobile_takes_an_sms(resident_case: File, phone: str, ways: tuple[str, ...]) -> None:
    assert announcements.reachable_by(resident_case(reply_by="phone", phone=phone)) == ways


def test_a_house_without_an_account_offers_none(resident_case: File, without_sms: None) -> None:
    assert announcements.reachable_by(resident_case(reply_by="phone")) == ("phone", "none")


def test_it_says_the_words_the_municipality_and_the_number(resident_case: File, clerk: Staff) -> None:
    case = resident_case(reply_by="phone", language="en")
    message = reply(case, clerk, "sms", f"{TEXT}\n")
    assert message.recipient == {"name": "Rut Åkesson", "phone": "+46701740605"}
    assert message.body == f"{TEXT}\n\nFinspångs kommun, case {case.number}"
    assert measure(message.body).parts == 1
    assert message.status == "accepted"


def test_for_a_secret_department_it_only_says_that_there_is_something_to_read(
    resident_case: File, hire: Callable[..., Staff], app: Flask
) -> None:
    helper = hire("Mirja Social", "caseworker", "ifo")
    case = resident_case(reply_by="phone", department="ifo", language="en", kind="synpunkt")
    message = reply(case, helper, "sms", TEXT)
    assert case.number in message.body
    assert message.body.endswith(f"{app.config['BASE_URL']}/case/")
    department = db.session.get_one(Department, "ifo").name("en")
    for secret in (TEXT, case.code, case.subject, "Rut", department, "Mirja"):
        assert secret not in message.body


def test_a_caseworker_sends_one_and_reads_what_became_of_it(desk_with: Callable[..., Desk], app: Flask) -> None:
    desk = desk_with(reply_by="phone")
    assert "Send as SMS" in desk.read()
    refused = desk.act("replies", text=TEXT, channel="sms", submission="one")
    assert refused.status_code == 422  # another way than the one that was wished for needs a reason
    assert desk.act("replies", text=TEXT, channel="sms", submission="one", reason="Hör dåligt.").status_code == 303
    (message,) = desk.messages()
    assert (message.channel, message.status) == ("sms", "queued")
    page = desk.read()
    assert "SMS" in page
    assert "in the outbox" in page


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("queued", "On its way to you by SMS."),
        ("accepted", "Sent to you by SMS on"),
        ("delivered", "Sent to you by SMS on"),
        ("failed", "We could not reach you by SMS, so read it here."),
        ("bounced", "We could not reach you by SMS, so read it here."),
        ("unknown", "We could not reach you by SMS, so read it here."),
    ],
)
def test_the_own_page_tells_how_it_travels(
    resident_case: File, clerk: Staff, client: FlaskClient, status: str, told: str
) -> None:
    case = resident_case(reply_by="phone", language="en")
    message = reply(case, clerk, "sms", TEXT)
    message.status = status
    if status == "delivered":
        message.delivered_at = message.created_at + timedelta(minutes=1)
    db.session.commit()
    page = client.get(f"/case/{case.code}", headers=ENGLISH, follow_redirects=True).get_data(as_text=True)
    assert told in page
    assert "We answered you by SMS." in page


def test_it_counts_in_the_figures_and_breaks_none(
    resident_case: File, hire: Callable[..., Staff], clerk: Staff, sign_in: Callable[[Staff], FlaskClient]
) -> None:
    reply(resident_case(reply_by="phone"), clerk, "sms", TEXT)
    boss = hire("Maja Chef", "manager", "sb")
    assert sign_in(boss).get("/staff/statistics", headers=ENGLISH).status_code == 200
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Message).where(Message.channel == "sms")) == 1


def test_going_over_from_a_call_to_an_sms(resident_case: File, clerk: Staff, desk_with: Callable[..., Desk]) -> None:
    case = resident_case(reply_by="phone")
    call = reply(case, clerk, "phone", TEXT)
    desk = desk_with(at=case)
    assert desk.act(f"messages/{call.id}/redirection", channel="sms", reason="Svarar inte.").status_code == 303
    assert fresh(call).status == "cancelled"
    assert [message.channel for message in desk.messages()] == ["phone", "sms"]
