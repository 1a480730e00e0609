"""The call list: its order, what each outcome does, and the other ways when nobody answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases.models import Case
from caseflow.cases.telephone import call_list, calls
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Call, Message
from tests.cases.replying import ask, fresh, reply

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=clock.STOCKHOLM)
File = Callable[..., Case]


def call(staff: Staff, message: Message, outcome: str, **more: Any) -> None:
    facts = {"note": None, "submission": None, **more}
    with unit_of_work():
        card = calls.find(staff, message.id, for_act=True)
        assert card is not None
        calls.log_call(card, outcome, by=staff.as_actor(), now=clock.now(), **facts)


def redirect(staff: Staff, message: Message, channel: str) -> None:
    with unit_of_work():
        card = calls.find(staff, message.id, for_act=True)
        assert card is not None
        calls.redirect(card, channel=channel, reason="Ingen svarar", by=staff.as_actor(), now=clock.now())


def listed(staff: Staff) -> list[int]:
    return [row.id for row in call_list.waiting(staff, clock.now())]


def verbs(case: Case) -> list[str]:
    return list(db.session.scalars(sa.select(Event.verb).where(Event.subject_id == case.id).order_by(Event.id)))


@pytest.fixture
def to_call(resident_case: File, clerk: Staff) -> Message:
    return reply(resident_case(reply_by="phone", best_time="efter 17"), clerk, "phone")


def test_a_reply_by_phone_waits_in_the_call_list(to_call: Message, clerk: Staff) -> None:
    (row,) = call_list.waiting(clerk, clock.now())
    assert (row.id, row.name, row.tries, row.best_time) == (to_call.id, "Rut Åkesson", 0, "efter 17")


def test_the_list_is_in_the_order_of_due_dates(
    resident_case: File, clerk: Staff, clock_at: Callable[[datetime], object]
) -> None:
    clock_at(MONDAY)
    later = reply(resident_case(reply_by="phone", kind="synpunkt"), clerk, "phone")
    sooner = reply(resident_case(reply_by="phone", kind="fraga"), clerk, "phone")
    assert listed(clerk) == [sooner.id, later.id]


def test_the_list_holds_no_case_of_another_department(to_call: Message, outsider: Staff) -> None:
    assert listed(outsider) == []
    assert calls.find(outsider, to_call.id) is None
    assert calls.find(outsider, to_call.id, for_act=True) is None


def test_reached_delivers_the_message_and_empties_the_list(to_call: Message, clerk: Staff) -> None:
    call(clerk, to_call, "reached", note="Nöjd")
    after = fresh(to_call)
    assert after.status == "delivered"
    assert after.delivered_at is not None
    assert listed(clerk) == []
    event = db.session.scalars(sa.select(Event).where(Event.verb == "call")).one()
    assert (event.actor, event.staff_id, event.data) == ("staff", clerk.id, {"outcome": "reached", "message": after.id})
    assert (after.taken_by, after.taken_until) == (None, None)


def test_no_answer_moves_the_call_to_the_end_of_the_list_until_it_comes_back(
    resident_case: File, clerk: Staff, clock_at: Callable[[datetime], object]
) -> None:
    clock_at(MONDAY)
    first = reply(resident_case(reply_by="phone", kind="fraga"), clerk, "phone")
    second = reply(resident_case(reply_by="phone", kind="synpunkt"), clerk, "phone")
    call(clerk, first, "no_answer")
    assert listed(clerk) == [second.id, first.id]
    clock_at(MONDAY + timedelta(hours=2, seconds=30))
    assert listed(clerk) == [first.id, second.id]


def test_one_unanswered_call_offers_nothing_and_two_offer_what_the_case_has_an_address_for(
    resident_case: File, clerk: Staff
) -> None:
    message = reply(resident_case(reply_by="phone", email="rut@example.org"), clerk, "phone")
    call(clerk, message, "no_answer")
    once = calls.find(clerk, message.id)
    assert once is not None
    assert once.offers == ()
    with pytest.raises(calls.NotOffered):
        redirect(clerk, message, "email")
    call(clerk, message, "no_answer")
    twice = calls.find(clerk, message.id)
    assert twice is not None
    assert twice.offers == ("email", "sms", "none")
    with pytest.raises(calls.NotOffered):
        redirect(clerk, message, "letter")


def test_redirecting_takes_the_call_away_and_sends_the_same_words(resident_case: File, clerk: Staff) -> None:
    case = resident_case(reply_by="phone", email="rut@example.org")
    message = reply(case, clerk, "phone", "Vi har lagat lampan.")
    call(clerk, message, "no_answer")
    call(clerk, message, "no_answer")
    redirect(clerk, message, "email")
    assert fresh(message).status == "cancelled"
    mail = db.session.scalars(sa.select(Message).where(Message.channel == "email")).one()
    assert (mail.status, mail.body, mail.entry_id) == ("queued", "Vi har lagat lampan.", message.entry_id)
    event = db.session.scalars(sa.select(Event).where(Event.verb == "redirect")).one()
    assert (event.reason, event.data["channel"]) == ("Ingen svarar", "email")
    with pytest.raises(calls.Gone):
        redirect(clerk, message, "email")


def test_a_wrong_number_gives_the_case_back_to_its_caseworker(to_call: Message, clerk: Staff) -> None:
    call(clerk, to_call, "wrong_number", note="En annan Rut")
    after = fresh(to_call)
    assert (after.status, after.error) == ("failed", "wrong number")
    case = db.session.get_one(Case, after.case_id)
    assert (case.status, case.assignee_id) == ("in_progress", clerk.id)
    assert verbs(case) == ["receive", "reply", "call", "undelivered"]


def test_the_same_submission_twice_is_one_call(to_call: Message, clerk: Staff) -> None:
    call(clerk, to_call, "reached", submission="one")
    call(clerk, to_call, "reached", submission="one")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Call)) == 1


def test_two_presses_at_the_same_time_are_one_call(app: Flask, to_call: Message, clerk: Staff) -> None:
    together, refused = threading.Barrier(4), []

    def press() -> None:
        with app.app_context():
            together.wait()
            try:
                call(clerk, to_call, "reached", submission="one")
            except Exception as error:  # whatever it is, the test shows it
                refused.append(error)

    presses = [threading.Thread(target=press) for _ in range(4)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert refused == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Call)) == 1


def test_a_call_that_somebody_else_has_made_is_refused(to_call: Message, clerk: Staff) -> None:
    call(clerk, to_call, "reached", submission="one")
    with pytest.raises(calls.Gone):
        call(clerk, to_call, "no_answer", submission="two")


def test_what_is_answered_to_a_question_becomes_part_of_the_case(resident_case: File, clerk: Staff) -> None:
    case = resident_case(reply_by="phone")
    message = ask(case, clerk, "phone")
    call(clerk, message, "reached", note="Den vid grinden")
    db.session.expire_all()
    case = db.session.get_one(Case, case.id)
    assert case.status == "in_progress"
    assert [(entry.sort, entry.text) for entry in case.entries][-1] == ("resident", "Den vid grinden")


def test_a_question_that_was_only_asked_goes_on_waiting(resident_case: File, clerk: Staff) -> None:
    case = resident_case(reply_by="phone")
    message = ask(case, clerk, "phone")
    call(clerk, message, "reached")
    db.session.expire_all()
    assert db.session.get_one(Case, case.id).status == "waiting"


def test_the_script_speaks_the_residents_language(resident_case: File, clerk: Staff) -> None:
    message = reply(resident_case(reply_by="phone", language="en"), clerk, "phone")
    card = calls.find(clerk, message.id)
    assert card is not None
    words = calls.script(card, clerk.name)
    assert words[0] == "Hello, my name is Karin Ek and I am calling from Finspångs kommun."
    assert words[1] == "Am I speaking to Rut Åkesson?"
    assert card.case.number in words[2]


def test_a_number_that_was_corrected_since_is_shown(to_call: Message, clerk: Staff) -> None:
    before = calls.find(clerk, to_call.id)
    assert before is not None
    assert before.changed_number is None
    with unit_of_work() as session:
        session.execute(sa.update(Case).values(phone="+46701740699"))
    db.session.expire_all()
    after = calls.find(clerk, to_call.id)
    assert after is not None
    assert after.changed_number == "+46701740699"
