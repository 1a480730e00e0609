"""The figures of one page: the facts of the roll-up within a person's scope, counted into groups.

A case counts in the department where it lay when the thing happened; its category, kind, wanted reply, door, language
and place are what they are now. Days are the municipality's local days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.deadlines import Calendar
from caseflow.statistics import counting, reading, tallying, whereabouts
from caseflow.statistics.blocks import DIMENSIONS
from caseflow.statistics.definitions import AGES, MIN_N
from caseflow.statistics.groups import Group, Promise, backlog
from caseflow.statistics.periods import Period, Slot
from caseflow.statistics.reading import Pile, Some
from caseflow.statistics.tallying import Grouping

# What the first page shows; any of DIMENSIONS may be asked for.
USUAL = ("department", "kind", "channel")
WHOLE = Grouping(None, {0: ""})
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Filter:
    """Which cases the figures are about; None means all. The names are those of `blocks.DIMENSIONS`."""

    period: Period
    department: str | None = None
    kind: str | None = None
    channel: str | None = None
    category: str | None = None
    answered_by: str | None = None
    source: str | None = None
    language: str | None = None
    place: str | None = None

    @property
    def wanted(self) -> dict[str, str]:
        """What is chosen, by dimension."""
        chosen = {dimension: getattr(self, dimension) for dimension in DIMENSIONS}
        return {dimension: code for dimension, code in chosen.items() if code is not None}


@dataclass(frozen=True)
class Figures:
    """All figures of one page: `whole`, and for each dimension its groups by code. `hours` is what came in by weekday
    and hour, `steps` how often cases went from one status to another."""

    period: Period
    slots: Sequence[Slot]
    whole: Group
    by: Mapping[str, Mapping[str, Group]]
    hours: NDArray[Any] = field(default_factory=tallying.no_hours, compare=False)
    steps: Mapping[tuple[str, str], int] = field(default_factory=dict)


def read(staff: Staff, chosen: Filter, calendar: Calendar, *, now: datetime, by: Sequence[str] = USUAL) -> Figures:
    """Count everything for what this person may see, as a whole and `by` these dimensions."""
    period, today = chosen.period, clock.today(now, calendar.zone)
    before = period.before()
    spans = {(before.first, before.last): reading.EARLIER, (period.first, period.last): reading.WHOLE}
    if period.last < today:
        spans[period.last + DAY, today] = reading.SINCE
    happened, open_now = reading.happened(staff, chosen.wanted, spans)
    within = happened.between(period.first, period.last)
    piles = _Piles(
        since=happened.between(period.first, max(period.last, today)),
        period=within,
        before=happened.between(before.first, before.last),
        open=open_now.all,
        slots=[within.between(slot.first, slot.last) for slot in period.slots()],
    )
    counted = _Counting(piles, period, today, age_edges(today, calendar))
    groups = {name: counted.groups(_grouping(name, piles.period)) for name in by}
    seen = {name: {code: group for code, group in found.items() if group.seen} for name, found in groups.items()}
    whole = counted.groups(WHOLE)[""]
    return Figures(period, period.slots(), whole, seen, tallying.hours(piles.period), tallying.steps(piles.period))


def age_edges(today: date, calendar: Calendar) -> list[int]:
    """From which days (as numbers) a case must count to be of the age groups, the oldest first."""
    edges, day, age = [], today, 0
    for least in AGES[1:]:
        while age < least:
            age += calendar.is_working_day(day)
            day -= DAY
        while not calendar.is_working_day(day):
            day -= DAY
        edges.append(reading.number(day))
    return edges[::-1]


@dataclass(frozen=True)
class _Piles:
    since: Pile
    period: Pile
    before: Pile
    open: Some
    slots: Sequence[Pile]


@dataclass(frozen=True)
class _Counting:
    """What is counted, and against which days."""

    piles: _Piles
    period: Period
    today: date
    edges: Sequence[int]

    @cached_property
    def flowing(self) -> tallying.Slotted:
        """By the period's slots, and what has been since."""
        firsts = [slot.first for slot in self.period.slots()]
        return tallying.in_slots(self.piles.since, [*firsts, self.period.last + DAY])

    def groups(self, grouping: Grouping) -> dict[str, Group]:
        """Every group of the grouping by code."""
        piles, today = self.piles, self.today
        flow = tallying.flows(self.flowing, grouping, len(piles.slots) + 1)
        promises, earlier = (tallying.promises(pile, grouping, today) for pile in (piles.period, piles.before))
        parts = self._by_slot(grouping)
        ages, works = tallying.ages(piles.open, grouping, today, self.edges), tallying.works(piles.period, grouping)
        earlier_works = tallying.works(piles.before, grouping)
        stays, statuses = tallying.stays(piles.period, grouping), tallying.statuses(piles.open, grouping)
        answers = tallying.answers(piles.period, grouping)
        found = {}
        for number, code in grouping.codes.items():
            *moved, after = tallying.flow(flow[number])
            total = sum(age.total for age in ages[code])
            found[code] = Group(
                flow=moved,
                backlog=backlog(total, moved, after),
                ages=ages[code],
                promise=promises[code],
                promises=parts,
                earlier=earlier[code],
                work=works[code],
                earlier_work=earlier_works[code],
                stays=stays[code],
                statuses=statuses[code],
                answers=answers[code],
            )
        return found

    def _by_slot(self, grouping: Grouping) -> Sequence[Promise]:
        if grouping is not WHOLE:
            return ()
        return [tallying.promises(part, WHOLE, self.today)[""] for part in self.piles.slots]


def _grouping(dimension: str, period: Pile) -> Grouping:
    every = Grouping(dimension, period.book.codes(dimension))
    return _large_places(every, period) if dimension == "place" else every


def _large_places(every: Grouping, period: Pile) -> Grouping:
    """The places of which enough cases came in, and all others together."""
    came = {code: n for code, n in tallying.received(period, every).items() if code}
    small = whereabouts.unnamed(came)
    into, codes = np.zeros(every.size, np.int64), {0: "", 1: whereabouts.OTHERS}
    for number, code in every.codes.items():
        if code in small:
            into[number] = 1
        elif code:
            into[number] = len(codes)
            codes[len(codes)] = code
    return Grouping("place", codes, into)


def enough_came(staff: Staff, chosen: Filter) -> bool:
    """Whether so many cases came in under a filter that nobody is singled out by it."""
    happened, _open = reading.happened(staff, chosen.wanted, {(chosen.period.first, chosen.period.last): reading.WHOLE})
    return len(happened.of(counting.RECEIVED)) >= MIN_N
