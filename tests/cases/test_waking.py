"""Planned cases wake on their morning, whatever the clock and the beat did meanwhile; and since when residents wait."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import RESIDENT, Event
from caseflow.cases import lifecycle
from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import Case, Entry, Municipality
from caseflow.cases.screen.parking_form import presets
from caseflow.cases.triage.lookup import Lookup
from caseflow.cases.watch import waking
from caseflow.database import db, unit_of_work
from caseflow.messages import fate
from caseflow.messages.models import Message
from tests.cases.acting import Desk


def park(case: Case, until: date, clerk: Staff) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with unit_of_work():
        lifecycle.assign(case, to=clerk, by=clerk.as_actor(), now=now)
        lifecycle.park(case, until=until, reason="Asfalten läggs då.", by=clerk.as_actor(), now=now)


def status(case: Case) -> str:
    db.session.rollback()
    return str(db.session.scalar(sa.select(Case.status).where(Case.id == case.id)))


@pytest.mark.parametrize(
    ("until", "too_early", "in_time"),
    [
        # The nights of the clock change, a leap day, New Year: local midnight is another hour of UTC each time.
        ("2026-03-29", "2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z"),
        ("2026-03-30", "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z"),
        ("2026-10-25", "2026-10-24T21:59:59Z", "2026-10-24T22:00:00Z"),
        ("2026-10-26", "2026-10-25T22:59:59Z", "2026-10-25T23:00:00Z"),
        ("2028-02-29", "2028-02-28T22:59:59Z", "2028-02-28T23:00:00Z"),
        ("2027-01-01", "2026-12-31T22:59:59Z", "2026-12-31T23:00:00Z"),
    ],
)
def test_a_planned_case_wakes_at_local_midnight(
    until: str, too_early: str, in_time: str, resident_case: Callable[..., Case], clerk: Staff
) -> None:
    case = resident_case()
    park(case, date.fromisoformat(until), clerk)
    assert (waking.wake(datetime.fromisoformat(too_early)), status(case)) == (0, "planned")
    assert (waking.wake(datetime.fromisoformat(in_time)), status(case)) == (1, "in_progress")


def test_after_three_days_without_a_clock_each_case_wakes_once_though_two_clocks_run(
    app: Flask, resident_case: Callable[..., Case], clerk: Staff
) -> None:
    cases = [resident_case() for _case in range(6)]
    for day, case in enumerate(cases, 1):
        park(case, date(2026, 12, day), clerk)
    now = datetime(2026, 12, 4, 6, tzinfo=UTC)
    found: list[int] = []

    def beat() -> None:
        with app.app_context():
            found.append(waking.wake(now))

    clocks = [threading.Thread(target=beat) for _beat in range(2)]
    for one in clocks:
        one.start()
    for one in clocks:
        one.join()
    waking.wake(now)
    assert sum(found) <= 4
    assert [status(case) for case in cases] == ["in_progress"] * 4 + ["planned"] * 2
    woken = sa.select(Event.subject_id, Event.actor).where(Event.verb == "wake").order_by(Event.subject_id)
    assert list(db.session.execute(woken).tuples()) == [(case.id, "system") for case in cases[:4]]
    assert db.session.get_one(Case, cases[0].id).assignee_id == clerk.id


def test_who_opens_the_queue_sees_what_was_planned_for_today_until_somebody_acts(
    desk_with: Callable[..., Desk], clerk: Staff, clock_at: Callable[[datetime], object]
) -> None:
    clock_at(datetime(2026, 11, 30, 6, tzinfo=UTC))
    desk = desk_with()
    park(desk.case(), date(2026, 12, 1), clerk)
    own = desk.client.get(f"/case/{desk.case().code}").get_data(as_text=True)
    assert "We take up your case again on Tuesday 1 December" in own and "Asfalten läggs då." in own
    clock_at(datetime(2026, 12, 1, 6, tzinfo=UTC))
    waking.wake(clock.now())
    assert "Planned for today" in desk.client.get("/staff/queue").get_data(as_text=True)
    page = desk.read()
    assert "Planned for today" in page and "The case was planned for Tuesday 1 December and is work again" in page
    assert "We took up your case again." in desk.client.get(f"/case/{desk.case().code}").get_data(as_text=True)
    clock_at(datetime(2026, 12, 2, 6, tzinfo=UTC))
    assert "Planned for 1 Dec" in desk.client.get("/staff/queue").get_data(as_text=True)
    desk.act("notes", text="Ringde entreprenören.")
    assert "Planned for" not in desk.client.get("/staff/queue").get_data(as_text=True)


def test_the_usual_days_are_one_press_and_never_free_ones(
    desk_with: Callable[..., Desk], clock_at: Callable[[datetime], object]
) -> None:
    calendar = Calendar.of(db.session.get_one(Municipality, 1))
    assert list(presets(date(2026, 12, 23), calendar).values()) == [
        date(2026, 12, 28),  # after Christmas and the weekend
        date(2026, 12, 30),
        date(2027, 1, 4),
    ]
    clock_at(datetime(2026, 11, 27, 9, tzinfo=UTC))
    desk = desk_with()
    assert "Next working day: Monday 30 November" in desk.read()
    nothing = desk.act("parking", preset="hello", reason="Våren.")
    assert nothing.status_code == 422 and "Write the date" in nothing.get_data(as_text=True)
    for _click in range(2):
        picked = desk.act("parking", preset="2026-12-04", until="", reason="Våren.", version="1")
        assert picked.status_code == 303
    assert (desk.case().planned_until, desk.verbs()) == (date(2026, 12, 4), ["receive", "park"])
    desk.act("parking", preset="2026-12-04", until="2027-04-15", reason="Våren.")
    assert desk.case().planned_until == date(2027, 4, 15)


ACTS = ("note", "ask", "reply", "hear", "hear", "park", "resume", "reopen", "close", "unsend", "bounce", "again")
LOST = ("hear", "reply", "bounce", "hear", "again", "hear", "note")  # what never arrived has answered nothing


def plainly(case: Case, entries: list[Entry]) -> datetime | None:
    """Since when the resident waits, as a person would go through the conversation."""
    waits: datetime | None = case.received_at
    for entry in entries:
        bounced = any(message.status == "bounced" for message in entry.messages)
        if entry.retracted_at is None and entry.sort in ("reply", "question") and not bounced:
            waits = None
        elif entry.sort == "resident":
            waits = waits or entry.at
    return None if case.status in ("answered", "closed") else waits


def test_a_resident_waits_since_the_first_message_that_nobody_answered_whatever_happened(
    resident_case: Callable[..., Case], clerk: Staff
) -> None:
    chance, start = random.Random(5), datetime(2026, 11, 2, 8, tzinfo=UTC)
    seen, lost = set(), []
    for history in range(8):
        case = resident_case(now=start)
        for hour in range(1, 8):
            verb = LOST[hour - 1] if history == 0 else chance.choice(ACTS)
            happen(verb, case, clerk, start + timedelta(hours=hour))
            db.session.expire_all()
            entries = list(db.session.scalars(sa.select(Entry).where(Entry.case_id == case.id).order_by(Entry.id)))
            kept = db.session.scalar(sa.select(sa.cast(Lookup.waiting_since, sa.Text)).filter_by(case_id=case.id))
            expected = plainly(case, entries)
            assert case.waiting_since == expected
            if history == 0:
                lost.append(expected)
            assert (None if kept in (None, "infinity") else datetime.fromisoformat(kept)) == expected
            seen.add(expected)
    assert [at and (at - start).seconds // 3600 for at in lost] == [0, None, 0, 0, 4, 4, 4]
    assert len(seen) >= 5  # since several of the hours, and nobody


def happen(verb: str, case: Case, clerk: Staff, now: datetime) -> None:
    """The act, where the case's status allows it."""
    told = {"by": clerk.as_actor(), "now": now}
    said = sa.select(Entry).where(Entry.case_id == case.id, Entry.sort.in_(("reply", "question")))
    last = db.session.scalar(said.where(Entry.retracted_at.is_(None)).order_by(Entry.id.desc()).limit(1))
    replies = sa.select(Message).where(Message.case_id == case.id, Message.purpose == "reply")
    sent = db.session.scalar(replies.order_by(Message.id.desc()).limit(1))
    acts: dict[str, Callable[[], object]] = {
        "note": lambda: lifecycle.note(case, "Ringde.", **told),
        "ask": lambda: lifecycle.ask(case, "Vilken stolpe?", channel="none", **told),
        "reply": lambda: lifecycle.reply(case, "Den är lagad.", channel="email", **told),
        "hear": lambda: lifecycle.hear(case, "Hur går det?", by=RESIDENT, now=now),
        "park": lambda: lifecycle.park(case, until=date(2030, 1, 8), reason="Våren.", **told),
        "resume": lambda: lifecycle.resume(case, **told),
        "reopen": lambda: lifecycle.reopen(case, reason="Fel stolpe.", **told),
        "close": lambda: lifecycle.close(case, resolution="no_action", reason="Redan hel.", **told),
        "unsend": lambda: last and last.sort == "question" and lifecycle.unsend(case, last, **told),
        "bounce": lambda: sent and sent.status == "queued" and bounce(sent, now),
        "again": lambda: sent and sent.status == "bounced" and fate.requeue(sent, now=now),
    }
    with contextlib.suppress(lifecycle.Illegal), unit_of_work():
        acts[verb]()


def bounce(message: Message, now: datetime) -> None:
    """The reply comes back, as the mailroom would tell it."""
    message.status = "bounced"
    db.session.flush()
    lifecycle.undelivered(message, now)
