"""Facts counted into groups: pure arithmetic over arrays, exact for medians too, because every value is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from caseflow.cases.models import OPEN, REPLY_BY, STATUSES
from caseflow.statistics import counting
from caseflow.statistics.blocks import MOST
from caseflow.statistics.definitions import AGES, WITHIN
from caseflow.statistics.groups import Flow, Open, Promise, Stay, Work
from caseflow.statistics.reading import Pile, Some, number

Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]
_STEPS = [(before, after) for before in range(len(STATUSES)) for after in range(len(STATUSES)) if before != after]
FLOW_OF: Mapping[str, Sequence[int]] = {
    "received": [counting.RECEIVED],
    "again": counting.OPENING,
    "finished": counting.ENDING,
    "moved_in": [counting.MOVED_IN],
    "moved_out": [counting.MOVED_OUT],
}
# For each set of flags of ENDED and 0, 1 or more transfers: what it counts for, in the order of `Work`.
_ENDED_SO = np.array(
    [
        [1, *(bool(flags & one) for one in (counting.HAD_ANSWER, counting.AT_FIRST, counting.AGAIN)), n >= 1, n >= 2]
        for flags in range(8)
        for n in range(3)
    ],
    np.int64,
)


@dataclass(frozen=True)
class Grouping:
    """How facts are grouped: by a dimension, or not at all; `codes` names each group's number. `into` has another
    group's number for each number of the dimension, where some are counted together."""

    dimension: str | None
    codes: Mapping[int, str]
    into: Codes | None = None

    @property
    def size(self) -> int:
        return max(self.codes) + 1

    def of(self, some: Some) -> Codes:
        if self.dimension is None:
            return np.zeros(len(some), np.int64)
        groups: Codes = some.facts[self.dimension].astype(np.int64)
        return groups if self.into is None else self.into[groups]


def received(pile: Pile, grouping: Grouping) -> dict[str, int]:
    """How many cases of each group came in."""
    counts = np.bincount(grouping.of(pile.of(counting.RECEIVED)), minlength=grouping.size)
    return {code: int(counts[group]) for group, code in grouping.codes.items()}


Slotted = Sequence[tuple[Some, Codes]]


def in_slots(pile: Pile, firsts: Sequence[date]) -> Slotted:
    """Each of FLOW_OF with its slots; slot n begins with the day `firsts[n]`, and the pile with the first of them."""
    edges = np.array([number(day) for day in firsts])
    parts = [pile.among(measures) for measures in FLOW_OF.values()]
    last = max((int(part.days.max()) for part in parts if len(part)), default=int(edges[0]))
    slot_of = np.searchsorted(edges, np.arange(edges[0], last + 1), side="right") - 1
    return [(part, slot_of[part.days - edges[0]]) for part in parts]


def flows(parts: Slotted, grouping: Grouping, slots: int) -> NDArray[Any]:
    """How much of each of FLOW_OF there was, by group and slot."""
    size = grouping.size * slots
    keys = (grouping.of(part) * slots + slot for part, slot in parts)
    counted = [np.bincount(key, minlength=size).reshape(grouping.size, slots) for key in keys]
    return np.stack(counted, axis=-1)


def flow(row: NDArray[Any]) -> list[Flow]:
    return [Flow(*map(int, slot)) for slot in row]


def overdue(some: Some, today: date) -> Mask:
    """Of what waits or is open: whose promised day has passed."""
    late: Mask = some.facts["value"].astype(np.int64) < number(today)
    return late


def what_came_of(part: Some, today: date) -> dict[str, Mask]:
    """Which of the promises (KEPT to WAITS) were kept, kept late, missed, or are not due yet."""
    measure, past = part.facts["measure"], overdue(part, today)
    waits = measure == counting.WAITS
    answered = {"kept": measure == counting.KEPT, "late": measure == counting.LATE}
    return {**answered, "missed": waits & past, "pending": waits & ~past}


def aged(some: Some, edges: Sequence[int]) -> Codes:
    """The age group of what is open, the oldest group first. What counts from the day of an edge or before is of the
    group before it; the oldest edge is the first."""
    return np.searchsorted(np.array(edges), some.facts["other"])


def weekdays(some: Some) -> Codes:
    """Monday is 0."""
    return (some.days + 5) % 7  # 1 January 2000 was a Saturday


def promises(pile: Pile, grouping: Grouping, today: date) -> dict[str, Promise]:
    """What became of each group's cohort; `pile` holds the days on which it came in."""
    part = pile.of(counting.KEPT, counting.WAITS)
    groups, came_of_it = grouping.of(part), what_came_of(part, today)
    numbers = [np.bincount(groups[mask], minlength=grouping.size) for mask in came_of_it.values()]
    answered = came_of_it["kept"] | came_of_it["late"]
    days = _by_group(groups[answered], part.facts["value"][answered], grouping)
    return {
        code: Promise(
            **{
                name: int(counts[group])
                for name, counts in zip(("kept", "late", "unanswered", "pending"), numbers, strict=True)
            },
            median=percentile(days[group], 0.5),
            ninety=percentile(days[group], 0.9),
            within=tuple(int(np.searchsorted(days[group], most, side="right")) for most in WITHIN),
        )
        for group, code in grouping.codes.items()
    }


def ages(some: Some, grouping: Grouping, today: date, edges: Sequence[int]) -> dict[str, list[Open]]:
    """What is open now by age, the youngest first."""
    late = overdue(some, today)
    key, size = grouping.of(some) * len(AGES) + aged(some, edges), grouping.size * len(AGES)
    total, past = (np.bincount(key[mask], minlength=size) for mask in (np.ones_like(late), late))
    found = [Open(*map(int, pair)) for pair in zip(total, past, strict=True)]
    return {code: found[group * len(AGES) : (group + 1) * len(AGES)][::-1] for group, code in grouping.codes.items()}


def statuses(some: Some, grouping: Grouping) -> dict[str, dict[str, int]]:
    """How many are open now in each status."""
    place = some.facts["measure"].astype(np.int64) - counting.OPEN_NOW
    key = grouping.of(some) * len(OPEN) + place
    counts = np.bincount(key, minlength=grouping.size * len(OPEN)).reshape(grouping.size, len(OPEN))
    return {code: dict(zip(OPEN, map(int, counts[group]), strict=True)) for group, code in grouping.codes.items()}


def works(pile: Pile, grouping: Grouping) -> dict[str, Work]:
    ended, called = pile.of(counting.ENDED), pile.of(counting.CALLED)
    # What is told of a case by its flags and how often it was passed on: all told apart at once, and then added up.
    flags, passed = ended.facts["other"].astype(np.int64), np.minimum(ended.facts["value"], 2)
    kinds = len(_ENDED_SO)
    key = grouping.of(ended) * kinds + flags * 3 + passed
    ways = np.bincount(key, minlength=grouping.size * kinds).reshape(grouping.size, kinds) @ _ENDED_SO
    callers, reached = grouping.of(called), called.facts["value"] > 0
    calls = [np.bincount(some, minlength=grouping.size) for some in (callers, callers[reached])]
    return {
        code: Work(*map(int, ways[group]), *(int(counts[group]) for counts in calls))
        for group, code in grouping.codes.items()
    }


def stays(pile: Pile, grouping: Grouping) -> dict[str, dict[str, Stay]]:
    """How long what left each open status had been in it."""
    found: dict[str, dict[str, Stay]] = {code: {} for code in grouping.codes.values()}
    for status in OPEN:
        steps = counting.leaving(status)
        part = pile.of(steps[0], steps[-1])
        hours = _by_group(grouping.of(part), part.facts["value"], grouping)
        for group, code in grouping.codes.items():
            mine = hours[group]
            found[code][status] = Stay(len(mine), percentile(mine, 0.5), percentile(mine, 0.9))
    return found


def answers(pile: Pile, grouping: Grouping) -> dict[str, dict[str, int]]:
    """How many answers went out by each channel."""
    part = pile.of(counting.ANSWERED)
    key = grouping.of(part) * len(REPLY_BY) + part.facts["value"]
    counts = np.bincount(key, minlength=grouping.size * len(REPLY_BY)).reshape(grouping.size, len(REPLY_BY))
    return {code: dict(zip(REPLY_BY, map(int, counts[group]), strict=True)) for group, code in grouping.codes.items()}


def no_hours() -> NDArray[Any]:
    return np.zeros((7, 24), np.int64)


def hours(pile: Pile) -> NDArray[Any]:
    """What came in, by weekday (Monday is 0) and local hour."""
    part = pile.of(counting.RECEIVED)
    return np.bincount(weekdays(part) * 24 + part.facts["value"], minlength=168).reshape(7, 24)


def steps(pile: Pile) -> dict[tuple[str, str], int]:
    """How often cases went from one status to another."""
    counts = pile.numbers
    return {(STATUSES[before], STATUSES[after]): int(counts[counting.step(before, after)]) for before, after in _STEPS}


def percentile(ordered: NDArray[Any], share: float) -> int | None:
    """The least value that this share of the ordered ones does not exceed; None when there are none."""
    if not len(ordered):
        return None
    # Of ten, 0.9 is the ninth: without the rounding, 0.9 · 10 could be a hair above nine.
    return int(ordered[max(0, int(np.ceil(round(share * len(ordered), 9))) - 1)])


def _by_group(groups: Codes, values: NDArray[np.uint16], grouping: Grouping) -> list[NDArray[Any]]:
    """Each group's values in order."""
    keys = np.sort((groups.astype(np.uint32) << 16) | values)  # a value has sixteen bits, and so has a group
    cuts = np.searchsorted(keys, np.arange(1, grouping.size, dtype=np.uint32) << 16)
    return np.split(keys & MOST, cuts)
