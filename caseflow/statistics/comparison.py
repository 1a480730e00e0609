"""Two periods beside each other, of all cases or of departments side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from caseflow.accounts.models import Staff
from caseflow.cases.deadlines import Calendar
from caseflow.statistics import figures, opinions, rollup, withheld
from caseflow.statistics.definitions import FIGURES
from caseflow.statistics.differences import Difference, difference
from caseflow.statistics.figures import Filter
from caseflow.statistics.groups import Cell, Group, cells
from caseflow.statistics.opinions import Opinion
from caseflow.statistics.periods import Period

# What can be said of a period that is over, in the order of the page; what is open at this moment cannot.
PARTS: Mapping[str, Sequence[str]] = {
    "promise": ("in_time", "within_1", "within_2", "within_5", "within_10", "median", "ninety"),
    "flow": ("received", "again", "finished", "backlog", "moved_in", "moved_out"),
    "work": ("at_first", "reopened", "passed", "passed_twice", "callbacks"),
    "stays": ("in_new", "in_in_progress", "in_waiting", "in_planned"),
    "opinions": opinions.QUESTIONS,
}
CODES = [code for part in PARTS.values() for code in part]
Cells = Mapping[str, Cell]


@dataclass(frozen=True)
class Side:
    """A department, or all cases (no code): its figures in the period and in the other one."""

    code: str
    name: str
    now: Cells
    then: Cells


@dataclass(frozen=True)
class Line:
    """A figure of one side."""

    side: Side
    code: str
    now: Cell
    then: Cell
    difference: Difference

    @property
    def change(self) -> int | None:
        """In the figure's unit, also over unequal periods; None where one of them says nothing."""
        return None if self.now.value is None or self.then.value is None else self.now.value - self.then.value


@dataclass(frozen=True)
class Comparison:
    period: Period
    against: Period
    sides: Sequence[Side]
    as_of: datetime | None

    def lines(self, code: str) -> list[Line]:
        """One for each side."""
        return [Line(side, code, side.now[code], side.then[code], self._difference(side, code)) for side in self.sides]

    def told(self, codes: Sequence[str]) -> list[str]:
        """The figures of which any side says anything but that there was nothing."""
        return [code for code in codes if any(line.now.value or line.then.value for line in self.lines(code))]

    def of(self, side: Side) -> Iterator[Line]:
        """Every figure of a side."""
        return (line for code in CODES for line in self.lines(code) if line.side is side)

    def _difference(self, side: Side, code: str) -> Difference:
        return difference(code, side.now[code], side.then[code], (self.period.days, self.against.days))


def read(
    staff: Staff, chosen: Filter, against: Period, departments: Mapping[str, str], calendar: Calendar, *, now: datetime
) -> Comparison:
    """`departments` by code are named; without any, all cases of the person's departments are one side."""
    found = [
        _told(staff, replace(chosen, period=period), calendar, now, bool(departments))
        for period in (chosen.period, against)
    ]
    nothing = _cells(Group(), Opinion())
    sides = [
        Side(code, name, *(some.get(code, nothing) for some in found))
        for code, name in (departments or {"": ""}).items()
    ]
    return Comparison(chosen.period, against, sides, rollup.counted_until())


def _told(staff: Staff, chosen: Filter, calendar: Calendar, now: datetime, apart: bool) -> dict[str, Cells]:
    counted = figures.read(staff, chosen, calendar, now=now, by=["department"] if apart else [])
    said = opinions.read(staff, chosen)
    if not apart:
        return {"": _cells(counted.whole, said.whole)}
    groups, answers = counted.by["department"], said.by_department
    both = groups.keys() | answers.keys()
    return _guarded({code: _cells(groups.get(code, Group()), answers.get(code, Opinion())) for code in both})


def _cells(group: Group, opinion: Opinion) -> Cells:
    left = group.backlog[-1] if group.backlog else 0
    return {**cells(group), "backlog": Cell(left, left), **opinion.cells}


def _guarded(found: Mapping[str, Cells]) -> dict[str, Cells]:
    """Nothing is said of what could be reckoned from the figures of all cases together. It depends on all departments
    that the person sees, so that choosing others tells nothing new."""
    safe = {code: dict(some) for code, some in found.items()}
    for figure in (code for code in CODES if FIGURES[code].least):
        for code in withheld.hidden({code: some[figure].n for code, some in found.items()}):
            safe[code][figure] = Cell(None, found[code][figure].n)
    return dict(safe)
