"""Mail to staff: the same outbox, without a case; who manages accounts sees what did not arrive."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import lazy_gettext as _l

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases.delivery import deliveries, worklist
from caseflow.cases.models import Case, Municipality
from caseflow.database import db, unit_of_work
from caseflow.language import COOKIE
from caseflow.mailroom import ingest
from caseflow.mailroom.ingest import Origin
from caseflow.messages import gauges, sealed_links, staff_mail
from caseflow.messages.channels.port import Lost
from caseflow.messages.models import IncomingMail, Message
from tests.mailbox import Mailbox
from tests.messages.posting import fresh


def put(staff: Staff, **facts: object) -> Message:
    told: dict[str, object] = {"purpose": "mention", "subject": _l("Sign in"), "body": "Rad ett.\n\nRad två."}
    with unit_of_work():
        return staff_mail.put(staff, **{**told, "now": clock.now(), **facts})  # type: ignore[arg-type]


def verbs(staff: Staff) -> list[str]:
    told = sa.select(Event.verb).where(Event.subject == "staff", Event.subject_id == staff.id).order_by(Event.id)
    return list(db.session.scalars(told))


def test_it_goes_out_by_itself_in_the_persons_language_and_leads_into_no_case(
    app: Flask, clerk: Staff, smtp: Mailbox
) -> None:
    with unit_of_work() as session:
        session.get_one(Staff, clerk.id).language = "fi"
        session.get_one(Municipality, 1).mailbox = "arende@finspang.example"
    message = put(clerk, link="http://caseflow.test/staff/", nonce="abc")
    deliveries.deliver(message.id)
    assert fresh(message).status == "accepted"
    (mail,) = smtp.mails
    assert mail["To"].addresses[0].addr_spec == clerk.email
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Reply-To"] is None
    assert mail["Subject"] == "Kirjaudu" and mail["Content-Language"] == "fi"
    token = sealed_links.token("abc", app.config["SECRET_KEY"])
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        text = part.get_content()
        assert "Karin Ek" in text and "Rad två." in text and "Finspång" in text
        assert f"http://caseflow.test/staff/{token}" in text and not re.search(r"\d{4}-\d{5}", text)
    assert token not in str(db.session.execute(sa.text("SELECT m::text FROM message m")).scalars().all())


def test_a_message_has_one_owner(clerk: Staff, resident_case: Callable[..., Case]) -> None:
    message = put(clerk)
    for change in ({"staff_id": None}, {"case_id": resident_case().id}, {"purpose": "reply"}):
        with pytest.raises(sa.exc.IntegrityError), unit_of_work() as session:
            session.execute(sa.update(Message).where(Message.id == message.id).values(**change))


def test_what_does_not_arrive_is_shown_to_who_manages_accounts_and_counted_with_the_rest(
    clerk: Staff,
    hire: Callable[..., Staff],
    smtp: Mailbox,
    sign_in: Callable[[Staff], FlaskClient],
    with_token: Callable[..., dict[str, object]],
) -> None:
    boss, coordinator = hire("Siv Chef", "administrator"), hire("Lo Led", "coordinator", "sb")
    smtp.refuse[clerk.email] = "550 5.1.1 No such user here"
    message = put(clerk)
    deliveries.deliver(message.id)
    assert fresh(message).status == "failed" and verbs(clerk) == ["mail_undelivered"]
    assert not worklist.page(coordinator, worklist.Filter(), clock.now()).rows
    assert ("messages", "email", "failed", 1) in gauges.read(clock.now())
    client = sign_in(boss)
    client.set_cookie(COOKIE, "en")
    page = client.get("/staff/staff-mails").get_data(as_text=True)
    assert "Mail about a mention" in page and clerk.name in page and "No such user here" in page
    assert sign_in(coordinator).get("/staff/staff-mails").status_code == 403

    def act(noun: str, **data: object) -> int:
        there = f"/staff/staff-mails/{message.id}/{noun}"
        return client.post(there, data=with_token(client, data, "/staff/staff-mails")).status_code

    assert act("handling", note="") == 422
    assert act("resend") == 303 and fresh(message).status == "queued"
    deliveries.deliver(message.id)
    assert act("handling", note="Ringde.") == 303 and act("handling", note="Ringde.") == 303
    assert "Mail about a mention" not in client.get("/staff/staff-mails").get_data(as_text=True)
    assert verbs(clerk) == ["mail_undelivered", "mail_sent_again", "mail_undelivered", "mail_handled"]


def test_a_bounce_finds_it_and_an_answer_to_it_is_no_errand(app: Flask, clerk: Staff) -> None:
    message = put(clerk)
    with unit_of_work():
        session_values = {"status": "accepted", "accepted_at": clock.now()}
        db.session.execute(sa.update(Message).where(Message.id == message.id).values(**session_values))
    head = f"From: {clerk.email}\r\nTo: info@finspang.example\r\nSubject: Sv: Sign in\r\nMessage-ID: <a@b>\r\n"
    raw = f"{head}In-Reply-To: {message.header_id}\r\n\r\nTack!\r\n".encode()
    mail_id = ingest.keep(raw, Origin("test", clock.now()), app.config)
    ingest.process(mail_id, app.config)
    kept = db.session.get_one(IncomingMail, mail_id, populate_existing=True)
    assert (kept.outcome, kept.note, kept.case_id) == ("held", "staff", None)
    assert deliveries.report(message.id, Lost("bounced", "5.1.1 gone"))
    assert fresh(message).status == "bounced" and verbs(clerk) == ["mail_undelivered"]


def test_it_is_retried_and_a_link_that_opens_nothing_is_not_sent(clerk: Staff, smtp: Mailbox) -> None:
    smtp.refuse[clerk.email] = "451 4.3.2 Try later"
    message = put(clerk, nonce="abc")
    deliveries.deliver(message.id)
    assert fresh(message).status == "queued" and fresh(message).next_attempt_at > clock.now() + timedelta(seconds=30)
    with unit_of_work():
        staff_mail.withdraw("another")
    assert fresh(message).status == "queued"
    with unit_of_work():
        staff_mail.withdraw("abc")
    assert fresh(message).status == "cancelled"
