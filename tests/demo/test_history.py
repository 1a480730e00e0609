"""The demo's history: a queue that is worth a look, at whatever moment somebody starts it, and nothing leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases.delivery import deliveries
from caseflow.cases.faults import known_faults
from caseflow.cases.models import OPEN, Case, Department, Entry
from caseflow.cases.municipality.configuration import Row
from caseflow.cases.post.letters import batches
from caseflow.cases.telephone import call_list
from caseflow.cases.triage import queue
from caseflow.cases.triage.queue import Filter
from caseflow.database import db, unit_of_work
from caseflow.demo import history, staff
from caseflow.messages.models import Call, LetterBatch, Message
from tests.kept import lived
from tests.mailbox import Mailbox

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=STOCKHOLM)
BY_HAND = ("assign", "note", "transfer", "ask", "reply", "park", "resume", "close", "reopen", "redirect", "call")


@pytest.fixture
def play(example: Row) -> Callable[[datetime], None]:
    def act_out(now: datetime) -> None:
        with unit_of_work():
            staff.hire()
            assert history.act_out(example, now.astimezone(UTC)) == sum(history.CASES.values()) == 90

    return act_out


@pytest.fixture
def monday(play: Callable[[datetime], None]) -> None:
    lived("demo", lambda: play(MONDAY_NOON))


def person(name: str) -> Staff:
    return db.session.scalars(sa.select(Staff).where(Staff.name == name)).one()


def every(model: type[Any]) -> list[Any]:
    return list(db.session.scalars(sa.select(model).order_by(sa.inspect(model).primary_key[0])))


def test_a_first_look_shows_the_house_at_work(monday: None) -> None:
    anna_has_a_good_morning()
    there_is_something_of_everything_and_enough_to_count()
    residents_are_told_of_two_faults()


def anna_has_a_good_morning() -> None:
    anna, today = person("Anna Lind"), date(2026, 11, 23)
    counts = queue.counts(anna, today)
    assert counts["overdue"] >= 3 and counts["unassigned"] >= 4 and counts["mine"] >= 6 and counts["waiting"] >= 2
    rows = queue.page(anna, Filter(), today, now=MONDAY_NOON).rows
    assert {row.department_code for row in rows} == {"sb", "ftv"}
    due = Counter(row.due_on for row in rows)
    assert due[today] >= 3 and due[today + timedelta(days=1)] >= 3
    assert {row.status for row in rows} == set(OPEN)
    to_call = call_list.waiting(anna, MONDAY_NOON)
    assert len(to_call) >= 3 and any(row.tries for row in to_call)
    letters = [one for one in every(Message) if one.channel == "letter"]
    assert sum(one.status == "accepted" and one.batch_id is None for one in letters) >= 3
    assert sum(one.status == "delivered" for one in letters) >= 2
    assert all(len(batch.manifest["letters"]) and batch.posted_at for batch in every(LetterBatch))
    assert max(len(batch.letters) for batch in batches(anna)) >= 2


def there_is_something_of_everything_and_enough_to_count() -> None:
    cases = every(Case)
    by_department = Counter(case.department_code for case in cases)
    assert set(by_department) == set(db.session.scalars(sa.select(Department.code)))
    answered = [case for case in cases if case.answered_at]
    per_department = Counter(case.department_code for case in answered)
    assert all(per_department[code] >= 5 for code in ("sb", "ftv", "utb", "vo")), per_department
    late = sum(case.answered_at.astimezone(STOCKHOLM).date() > case.due_on for case in answered)
    assert len(answered) >= 40 and 0.05 < late / len(answered) < 0.5
    (bounced,) = [message for message in every(Message) if message.status == "failed"]
    assert bounced.error.startswith("550 5.1.1") and bounced.channel == "email"
    given_back = db.session.get_one(Case, bounced.case_id)
    assert (given_back.status, given_back.assignee_id) == ("in_progress", person("Anna Lind").id)
    verbs = Counter(event.verb for event in every(Event))
    assert verbs["transfer"] >= 1 and verbs["note"] >= 5 and verbs["ask"] >= 3 and verbs["undelivered"] == 1
    talked = Counter((entry.case_id, entry.sort) for entry in every(Entry))
    assert any(
        talked[case.id, "question"] and talked[case.id, "resident"] and talked[case.id, "reply"] for case in cases
    )
    assert len({case.language for case in cases}) == 3 and {case.source for case in cases} > {"web"}
    assert len({case.subject for case in cases}) > 75


def residents_are_told_of_two_faults() -> None:
    shown = known_faults.shown()
    assert sorted((one.category, one.what) for one in shown) == [("sb.belysning", "working"), ("sb.vagar", "planned")]
    assert all(one.place and not one.place[-1].isdigit() and one.since < date(2026, 11, 23) for one in shown)


def test_acts_are_done_in_office_hours_and_never_in_the_future(play: Callable[[datetime], None]) -> None:
    """Begun at the worst of moments: at night, and what came before was three holidays and a weekend."""
    now = datetime(2027, 1, 1, 0, 5, tzinfo=STOCKHOLM)
    play(now)
    events, messages = every(Event), every(Message)
    assert max(event.at for event in events) < now
    for event in events:
        if event.actor == "staff" and event.verb in BY_HAND:
            local = event.at.astimezone(STOCKHOLM)
            assert time(8) <= local.time() <= time(16, 31) and local.weekday() < 5, (event.verb, local)
    assert max(message.accepted_at or message.created_at for message in messages) < now
    assert not [message for message in messages if message.status in ("queued", "claimed", "calling", "unknown")]
    assert all(call.at < now for call in every(Call))
    for case in every(Case):
        happened = [event for event in events if event.subject_id == case.id and event.version]
        assert [event.at for event in happened] == sorted(event.at for event in happened)
        assert [event.version for event in happened] == list(range(1, case.version + 1))
    assert Counter(message.channel for message in messages if message.status == "accepted")["letter"] >= 3


def test_the_same_moment_has_the_same_history(monday: None, play: Callable[[datetime], None]) -> None:
    def told() -> list[tuple[object, ...]]:
        rows = db.session.execute(sa.select(Event.at, Event.verb, Event.staff_id, Event.reason).order_by(Event.id))
        return [tuple(row) for row in rows]

    def forget() -> None:
        with unit_of_work() as session:
            session.execute(sa.text("SET LOCAL session_replication_role = replica"))
            tables = "event, attempt, call, message, entry, letter_batch, membership, staff"
            session.execute(sa.text(f'TRUNCATE "case", {tables} RESTART IDENTITY CASCADE'))

    first, texts = told(), [case.description for case in every(Case)]
    forget()
    play(MONDAY_NOON)
    assert told() == first and [case.description for case in every(Case)] == texts


def test_nothing_of_it_ever_leaves(monday: None, smtp: Mailbox) -> None:
    before = [(message.id, message.status, message.attempts) for message in every(Message)]
    for number, _, _ in before:
        deliveries.deliver(number)
    deliveries.sweep()
    db.session.expire_all()
    assert [(message.id, message.status, message.attempts) for message in every(Message)] == before
    assert smtp.mails == []
