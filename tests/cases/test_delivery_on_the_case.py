"""What the case says of its messages, and what a person can do about one that did not arrive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask_babel import force_locale

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.delivery import deliveries, delivery_words, refusals
from caseflow.cases.post import letters
from caseflow.cases.screen import timeline
from caseflow.database import db, unit_of_work
from caseflow.messages.channels.port import Lost
from caseflow.messages.models import Message
from tests.cases.acting import Desk
from tests.mailbox import Mailbox

ALL = {"name": "Rut Åkesson", "street": "Skolgatan 4", "postcode": "61232", "town": "Finspång", "phone": "+46701740605"}


def sent(desk: Desk, channel: str = "email") -> Message:
    reason = "" if channel == desk.case().reply_by else "Hon bad om det."
    desk.act("replies", text="Lampan lagas.", channel=channel, reason=reason, submission="s", close_after="y")
    return desk.messages()[-1]


def deliver(message: Message) -> None:
    deliveries.deliver(message.id)


def become(message: Message, **values: object) -> None:
    """Put the message in a state that only a crash or a provider brings about."""
    with unit_of_work() as session:
        session.execute(sa.update(Message).where(Message.id == message.id).values(**values))


@pytest.fixture
def refused(desk_with: Callable[..., Desk], smtp: Mailbox) -> tuple[Desk, Message]:
    """A reply whose address does not exist: its case is open again."""
    smtp.refuse["rut@example.org"] = "550 5.1.1 No such user here"
    desk = desk_with(**ALL)
    message = sent(desk)
    deliver(message)
    return desk, message


@pytest.fixture
def unknown(desk_with: Callable[..., Desk], smtp: Mailbox) -> tuple[Desk, Message]:
    """A reply whose connection was lost after the server may have taken it."""
    desk = desk_with(**ALL)
    message = sent(desk)
    smtp.drop = True
    deliver(message)
    smtp.drop = False
    assert desk.messages()[-1].status == "unknown"
    return desk, message


def test_a_mail_says_how_it_stands_at_each_step(desk: Desk, smtp: Mailbox) -> None:
    message = sent(desk)
    assert "in the outbox" in desk.read()
    become(message, status="claimed", lease_until=clock.now())
    assert "being made ready" in desk.read()
    become(message, status="calling", lease_until=clock.now())
    assert "being handed over" in desk.read()
    become(message, status="queued", lease_until=None)
    smtp.refuse["rut@example.org"] = "451 4.3.2 Try later"
    deliver(message)
    page = desk.read()
    assert "1 attempt failed, next attempt" in page
    assert "451 4.3.2 Try later" in page
    smtp.refuse.clear()
    become(message, next_attempt_at=clock.now())
    deliver(message)
    assert "taken over by the mail server" in desk.read()


def test_without_a_mail_server_the_case_does_not_say_that_it_was_sent(desk: Desk) -> None:
    deliver(sent(desk))
    page = desk.read()
    assert "kept as a file, because no mail server is set up" in page
    assert "taken over" not in page


def test_a_letter_tells_of_pile_batch_and_post(desk_with: Callable[..., Desk], clerk: Staff) -> None:
    desk, clerk_id = desk_with(reply_by="letter"), clerk.id
    message = sent(desk, "letter")
    deliver(message)
    assert "in the pile, waits to be printed" in desk.read()
    with unit_of_work() as session:
        (batch,) = letters.make_batches(
            session.get_one(Staff, clerk_id), [message.id], config=desk.client.application.config, now=clock.now()
        )
    assert f"in batch {batch.id} of" in desk.read()
    assert "not posted yet" in desk.read()
    become(message, status="delivered", delivered_at=clock.now())
    assert "posted" in desk.read()


def test_a_call_tells_of_each_try(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(reply_by="phone")
    message = sent(desk, "phone")
    deliver(message)
    assert "in the call list" in desk.read()
    call = f"/staff/calls/{message.id}/outcomes"
    desk.client.post(call, data=desk.with_token(desk.client, {"outcome": "no_answer", "submission": "c1"}))
    page = desk.read()
    assert "called 1 time" in page
    assert "Karin Ek called: no answer" in page
    desk.client.post(call, data=desk.with_token(desk.client, {"outcome": "reached", "submission": "c2"}))
    assert "told by phone" in desk.read()


def test_a_refused_mail_opens_the_case_and_says_why(refused: tuple[Desk, Message]) -> None:
    desk, _message = refused
    page = desk.read()
    assert desk.case().status == "in_progress"
    assert "The e-mail did not get through: the address does not exist. The case was opened again" in page
    assert "550 5.1.1 No such user here" in page
    assert "See what you can do" in page
    assert "Send again" in page
    assert "Send another way" in page


def test_sending_again_goes_out_once_and_is_written_down(refused: tuple[Desk, Message], smtp: Mailbox) -> None:
    desk, message = refused
    smtp.refuse.clear()
    for _click in range(2):
        assert desk.act(f"messages/{message.id}/resend").status_code == 303
    deliver(message)
    assert desk.messages()[-1].status == "accepted"
    assert desk.verbs().count("resend") == 1
    assert "Karin Ek had the message sent again" in desk.read()
    assert len(smtp.mails) == 1


def test_another_way_takes_the_first_back(refused: tuple[Desk, Message]) -> None:
    desk, message = refused
    assert desk.act(f"messages/{message.id}/redirection", channel="letter", reason="").status_code == 422
    answer = desk.act(f"messages/{message.id}/redirection", channel="letter", reason="Adressen finns inte.")
    assert answer.status_code == 303
    assert [(found.channel, found.status) for found in desk.messages()] == [
        ("email", "cancelled"),
        ("letter", "queued"),
    ]
    page = desk.read()
    assert "Karin Ek chose another way to send: Letter instead of E-mail" in page
    assert "Adressen finns inte." in page
    assert "taken back" in page


def test_a_double_click_on_another_way_sends_one(refused: tuple[Desk, Message]) -> None:
    desk, message = refused
    chosen = {"channel": "letter", "reason": "Adressen finns inte.", "version": str(desk.case().version)}
    codes = [desk.act(f"messages/{message.id}/redirection", **chosen).status_code for _click in range(2)]
    assert codes == [303, 303]
    assert len(desk.messages()) == 2


def test_a_corrected_address_can_be_used_by_the_same_channel(refused: tuple[Desk, Message]) -> None:
    desk, message = refused
    desk.act("contact", **ALL, email="rut.ny@example.org")
    way = {"channel": "email", "reason": "Ny adress."}
    assert desk.act(f"messages/{message.id}/redirection", **way).status_code == 303
    assert desk.messages()[-1].recipient["email"] == "rut.ny@example.org"


def test_what_has_left_the_house_cannot_go_another_way(desk_with: Callable[..., Desk], smtp: Mailbox) -> None:
    desk = desk_with(**ALL)
    message = sent(desk)
    deliver(message)
    assert "Send another way" not in desk.read()
    late = desk.act(f"messages/{message.id}/redirection", channel="letter", reason="x")
    assert late.status_code == 409
    assert "the message has moved on" in late.get_data(as_text=True)
    assert len(desk.messages()) == 1


def test_a_message_that_a_worker_holds_is_not_waited_for(refused: tuple[Desk, Message]) -> None:
    desk, message = refused
    with db.engine.connect() as worker:
        worker.execute(sa.select(Message.id).where(Message.id == message.id).with_for_update())
        late = desk.act(f"messages/{message.id}/resend")
    assert late.status_code == 409
    assert "the message has moved on" in late.get_data(as_text=True)


@pytest.mark.parametrize(("arrived", "status"), [("yes", "accepted"), ("no", "queued")])
def test_a_person_settles_what_nobody_knows(unknown: tuple[Desk, Message], arrived: str, status: str) -> None:
    desk, message = unknown
    assert "Nobody knows whether the e-mail went out." in desk.read()
    for _click in range(2):
        assert desk.act(f"messages/{message.id}/settlement", arrived=arrived).status_code == 303
    assert desk.messages()[-1].status == status
    assert desk.verbs().count("settle") == 1
    if arrived == "yes":
        assert "Karin Ek noted that the message arrived" in desk.read()


def test_a_settlement_says_yes_or_no(unknown: tuple[Desk, Message]) -> None:
    desk, message = unknown
    assert desk.act(f"messages/{message.id}/settlement", arrived="perhaps").status_code == 422
    assert desk.messages()[-1].status == "unknown"


def test_a_message_of_another_case_is_not_found(desk: Desk, refused: tuple[Desk, Message]) -> None:
    for noun, data in (("resend", {}), ("settlement", {"arrived": "yes"}), ("redirection", {"channel": "none"})):
        filled = {**data, "reason": "x"}
        assert desk.act(f"messages/{refused[1].id}/{noun}", **filled).status_code == 404
        assert desk.act(f"messages/9999999/{noun}", **filled).status_code == 404
    assert refused[0].messages()[-1].status == "failed"


def test_an_outsider_can_do_nothing_about_it(
    refused: tuple[Desk, Message], desk_with: Callable[..., Desk], outsider: Staff
) -> None:
    desk, message = refused
    stranger = desk_with(staff=outsider, at=desk.case())
    assert stranger.act(f"messages/{message.id}/resend").status_code == 404
    assert stranger.act(f"messages/{message.id}/settlement", arrived="yes").status_code == 404
    way = {"channel": "letter", "reason": "x"}
    assert stranger.act(f"messages/{message.id}/redirection", **way).status_code == 404
    assert desk.messages()[-1].status == "failed"


def test_a_receipt_that_bounced_is_one_line_and_opens_nothing(desk: Desk, smtp: Mailbox) -> None:
    smtp.refuse["rut@example.org"] = "550 5.1.1 No such user here"
    receipt = db.session.scalars(sa.select(Message).where(Message.case_id == desk.case().id)).one()
    deliver(receipt)
    page = desk.read()
    assert "The receipt did not get through" in page
    assert desk.case().status == "new"


def test_a_mail_that_comes_back_later_opens_the_case_and_says_why(
    desk_with: Callable[..., Desk], smtp: Mailbox
) -> None:
    desk = desk_with(**ALL)
    message = sent(desk)
    deliver(message)
    assert desk.case().status == "closed"
    assert deliveries.report(message.id, Lost("bounced", "5.2.2 Mailbox full"))
    page = desk.read()
    assert desk.case().status == "in_progress"
    assert "The e-mail came back: the mailbox is full." in page.split("<h1>")[0]
    assert "5.2.2 Mailbox full" in page and "Send again" in page


def test_a_letter_that_the_post_brings_back_opens_the_case(desk_with: Callable[..., Desk], clerk: Staff) -> None:
    desk, clerk_id = desk_with(reply_by="letter"), clerk.id
    message = sent(desk, "letter")
    deliver(message)
    with unit_of_work() as session:
        staff = session.get_one(Staff, clerk_id)
        (batch,) = letters.make_batches(staff, [message.id], config=desk.client.application.config, now=clock.now())
        letters.post(batch, by=staff.as_actor(), now=clock.now())
    assert deliveries.report(message.id, Lost("returned", "moved"))
    page = desk.read()
    assert "The letter came back: the resident has moved." in page.split("<h1>")[0]
    assert "The letter came back: the resident has moved. The case was opened again" in page
    assert "<code>" not in page


def test_what_is_held_says_that_it_leaves_in_a_moment(desk: Desk) -> None:
    message = sent(desk)
    become(message, hold_until=clock.now() + timedelta(seconds=15))
    assert "leaves in a moment" in desk.read()
    become(message, hold_until=clock.now())
    assert "in the outbox" in desk.read()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"status": "queued", "attempts": 0}, "in the outbox"),
        ({"status": "accepted", "provider_ref": "s1f6"}, "taken over by the SMS provider"),
        (
            {"status": "accepted", "provider_ref": "2026-11-23-1.txt"},
            "kept as a file, because no SMS account is set up",
        ),
        ({"status": "accepted", "provider_ref": None}, "noted as arrived"),
        ({"status": "delivered"}, "arrived"),
        ({"status": "failed"}, "The SMS did not get through."),
        ({"status": "bounced"}, "The SMS did not get through."),
        ({"status": "unknown"}, "Nobody knows whether the SMS went out."),
        ({"status": "cancelled"}, "taken back"),
    ],
)
def test_an_sms_says_how_it_stands(values: dict[str, object], words: str) -> None:
    now = clock.now()
    message = Message(channel="sms", recipient={"phone": "+46701740605"}, accepted_at=now, delivered_at=now, **values)
    with force_locale("en"):
        assert words in delivery_words.state(message).text
        assert delivery_words.address(message) == "070-174 06 05"


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        ("failed", "550 5.1.1 No such user here", "the address does not exist"),
        ("failed", "550 No such mailbox", "the address does not exist"),
        ("failed", "553 sorry", "the address does not exist"),
        ("bounced", "5.4.4 unable to route", "nobody takes mail for that address"),
        ("failed", "450 4.1.2 Domain not found", "nobody takes mail for that address"),
        ("failed", "552 5.3.4 the mail is bigger than the mail server takes", "the mail is too big"),
        ("failed", "452 4.2.2 Over quota", "the mailbox is full"),
        ("failed", "554 5.7.1 Relay access denied", "the mail server does not want it"),
        ("failed", "554 no", "the mail server does not want it"),
        ("failed", "wrong number", "the number is wrong"),
        ("failed", "ValueError: x", None),
        ("failed", None, None),
    ],
)
def test_a_refusal_is_told_in_words(status: str, error: str | None, words: str | None) -> None:
    with force_locale("en"):
        told = delivery_words.what_went_wrong("email", status, refusals.why(error))
    assert (": " in told) == (words is not None)
    assert told.endswith(f": {words}." if words else "through.")


@pytest.mark.parametrize(
    ("status", "error", "in_vain"),
    [
        ("failed", "550 5.1.1 No such user", True),
        ("failed", "554 5.7.1 Relay access denied", False),
        ("failed", "451 4.3.2 Try later", False),
        ("bounced", "5.2.2 Mailbox full", False),
        ("bounced", "gone", True),
        ("returned", None, True),
        ("unknown", "ended before its answer", False),
    ],
)
def test_what_would_be_refused_again_is_known(status: str, error: str | None, in_vain: bool) -> None:
    assert refusals.again_in_vain(status, error) is in_vain


@pytest.mark.parametrize(
    ("verb", "data", "words"),
    [
        (
            "undelivered",
            {"channel": "email", "outcome": "failed", "why": "no_address", "from": "closed"},
            "The e-mail did not get through: the address does not exist. The case was opened again",
        ),
        ("undelivered", {"channel": "letter", "outcome": "returned", "from": "in_progress"}, "The letter came back"),
        ("undelivered", {"channel": "sms", "outcome": "unknown"}, "Nobody knows whether the SMS went out"),
        ("handled", {"channel": "email"}, "Karin Ek dealt with what had not arrived"),
        ("resend", {"outcome": "queued"}, "Karin Ek had the message tried again at once"),
        ("resend", {"outcome": "failed"}, "Karin Ek had the message sent again"),
        ("recall", {"channel": "letter"}, "Karin Ek took back what was to go out: Letter"),
        ("unsend", {}, "Karin Ek undid what was just sent"),
    ],
)
def test_the_conversation_tells_of_deliveries(verb: str, data: dict[str, object], words: str) -> None:
    act = timeline.Act(clock.now(), verb, "Karin Ek", 2, None, data, {}, {})
    with force_locale("en"):
        assert timeline.line(act) == words
