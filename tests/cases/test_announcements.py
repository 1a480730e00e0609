"""What residents are told: in the case's language, with what the channel needs, and no more than it may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import RESIDENT
from caseflow.cases import announcements, codes, lifecycle, notices, words
from caseflow.cases.announcements import NoAddress
from caseflow.cases.models import Case
from caseflow.database import db, unit_of_work
from caseflow.messages.channels import email
from caseflow.messages.channels.letter import draw
from caseflow.messages.models import Message

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ANSWER = "Lampan är lagad.\n\nHör av dig om den slocknar igen."


@pytest.fixture
def told(clerk: Staff) -> Callable[..., Message]:
    """Reply to a case, and give the message that goes out."""

    def reply(case: Case, channel: str | None = None, text: str = ANSWER) -> Message:
        with unit_of_work():
            way = channel or case.reply_by
            entry = lifecycle.reply(case, text, channel=way, by=clerk.as_actor(), now=NOW)
        return db.session.scalars(sa.select(Message).where(Message.entry_id == entry.id)).one()

    return reply


def messages() -> list[Message]:
    return list(db.session.scalars(sa.select(Message).order_by(Message.id)))


def test_a_receipt_says_number_department_day_and_channel_and_nothing_of_the_text(
    resident_case: Callable[..., Case],
) -> None:
    case = resident_case(now=NOW)
    receipt = messages()[0]
    assert case.number in receipt.subject and case.number in receipt.body
    with force_locale("sv"):
        assert words.long_date(case.due_on) in receipt.body and "Samhällsbyggnad" in receipt.body
    assert "Gatlampan" not in receipt.subject + receipt.body
    assert receipt.recipient == {"name": "Rut Åkesson", "email": "rut@example.org"}
    assert receipt.frame["link"] == announcements.link(case) and case.code in str(receipt.frame["link"])


@pytest.mark.parametrize(("language", "department"), [("sv", "Samhällsbyggnad"), ("fi", "Kadut"), ("en", "Streets")])
def test_everything_is_said_in_the_cases_language(
    language: str, department: str, resident_case: Callable[..., Case], told: Callable[..., Message]
) -> None:
    case = resident_case(language=language, now=NOW)
    with force_locale("en" if language != "en" else "sv"):
        told(case)
    receipt, reply = messages()
    assert receipt.language == reply.language == language
    for message in (receipt, reply):
        assert str(message.frame["department"]).startswith(department)
    assert department in receipt.body
    with force_locale(language):
        assert words.long_date(case.due_on) in receipt.body


def test_a_reply_by_mail_carries_the_words_the_clerks_name_and_the_link(
    resident_case: Callable[..., Case], told: Callable[..., Message]
) -> None:
    case = resident_case()
    reply = told(case)
    assert (reply.body, reply.purpose, reply.channel) == (ANSWER, "reply", "email")
    assert reply.subject == f"[{case.number}] {case.subject}"
    assert reply.frame["signature"] == "Karin Ek" and "Rut Åkesson" in str(reply.frame["greeting"])
    assert reply.frame["sender_name"] == "Finspångs kommun" and reply.frame["case_number"] == case.number


def test_somebody_without_a_name_is_greeted_all_the_same(
    resident_case: Callable[..., Case], told: Callable[..., Message]
) -> None:
    reply = told(resident_case(name=None))
    assert "None" not in str(reply.frame) and str(reply.frame["greeting"]).endswith(",")
    assert "None" not in messages()[0].body


def test_a_secret_departments_mail_says_only_that_there_is_something_to_read(
    resident_case: Callable[..., Case], told: Callable[..., Message]
) -> None:
    case = resident_case(department="vo", description="Min mor får ingen medicin.")
    reply = told(case, text="Medicinen ges nu kl. 8.")
    assert reply.subject == f"[{case.number}]"
    assert "Medicin" not in reply.subject + reply.body and "medicin" not in reply.subject + reply.body
    assert case.number in reply.body and case.code in str(reply.frame["link"])
    by_phone = told(resident_case(department="vo", reply_by="phone"), text="Medicinen ges nu kl. 8.")
    assert by_phone.body == "Medicinen ges nu kl. 8."


def test_no_mail_of_a_secret_departments_case_tells_what_it_is_about_or_who_deals_with_it(
    resident_case: Callable[..., Case], clerk: Staff
) -> None:
    case, by = resident_case(department="vo", description="Min mor får ingen medicin."), clerk.as_actor()
    with unit_of_work():
        lifecycle.assign(case, to=clerk, by=by, now=NOW)
        lifecycle.correct(case, {"notify_by": "email"}, by=by, now=NOW)
        lifecycle.ask(case, "Vilken medicin?", channel="email", by=by, now=NOW)
        lifecycle.hear(case, "Medicinen mot värk.", by=RESIDENT, now=NOW)
        lifecycle.park(case, until=NOW.date(), reason="Medicinen är slut.", by=by, now=NOW)
        lifecycle.reply(case, "Medicinen ges nu.", channel="email", by=by, now=NOW, close_after=True)
        notices.link_again(case, now=NOW)
        lifecycle.not_solved(case, "Ingen medicin.", by=RESIDENT, now=NOW)
        lifecycle.correct(case, {"email": "ny@example.org"}, by=RESIDENT, now=NOW)
        lifecycle.withdraw(case, reason="Medicinen kom.", by=RESIDENT, now=NOW)
    found = messages()
    assert {"receipt", "question", "reply", "update", "link", "withdrawal"} == {one.purpose for one in found}
    for message in found:
        mail = "".join((email.subject(message), *email.words(message, current_app.config))).lower()
        for word in ("medicin", "omsorg", "vård", clerk.name.lower() if message.staff_id is None else "värk"):
            assert word not in mail, (message.purpose, word)


def test_a_case_that_moved_to_a_secret_department_is_answered_as_a_secret_one(
    resident_case: Callable[..., Case], clerk: Staff
) -> None:
    case = resident_case()
    assert not case.department.secret
    secret = db.session.get_one(type(case.department), "ifo")
    with unit_of_work():
        lifecycle.transfer(case, to=secret, reason="Gäller bistånd.", by=clerk.as_actor(), now=NOW)
        lifecycle.reply(case, "Ditt bistånd är beviljat.", channel="email", by=clerk.as_actor(), now=NOW)
    assert "bistånd" not in messages()[-1].body + messages()[-1].subject


def test_a_letter_is_framed_by_sender_number_date_and_code_and_can_be_drawn(
    resident_case: Callable[..., Case], told: Callable[..., Message]
) -> None:
    case = resident_case(reply_by="letter", care_of="Åkesson")
    letter = told(case)
    assert letter.recipient == {"lines": ["Rut Åkesson", "c/o Åkesson", "Skolgatan 4", "612 32  FINSPÅNG"]}
    assert letter.body.endswith(ANSWER) and "Rut Åkesson" in letter.body.split("\n\n")[0]
    frame: dict[str, Any] = dict(letter.frame)
    assert frame["date"] == "23 november 2026" and frame["case_number"] == case.number
    assert frame["sender_lines"] == ["Bergslagsvägen 13-15", "612 80 Finspång"]
    assert frame["code"] == codes.grouped(case.code) and case.code not in str(frame["link"])
    assert (frame["signature_name"], frame["signature_department"]) == ("Karin Ek", "Samhällsbyggnad")
    assert "%(page)s" in frame["words"]["page"] and "%(pages)s" in frame["words"]["page"]
    assert draw(letter, current_app.config).startswith(b"%PDF-")


def test_a_call_has_the_number_and_when_to_ring(
    resident_case: Callable[..., Case], told: Callable[..., Message]
) -> None:
    call = told(resident_case(reply_by="phone", best_time="efter 16"))
    assert call.recipient == {"name": "Rut Åkesson", "phone": "+46701740605", "best_time": "efter 16"}
    assert (call.header_id, call.references) == (None, [])


def test_who_wants_no_reply_finds_it_on_the_own_page_only(resident_case: Callable[..., Case], clerk: Staff) -> None:
    case = resident_case(reply_by="none")
    with unit_of_work():
        lifecycle.reply(case, ANSWER, channel="none", by=clerk.as_actor(), now=NOW)
    assert messages() == [] and case.entries[-1].text == ANSWER


def test_a_reply_by_another_channel_needs_its_address(resident_case: Callable[..., Case], clerk: Staff) -> None:
    case = resident_case()
    assert announcements.reachable_by(case) == ("email", "none")
    for channel in ("phone", "letter"):
        with pytest.raises(NoAddress, match=channel), unit_of_work():
            lifecycle.reply(case, ANSWER, channel=channel, by=clerk.as_actor(), now=NOW)
    db.session.expire_all()
    assert (case.status, case.version, case.entries, len(case.messages)) == ("new", 1, [], 1)
    with unit_of_work():
        lifecycle.correct(case, {"phone": "+46701740605"}, by=clerk.as_actor(), now=NOW)
        lifecycle.reply(case, ANSWER, channel="phone", by=clerk.as_actor(), now=NOW, reason="Bad om samtal.")
    assert announcements.reachable_by(case) == ("email", "phone", "sms", "none")
    assert messages()[-1].channel == "phone"


def test_the_mails_of_a_case_are_one_thread(
    resident_case: Callable[..., Case], clerk: Staff, told: Callable[..., Message]
) -> None:
    case, other = resident_case(now=NOW), resident_case(now=NOW)
    with unit_of_work():
        lifecycle.ask(case, "Vilken stolpe?", channel="email", by=clerk.as_actor(), now=NOW)
    reply, foreign = told(case), told(other)
    receipt, _, question, *_ = messages()
    assert receipt.references == [] and question.references == [receipt.header_id]
    assert reply.references == [receipt.header_id, question.header_id]
    assert foreign.references == [messages()[1].header_id]
    ids = [message.header_id for message in messages()]
    assert len(set(ids)) == len(ids)
    assert all(str(header).startswith("<2026-") and str(header).endswith("@example.org>") for header in ids)
    assert not any(case.code[:16].lower() in str(header) for header in ids)


def test_the_same_words_by_the_same_channel_again_are_another_generation(
    resident_case: Callable[..., Case], clerk: Staff, told: Callable[..., Message]
) -> None:
    case = resident_case()
    first = told(case)
    with unit_of_work():
        first.status = "failed"
        lifecycle.redirect(case, first, channel="email", reason="Ny adress.", by=clerk.as_actor(), now=clock.now())
    again = messages()[-1]
    assert (again.entry_id, again.generation, again.body, again.purpose) == (first.entry_id, 2, first.body, "reply")
    assert first.status == "cancelled" and again.status == "queued" and again.header_id != first.header_id


def test_composing_a_message_puts_nothing(resident_case: Callable[..., Case]) -> None:
    case = resident_case()
    composed = announcements.compose(case, None, channel="email", purpose="receipt", now=NOW)
    assert len(messages()) == 1 and composed not in db.session
    assert (composed.subject, composed.body) == (messages()[0].subject, messages()[0].body)
