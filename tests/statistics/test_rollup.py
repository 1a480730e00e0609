"""Random histories, counted by the roll-up as they happen and by brute force from the events afterwards."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from caseflow.accounts.models import Staff
from caseflow.audit import RESIDENT, Event
from caseflow.cases import lifecycle
from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import OPEN, STATUSES, Case, Department, Entry
from caseflow.cases.municipality import directory
from caseflow.database import db, unit_of_work
from caseflow.statistics import figures, past, rollup
from caseflow.statistics.blocks import CASE, FACT, Block, FigureCode
from caseflow.statistics.figures import Filter
from caseflow.statistics.groups import Flow
from caseflow.statistics.periods import Period
from caseflow.workdays import working_days_between
from tests import clean

STOCKHOLM = ZoneInfo("Europe/Stockholm")
# Before both nights of the clock change, the turn of the year, and a plain week.
BEGINS = [datetime(*day, 20, tzinfo=STOCKHOLM) for day in ((2026, 10, 24), (2026, 3, 28), (2026, 12, 30), (2026, 6, 3))]
# To the same minute, over one midnight or many, and to where the clock is turned.
GAPS = st.one_of(st.just(60), st.integers(1, 5 * 3600), st.integers(1, 9 * 86_400), st.just(4 * 3600))
VERBS = ("reply", "close", "transfer", "hear", "reopen", "park", "resume", "ask", "undo", "arrive", "midnight")
STORY = st.lists(st.tuples(st.sampled_from(VERBS), GAPS, st.integers(0, 9)), min_size=5, max_size=12)


# Withdrawn on the very day that it was due: in time.
ON_ITS_DAY = [("arrive", 60, 1), ("close", 5 * 86_400 - 3600, 1)]


@given(begin=st.sampled_from(BEGINS), story=STORY)
@example(begin=BEGINS[3], story=ON_ITS_DAY)
@settings(
    # The same few each time; others, and more of them, with CASEFLOW_HISTORIES=200.
    max_examples=int(os.environ.get("CASEFLOW_HISTORIES", "5")),
    derandomize="CASEFLOW_HISTORIES" not in os.environ,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_roll_up_is_what_counting_by_hand_gives(
    resident_case: Callable[..., Case],
    hire: Callable[..., Staff],
    begin: datetime,
    story: Sequence[Any],
) -> None:
    clean.empty()
    db.session.expunge_all()  # what the example before left in the session has the numbers of this one
    reader = hire("Alla Ser", "coordinator", "sb", "kf", "ls")
    now = _live(begin, story, resident_case, reader)
    with unit_of_work():
        rollup.update(now)
    found = _blocks()
    period = Period(begin.date(), now.astimezone(STOCKHOLM).date())
    counted = figures.read(reader, Filter(period), _calendar(), now=now)
    _compare(counted, now)
    _look_back(reader, counted, now)
    with unit_of_work():
        rollup.rebuild(now)
    assert _blocks() == found


def _live(begin: datetime, story: Sequence[Any], file: Callable[..., Case], who: Staff) -> datetime:
    now, cases, by = begin, [file(department="sb", now=begin, reply_by="email")], who.as_actor()
    for number, (verb, gap, choice) in enumerate(story):
        now = now.astimezone(STOCKHOLM)
        if verb == "midnight":
            now = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        else:
            now = datetime.fromtimestamp(now.timestamp() + gap, STOCKHOLM)
        case = cases[choice % len(cases)]
        db.session.refresh(case)
        if verb in ("arrive", "midnight"):
            department, way = ("sb", "kf", "ls")[choice % 3], ("email", "none")[choice == 9]
            cases.append(file(department=department, now=now, reply_by=way))
            continue
        with unit_of_work():
            _act(case, verb, choice, by, now)
            if number >= len(story) // 2:
                rollup.update(now)
    return now


def _act(case: Case, verb: str, choice: int, by: Any, now: datetime) -> None:
    legal = lifecycle.legal(case)
    way = case.reply_by
    if verb == "undo" and "reply" in legal and way == "email":
        entry = lifecycle.reply(case, "Fel.", channel="email", by=by, now=now)
        lifecycle.unsend(case, entry, by=by, now=now + timedelta(seconds=5))
    elif verb == "hear" and verb in legal:
        lifecycle.hear(case, "En sak till.", by=RESIDENT, now=now)
    elif verb in legal:
        to = db.session.get_one(Department, ("sb", "kf", "ls")[choice % 3])
        facts: dict[str, dict[str, Any]] = {
            "reply": {"text": "Svar.", "channel": way, "close_after": choice < 5},
            "close": {"resolution": ("no_action", "withdrawn")[choice % 2], "reason": "Skäl."},
            "transfer": {"to": to, "reason": "Skäl."},
            "reopen": {"reason": "Skäl."},
            "park": {"until": now.date() + timedelta(days=30), "reason": "Skäl."},
            "ask": {"text": "Var?", "channel": way},
            "resume": {},
        }
        getattr(lifecycle, verb)(case, by=by, now=now, **facts[verb])


def _compare(counted: figures.Figures, now: datetime) -> None:
    lives = [Life(case) for case in db.session.scalars(sa.select(Case))]
    for code in ("sb", "kf", "ls"):
        group = counted.by["department"].get(code)
        flow = Counter(what for life in lives for what, where in life.facts if where == code)
        expected = Flow(*(flow[name] for name in ("received", "again", "finished", "moved_in", "moved_out")))
        assert (group.total if group else Flow()) == expected, code
        ends = [_midnight(slot.last + timedelta(days=1)) for slot in counted.slots]
        open_then = [sum(life.open_before(end) == code for life in lives) for end in ends]
        assert (list(group.backlog) if group else [0] * len(ends)) == open_then, code
    promise, fates = counted.whole.promise, [life.fate(now) for life in lives]
    told = Counter(fate for fate, _days in fates)
    names = ("kept", "late", "unanswered", "pending")
    assert {name: getattr(promise, name) for name in names} == {name: told[name] for name in names}
    days = sorted(days for _fate, days in fates if days is not None)
    assert promise.median == (days[(len(days) + 1) // 2 - 1] if days else None)
    assert promise.within == tuple(sum(one <= most for one in days) for most in (1, 2, 5, 10))
    assert counted.whole.open.total == sum(life.case.status in OPEN for life in lives)


def _look_back(reader: Staff, counted: figures.Figures, now: datetime) -> None:
    """The cases behind the backlog of a past day are those that were open then, in the status that they had."""
    lives, today = [Life(case) for case in db.session.scalars(sa.select(Case))], now.astimezone(STOCKHOLM).date()
    for number, slot in enumerate(counted.slots):
        end = _midnight(slot.last + timedelta(days=1))
        for code in ("sb", "kf", None):
            chosen = Filter(counted.period, department=code)
            then = past.open_at_end_of(reader, chosen, slot.last, _calendar(), today)
            open_then = {life.case.id: life.status_before(end) for life in lives if life.open_before(end)}
            if code:
                open_then = {life.case.id: life.status_before(end) for life in lives if life.open_before(end) == code}
            told = {int(case): STATUSES[status] for case, status in zip(then.cases, then.statuses, strict=True)}
            assert told == open_then
        assert counted.whole.backlog[number] == len(told)


class Life:
    """One case by brute force: what it was at each moment, from its events that were not undone."""

    def __init__(self, case: Case) -> None:
        undone = set(
            db.session.scalars(sa.select(Entry.at).where(Entry.case_id == case.id, Entry.retracted_at.is_not(None)))
        )
        acts = db.session.scalars(
            sa.select(Event).where(Event.subject_id == case.id, Event.subject == "case").order_by(Event.id)
        )
        self.case, self.came = case, case.received_at.astimezone(STOCKHOLM).date()
        self.moments: list[tuple[datetime, str, str]] = []
        self.answered: date | None = None
        for act in acts:
            if act.at in undone and act.verb != "receive":
                continue
            status = str(act.data.get("to") or self.moments[-1][1])
            where = str(act.data.get("department") or self.moments[-1][2])
            self.moments.append((act.at, status, where))
            if act.verb == "reply" and self.answered is None:
                self.answered = act.at.astimezone(STOCKHOLM).date()
        self.facts = [("received", self.moments[0][2])]
        for (_then, old, left), (_at, new, came) in pairwise(self.moments):
            if left != came:
                self.facts += [("moved_out", left), ("moved_in", came)]
            if (old in OPEN) != (new in OPEN):
                self.facts.append(("finished" if old in OPEN else "again", left))

    def open_before(self, moment: datetime) -> str | None:
        """The department where it was open just before a moment."""
        past = [(status, where) for at, status, where in self.moments if at < moment]
        return past[-1][1] if past and past[-1][0] in OPEN else None

    def status_before(self, moment: datetime) -> str:
        return [status for at, status, _where in self.moments if at < moment][-1]

    def fate(self, now: datetime) -> tuple[str, int | None]:
        case, today = self.case, now.astimezone(STOCKHOLM).date()
        if case.reply_by == "none":
            return "none", None
        if self.answered:
            return "kept" if self.answered <= case.due_on else "late", self._days(self.answered)
        ended = case.closed_at.astimezone(STOCKHOLM).date() if case.closed_at else None
        if case.resolution == "withdrawn" and ended and ended <= case.due_on:
            return "withdrawn", None
        return "unanswered" if case.due_on < today else "pending", None

    def _days(self, until: date) -> int:
        """Working days after the first working day of the case."""
        calendar, start = _calendar(), self.case.received_at.astimezone(STOCKHOLM)
        day = start.date() + timedelta(days=start.time() >= calendar.day_ends)
        while not calendar.is_working_day(day):
            day += timedelta(days=1)
        return max(0, working_days_between(day, until, calendar.is_working_day))


def _calendar() -> Calendar:
    return Calendar.of(directory.municipality())


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=STOCKHOLM)


def _blocks() -> dict[tuple[str, date], list[Any]]:
    """What is counted, in whichever order and under whichever numbers it was written."""
    names = {(row.dimension, row.number): row.code for row in db.session.scalars(sa.select(FigureCode))}

    found = {}
    for block in db.session.scalars(sa.select(Block).execution_options(populate_existing=True)):
        facts, cases = np.frombuffer(block.facts, FACT), np.frombuffer(block.cases, CASE)
        found[block.sort, block.day] = sorted(
            (int(case), *(names.get((name, fact[name]), int(fact[name])) for name in FACT.names))
            for fact, case in zip(facts, cases, strict=True)
        )
    return found
