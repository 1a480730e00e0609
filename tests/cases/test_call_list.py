"""The call list: whose turn it is, and one caller at a time per call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.cases.telephone import call_list, call_words, calls
from caseflow.cases.telephone.call_list import Waiting
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Message
from tests.cases.replying import fresh, reply

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=clock.STOCKHOLM)
TODAY = MONDAY.date()
File = Callable[..., Case]
ClockAt = Callable[[datetime], object]


@pytest.fixture(autouse=True)
def monday_morning(clock_at: ClockAt) -> None:
    clock_at(MONDAY)


@pytest.fixture
def colleague(hire: Callable[..., Staff]) -> Staff:
    return hire("Anna Lind", "caseworker", "sb")


@pytest.fixture
def to_call(resident_case: File, clerk: Staff) -> Callable[..., Message]:
    def put(**facts: object) -> Message:
        return reply(resident_case(reply_by="phone", **facts), clerk, "phone")

    return put


def listed(staff: Staff) -> list[Waiting]:
    return call_list.waiting(staff, clock.now())


def ids(staff: Staff) -> list[int]:
    return [one.id for one in listed(staff)]


def take_next(staff: Staff) -> int | None:
    with unit_of_work():
        return call_list.take_next(staff, clock.now())


def take(staff: Staff, message: Message) -> bool:
    with unit_of_work():
        return call_list.take(staff, message.id, clock.now())


def test_those_whose_window_is_now_come_first_and_the_others_say_when(
    to_call: Callable[..., Message], clerk: Staff
) -> None:
    evening = to_call(best_time="efter 17", kind="fraga")
    tomorrow = to_call(best_time="tisdagar", kind="fraga")
    later = to_call(best_time="efter 15", kind="fraga")
    now = to_call(best_time="förmiddagar", kind="synpunkt")
    assert ids(clerk) == [now.id, later.id, evening.id, tomorrow.id]
    assert [one.now for one in listed(clerk)] == [True, False, False, False]
    told = [call_words.turn(one, TODAY) for one in listed(clerk)[1:]]
    assert [words.split()[-1] for words in told] == ["15:00", "16:00", "08:00"]


def test_a_wish_that_nobody_can_read_keeps_nobody_waiting(to_call: Callable[..., Message], clerk: Staff) -> None:
    to_call(best_time="när barnen sover")
    assert listed(clerk)[0].now


def test_outside_the_hours_it_is_nobodys_turn(to_call: Callable[..., Message], clerk: Staff, clock_at: ClockAt) -> None:
    message = to_call()
    clock_at(MONDAY.replace(hour=18))
    assert take_next(clerk) is None
    assert [one.now for one in listed(clerk)] == [False]
    assert take(clerk, message)  # a person may always


def test_a_claim_is_seen_by_others_and_skipped(to_call: Callable[..., Message], clerk: Staff, colleague: Staff) -> None:
    first, second = to_call(kind="fraga"), to_call(kind="synpunkt")
    assert take_next(colleague) == first.id
    assert [(one.taker, one.mine) for one in listed(clerk)] == [("Anna Lind", False), (None, False)]
    assert [(one.taker, one.mine) for one in listed(colleague)] == [(None, True), (None, False)]
    assert take_next(clerk) == second.id
    assert not take(clerk, first)


def test_the_next_call_is_the_one_in_hand_until_it_is_done(to_call: Callable[..., Message], clerk: Staff) -> None:
    first, second = to_call(kind="fraga"), to_call(kind="synpunkt")
    assert take_next(clerk) == take_next(clerk) == first.id
    assert take(clerk, second)
    assert call_list.held(clerk, clock.now()) == second.id
    assert fresh(first).taken_by is None


def test_a_claim_lasts_its_time_and_is_then_free(
    to_call: Callable[..., Message], clerk: Staff, colleague: Staff, clock_at: ClockAt
) -> None:
    message = to_call()
    take(colleague, message)
    clock_at(MONDAY + timedelta(minutes=14))
    assert not take(clerk, message)
    clock_at(MONDAY + timedelta(minutes=16))
    assert call_list.held(colleague, clock.now()) is None
    assert take(clerk, message)
    with unit_of_work():
        assert not call_list.renew(colleague, message.id, clock.now())
        call_list.release(colleague, message.id)
    assert fresh(message).taken_by == clerk.id


def test_a_renewed_claim_lasts_on(
    to_call: Callable[..., Message], clerk: Staff, colleague: Staff, clock_at: ClockAt
) -> None:
    message = to_call()
    take(colleague, message)
    clock_at(MONDAY + timedelta(minutes=20))  # nobody has asked for it meanwhile
    with unit_of_work():
        assert call_list.renew(colleague, message.id, clock.now())
    clock_at(MONDAY + timedelta(minutes=34))
    assert not take(clerk, message)


def test_a_call_that_was_left_is_not_renewed(to_call: Callable[..., Message], clerk: Staff) -> None:
    message = to_call()
    take(clerk, message)
    with unit_of_work():
        call_list.release(clerk, message.id)
        assert not call_list.renew(clerk, message.id, clock.now())
    assert fresh(message).taken_by is None


def test_nobody_writes_down_a_call_that_somebody_else_is_making(
    to_call: Callable[..., Message], clerk: Staff, colleague: Staff
) -> None:
    message = to_call()
    take(colleague, message)
    with unit_of_work():
        card = calls.find(clerk, message.id, for_act=True)
        assert card is not None
        facts = {"by": clerk.as_actor(), "now": clock.now()}
        with pytest.raises(calls.Taken, match="Anna Lind"):
            calls.log_call(card, "reached", note=None, submission=None, **facts)  # type: ignore[arg-type]
        with pytest.raises(calls.Taken):
            calls.redirect(card, channel="none", reason="Ingen svarar", **facts)  # type: ignore[arg-type]
    assert fresh(message).status == "accepted"


def test_nobody_claims_a_call_of_another_department_nor_one_that_was_made(
    to_call: Callable[..., Message], clerk: Staff, outsider: Staff
) -> None:
    message = to_call()
    assert not take(outsider, message)
    assert take_next(outsider) is None
    with unit_of_work() as session:
        session.execute(sa.update(Message).values(status="cancelled"))
    assert not take(clerk, message)
    assert take_next(clerk) is None


def test_many_who_ask_at_once_each_get_another_call(
    app: Flask, to_call: Callable[..., Message], hire: Callable[..., Staff]
) -> None:
    messages = {to_call().id for _call in range(6)}
    callers = [hire(f"Person {letter}", "caseworker", "sb") for letter in "ABCDEFGH"]
    together, got = threading.Barrier(len(callers)), []

    def ask(staff: Staff) -> None:
        with app.app_context():
            together.wait()
            got.append(take_next(staff))

    everybody = [threading.Thread(target=ask, args=(one,)) for one in callers]
    for one in everybody:
        one.start()
    for one in everybody:
        one.join()
    assert sorted(one for one in got if one) == sorted(messages)
    assert got.count(None) == 2


def test_handing_calls_back_and_forth_ends_in_no_deadlock_and_no_call_in_two_hands(
    app: Flask, to_call: Callable[..., Message], hire: Callable[..., Staff]
) -> None:
    messages = [to_call() for _call in range(3)]
    callers = [hire(f"Person {letter}", "caseworker", "sb") for letter in "ABCD"]
    together, wrong = threading.Barrier(len(callers)), []

    def juggle(staff: Staff, place: int) -> None:
        with app.app_context():
            together.wait()
            try:
                for turn in range(15):
                    message = messages[(place + turn) % 3]
                    if take(staff, message) and fresh(message).taken_by != staff.id:
                        wrong.append("lost at once")
                    db.session.rollback()
            except Exception as error:  # whatever it is, the test shows it
                wrong.append(repr(error))

    everybody = [threading.Thread(target=juggle, args=(one, place)) for place, one in enumerate(callers)]
    for one in everybody:
        one.start()
    for one in everybody:
        one.join()
    assert wrong == []
    held = [fresh(message).taken_by for message in messages]
    assert len([one for one in held if one]) == len({one for one in held if one})
