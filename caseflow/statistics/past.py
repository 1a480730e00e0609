"""What was open at the end of a past day: the very cases behind that day's backlog, as they were then.

Counted back from what is open now, as the number is: a case was open in a department when it is now, less what came to
it and more what went from it since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import OPEN, STATUSES, Case
from caseflow.database import db
from caseflow.statistics import counting, reading, tallying
from caseflow.statistics.definitions import AGES
from caseflow.statistics.figures import Filter, age_edges
from caseflow.statistics.reading import Pile, Some

COMES, GOES = ("received", "again", "moved_in"), ("finished", "moved_out")
Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Then:
    """The cases that were open, by id: the day from which each one's age was counted, its age group (the oldest first)
    and its status, by its place."""

    cases: Ids
    since: Ids
    ages: Ids
    statuses: Ids

    def where(self, mask: NDArray[Any]) -> Then:
        return Then(self.cases[mask], self.since[mask], self.ages[mask], self.statuses[mask])

    def part(self, part: str) -> Then:
        """Those of a status, or of an age by its number; all for none."""
        if part in OPEN:
            return self.where(self.statuses == counting.PLACE[part])
        return self.where(self.ages == len(AGES) - 1 - int(part)) if part else self

    def parts(self) -> dict[str, int]:
        """How many there are of each status and each age."""
        by_status = {status: int((self.statuses == counting.PLACE[status]).sum()) for status in OPEN}
        return by_status | {str(n): int((self.ages == len(AGES) - 1 - n).sum()) for n in range(len(AGES))}


def open_at_end_of(staff: Staff, chosen: Filter, day: date, calendar: Calendar, today: date) -> Then:
    after = (day + timedelta(days=1), max(today, day + timedelta(days=1)))
    since, now = reading.happened(staff, chosen.wanted, {after: reading.WHOLE}, whose=True)
    there = _there(since, now.all)
    known = _now(there, now.all, calendar)
    counted_from = np.array([known[case][0] for case in map(int, there)], np.int64)
    ages = np.searchsorted(np.array(age_edges(day, calendar)), counted_from)
    statuses = {case: status for case, (_day, status) in known.items()}
    return Then(there, counted_from, ages, _statuses(there, after, statuses))


def _there(since: Pile, now: Some) -> Ids:
    """Which cases were open in the departments asked for: once, also where one went to and fro since."""
    parts, signs = [now], [1]
    for names, sign in ((COMES, -1), (GOES, 1)):
        for name in names:
            parts.append(since.among(tallying.FLOW_OF[name]))
            signs.append(sign)
    cases = np.concatenate([part.cases for part in parts if part.cases is not None])
    ids, which = np.unique(cases, return_inverse=True)
    change = np.repeat(signs, [len(part) for part in parts])
    there: Ids = ids[np.bincount(which, change, minlength=len(ids)) > 0.5]
    return there


def _now(there: Ids, now: Some, calendar: Calendar) -> dict[int, tuple[int, int]]:
    """Of each case the day from which its working days are counted, and the status that it is in: known of what is open
    now in these departments, else asked of the case."""
    assert now.cases is not None
    facts = now.facts["other"], now.facts["measure"].astype(np.int64) - counting.OPEN_NOW
    columns = (map(int, some) for some in (now.cases, *facts))
    found = {case: (day, status) for case, day, status in zip(*columns, strict=True)}
    missing = [case for case in map(int, there) if case not in found]
    for begin in range(0, len(missing), 10_000):
        some = sa.literal(missing[begin : begin + 10_000], sa.ARRAY(sa.BigInteger))
        asked = sa.select(Case.id, Case.received_at, Case.status).where(Case.id == sa.any_(some))
        for case, received_at, status in db.session.execute(asked):
            here = clock.local(received_at, calendar.zone)
            day = reading.number(here.date()) + (here.time() >= calendar.day_ends)
            found[case] = day, counting.PLACE[status]
    return {**dict.fromkeys(missing, (0, 0)), **found}


def _statuses(there: Ids, after: tuple[date, date], now: Mapping[int, int]) -> Ids:
    """What each case left with its first step since, wherever it lay then; without any, what it is in now."""
    steps = reading.steps_of(there, after)
    assert steps.cases is not None
    ids, first = np.unique(steps.cases, return_index=True)  # the first of each, as they lie in the order of their days
    left = (steps.facts["measure"][first].astype(np.int64) - counting.STEP) // len(STATUSES)
    found = {**now, **dict(zip(map(int, ids), map(int, left), strict=True))}
    return np.array([found[case] for case in map(int, there)], np.int64)


def known_parts() -> Sequence[str]:
    return ("", *OPEN, *(str(number) for number in range(len(AGES))))
