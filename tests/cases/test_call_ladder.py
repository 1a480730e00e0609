"""What follows an unanswered call: it comes back, the resident is told by SMS, and in the end it goes another way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases import lifecycle
from caseflow.cases.models import Case, Municipality
from caseflow.cases.telephone import call_ladder, calls
from caseflow.database import db, unit_of_work
from caseflow.messages import fate
from caseflow.messages.models import Message
from tests.cases.replying import ask, fresh, reply

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=clock.STOCKHOLM)
LETTER = {"name": "Rut Åkesson", "street": "Skolgatan 4", "postcode": "61232", "town": "Finspång"}
File = Callable[..., Case]
ClockAt = Callable[[datetime], object]


@pytest.fixture(autouse=True)
def monday_morning(clock_at: ClockAt) -> None:
    clock_at(MONDAY)


def call(staff: Staff, message: Message, outcome: str = "no_answer") -> call_ladder.Step | None:
    with unit_of_work():
        card = calls.find(staff, message.id, for_act=True)
        assert card is not None
        return calls.log_call(card, outcome, note=None, by=staff.as_actor(), now=clock.now(), submission=None)


def rules(**given: object) -> None:
    with unit_of_work():
        db.session.get_one(Municipality, 1).calls = given


def notices() -> list[Message]:
    sent = sa.select(Message).where(Message.purpose == "notice").order_by(Message.id)
    return list(db.session.scalars(sent.execution_options(populate_existing=True)))


def events(case: Case) -> list[Event]:
    told = sa.select(Event).where(Event.subject_id == case.id, Event.subject == "case")
    return list(db.session.scalars(told.order_by(Event.id)))


def back_at(message: Message) -> datetime:
    """To the minute, because the clock goes on."""
    return clock.local(fresh(message).next_attempt_at).replace(second=0, microsecond=0)


@pytest.mark.parametrize("outcome", call_ladder.UNANSWERED)
def test_the_call_comes_back_step_by_step(resident_case: File, clerk: Staff, clock_at: ClockAt, outcome: str) -> None:
    message = reply(resident_case(reply_by="phone"), clerk, "phone")
    call(clerk, message, outcome)
    assert back_at(message) == MONDAY.replace(hour=11)
    call(clerk, message, outcome)
    assert back_at(message) == MONDAY + timedelta(days=1)
    call(clerk, message, outcome)
    assert back_at(message) == MONDAY + timedelta(days=2)
    assert fresh(message).status == "accepted"


def test_it_comes_back_when_calls_are_made_and_the_resident_wants_one(
    resident_case: File, clerk: Staff, clock_at: ClockAt
) -> None:
    evening = reply(resident_case(reply_by="phone", best_time="efter 15"), clerk, "phone")
    call(clerk, evening)
    assert back_at(evening) == MONDAY.replace(hour=15)
    clock_at(datetime(2026, 12, 23, 16, 30, tzinfo=clock.STOCKHOLM))
    call(clerk, evening)
    assert back_at(evening) == datetime(2026, 12, 28, 15, 0, tzinfo=clock.STOCKHOLM)


def test_what_follows_is_known_before_the_call_and_written_down_with_it(resident_case: File, clerk: Staff) -> None:
    case = resident_case(reply_by="phone")
    message = reply(case, clerk, "phone")
    card = calls.find(clerk, message.id)
    assert card is not None
    before = call_ladder.following(card.case, card.message, clock.now())
    after = call(clerk, message)
    assert after is not None
    assert (
        (before.tried, before.notice, before.channel) == (after.tried, after.notice, after.channel) == (1, True, None)
    )
    told = next(event for event in events(case) if event.verb == "call")
    assert told.data["again"] == fresh(message).next_attempt_at.astimezone(UTC).isoformat()


def test_an_unanswered_call_frees_the_claim(resident_case: File, clerk: Staff) -> None:
    message = reply(resident_case(reply_by="phone"), clerk, "phone")
    with unit_of_work() as session:
        claim = sa.update(Message).values(taken_by=clerk.id, taken_until=clock.now() + timedelta(minutes=15))
        session.execute(claim)
    call(clerk, message)
    assert (fresh(message).taken_by, fresh(message).taken_until) == (None, None)


def test_after_the_last_step_the_words_go_by_the_other_channel(resident_case: File, clerk: Staff) -> None:
    rules(ladder=[60], then="letter")
    case = resident_case(reply_by="phone", **LETTER)
    message = reply(case, clerk, "phone")
    call(clerk, message)
    step = call(clerk, message)
    assert step is not None
    assert (step.again, step.channel) == (None, "letter")
    assert fresh(message).status == "cancelled"
    letter = db.session.scalars(sa.select(Message).where(Message.channel == "letter")).one()
    assert (letter.status, letter.entry_id) == ("queued", message.entry_id)
    redirected = next(event for event in events(case) if event.verb == "redirect")
    assert (redirected.actor, redirected.data["channel"]) == ("system", "letter")
    assert redirected.reason


@pytest.mark.parametrize(
    ("facts", "then"),
    [({}, "letter"), (LETTER, "worklist"), ({**LETTER, "department": "ifo"}, "letter"), ({"email": None}, "email")],
)
def test_without_an_address_or_for_a_secret_department_a_person_decides(
    resident_case: File, hire: Callable[..., Staff], facts: dict[str, Any], then: str
) -> None:
    rules(ladder=[], then=then)
    helper = hire("Mirja Social", "caseworker", "sb", "ifo")
    case = resident_case(reply_by="phone", **facts)
    message = reply(case, helper, "phone")
    step = call(helper, message)
    assert step is not None
    assert (step.again, step.channel) == (None, None)
    assert (fresh(message).status, fresh(message).error) == ("failed", "nobody answered 1 calls")
    assert db.session.get_one(Case, case.id, populate_existing=True).status == "in_progress"
    assert [event.verb for event in events(case)][-2:] == ["call", "undelivered"]


def test_a_call_that_is_put_in_the_list_again_begins_anew(
    resident_case: File, clerk: Staff, deliver_all: Callable[[], None]
) -> None:
    rules(ladder=[60], then="worklist")
    message = reply(resident_case(reply_by="phone"), clerk, "phone")
    call(clerk, message)
    call(clerk, message)
    with unit_of_work():
        fate.requeue(fresh(message), now=clock.now())
    deliver_all()
    step = call(clerk, message)
    assert step is not None
    assert step.tried == 1


def test_after_the_first_call_in_vain_an_sms_says_so_once(
    resident_case: File, clerk: Staff, deliver_all: Callable[[], None]
) -> None:
    case = resident_case(reply_by="phone")
    message = reply(case, clerk, "phone", "Ett svar som bara Rut ska höra.")
    for _call in range(3):
        call(clerk, message)
    (notice,) = notices()
    assert (notice.channel, notice.recipient["phone"], notice.status) == ("sms", "+46701740605", "queued")
    assert case.number in notice.body
    assert "Finspångs kommun" in notice.body
    assert "Ett svar" not in notice.body
    assert case.code not in notice.body
    assert [event.verb for event in events(case)] == ["receive", "reply", "call", "notice", "call", "call"]
    deliver_all()
    assert fresh(notice).status == "accepted"


def test_the_sms_speaks_the_language_of_the_case(resident_case: File, clerk: Staff) -> None:
    call(clerk, reply(resident_case(reply_by="phone", language="en"), clerk, "phone"))
    (notice,) = notices()
    assert "tried to call you" in notice.body
    assert notice.language == "en"


@pytest.mark.parametrize(
    ("facts", "outcome", "notice_after"),
    [
        ({"phone": "+4612285000"}, "no_answer", 1),  # not a mobile
        ({}, "other_person", 1),
        ({}, "no_answer", 0),
        ({}, "no_answer", 2),
        ({"department": "ifo"}, "no_answer", 1),
    ],
)
def test_no_sms_where_it_cannot_or_may_not_be_sent(
    resident_case: File, hire: Callable[..., Staff], facts: dict[str, Any], outcome: str, notice_after: int
) -> None:
    rules(notice_after=notice_after)
    helper = hire("Mirja Social", "caseworker", "sb", "ifo")
    call(helper, reply(resident_case(reply_by="phone", **facts), helper, "phone"), outcome)
    assert notices() == []


def test_no_sms_when_nobody_calls_again(resident_case: File, clerk: Staff) -> None:
    rules(ladder=[], then="worklist")
    call(clerk, reply(resident_case(reply_by="phone"), clerk, "phone"))
    assert notices() == []


def test_a_lost_sms_does_not_give_the_case_back(resident_case: File, clerk: Staff) -> None:
    case = resident_case(reply_by="phone")
    message = reply(case, clerk, "phone")
    call(clerk, message)
    with unit_of_work():
        lifecycle.undelivered(notices()[0], clock.now())
    assert db.session.get_one(Case, case.id, populate_existing=True).status == "answered"
    assert events(case)[-1].verb == "notice_undelivered"


def test_a_question_that_nobody_hears_does_not_wait_for_ever(resident_case: File, clerk: Staff) -> None:
    rules(ladder=[], then="worklist")
    case = resident_case(reply_by="phone")
    call(clerk, ask(case, clerk, "phone"))
    assert db.session.get_one(Case, case.id, populate_existing=True).status == "in_progress"
