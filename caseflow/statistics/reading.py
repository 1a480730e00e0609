"""The facts of a stretch of days within a person's scope, out of the blocks. What was read is kept in memory while its
stamp is the same, because most of the past never changes again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from threading import Lock
from types import MappingProxyType
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import departments_of
from caseflow.cases.models import STATUSES
from caseflow.database import db
from caseflow.statistics import counting
from caseflow.statistics.blocks import CASE, DAY_0, FACT, Block, Facts, Where, code_numbers

MOST_KEPT = 96 * 2**20  # bytes in each process

Days = NDArray[np.int64]
Wanted = Mapping[str, str]
Span = tuple[date, date]
# What is told of a period before (shares and medians), and what is asked of the days since a period (what came and
# went, for what was open at its end): by far the most of what happened is none of it.
EARLIER = (counting.KEPT, counting.LATE, counting.WAITS, counting.ENDED, counting.CALLED)
SINCE = (counting.RECEIVED, counting.MOVED_IN, counting.MOVED_OUT, *counting.OPENING, *counting.ENDING)
Part = tuple[int, ...]
WHOLE: Part = ()
_OF = {part: np.isin(np.arange(256), part) for part in (EARLIER, SINCE)}
# By block, its stamp, and how much of it.
Kept = tuple[Where, int, Part]
_kept: OrderedDict[Kept, bytes] = OrderedDict()
_lock = Lock()
_bytes = 0


@dataclass(frozen=True)
class CodeBook:
    """Which number of the facts stands for which code, by dimension."""

    numbers: Mapping[str, Mapping[str, int]]

    def codes(self, dimension: str) -> dict[int, str]:
        return {number: code for code, number in self.numbers[dimension].items()}


@dataclass(frozen=True)
class Some:
    """Facts with their days (as numbers since 2000), and whose they are where that was asked for."""

    days: Days
    facts: Facts
    cases: NDArray[np.int64] | None = None

    def where(self, wanted: NDArray[Any] | slice) -> Some:
        """Those of a mask, at these places, or of a stretch."""
        if isinstance(wanted, slice):
            cases = None if self.cases is None else self.cases[wanted]
            return Some(self.days[wanted], self.facts[wanted], cases)
        # Taken by their places: numpy copies records by a mask ten times slower.
        at = np.flatnonzero(wanted) if wanted.dtype == np.bool_ else wanted
        cases = None if self.cases is None else self.cases.take(at)
        return Some(self.days.take(at), self.facts.take(at), cases)

    def __len__(self) -> int:
        return len(self.days)


def together(parts: Sequence[Some]) -> Some:
    """Several as one, in this order."""
    if len(parts) == 1:
        return parts[0]
    cases = [part.cases for part in parts if part.cases is not None]
    return Some(
        np.concatenate([part.days for part in parts]) if parts else np.empty(0, np.int64),
        np.concatenate([part.facts.view(_WHOLE) for part in parts]).view(FACT) if parts else np.empty(0, FACT),
        np.concatenate(cases) if cases else None,
    )


# A fact as one piece: numpy looks at each field of a record before it puts two arrays of them together.
_WHOLE = np.dtype(f"V{FACT.itemsize}")


@dataclass(frozen=True)
class Pile:
    """Facts by measure, and within each by day; where each measure's begin and end. Most of what is asked of it is a
    stretch, and costs nothing."""

    all: Some
    book: CodeBook
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of_days(cls, some: Some, mask: NDArray[np.bool_], book: CodeBook) -> Pile:
        """Of those of a mask, of facts in the order of their days."""
        at = np.flatnonzero(mask)
        measures = some.facts["measure"][at]
        order = at[np.argsort(measures, kind="stable")]
        edges = np.concatenate([[0], np.cumsum(np.bincount(measures, minlength=256))])
        return cls(some.where(order), book, edges[:-1], edges[1:])

    def of(self, first: int, last: int | None = None) -> Some:
        """The facts of a measure, or of those from one to another."""
        return self.among(range(first, (last or first) + 1))

    def among(self, measures: Sequence[int]) -> Some:
        """The facts of these measures, each by day."""
        there = [one for one in measures if self.begins[one] < self.ends[one]] or list(measures[:1])
        return together([self.all.where(slice(int(self.begins[one]), int(self.ends[one]))) for one in there])

    def between(self, first: date, last: date) -> Pile:
        """The facts of some days."""
        begins, ends = self.begins.copy(), self.ends.copy()
        for one in np.flatnonzero(self.begins < self.ends):
            days = self.all.days[self.begins[one] : self.ends[one]]
            begins[one], ends[one] = self.begins[one] + np.searchsorted(days, [number(first), number(last) + 1])
        return replace(self, begins=begins, ends=ends)

    @property
    def numbers(self) -> NDArray[np.int64]:
        """How many facts there are of each measure."""
        return self.ends - self.begins


def number(day: date) -> int:
    return day.toordinal() - DAY_0


def day_of(day: int) -> date:
    return date.fromordinal(day + DAY_0)


def happened(staff: Staff, wanted: Wanted, spans: Mapping[Span, Part], *, whose: bool = False) -> tuple[Pile, Pile]:
    """What happened on the days of the spans (all or a part of it), and what is open now: of the person's departments
    and as `wanted`."""
    book = CodeBook(code_numbers())
    near = sa.or_(*(sa.and_(Block.sort == "day", Block.day.between(*span)) for span in spans), Block.sort == "open")
    stamps = db.session.execute(sa.select(Block.sort, Block.day, Block.stamp).where(near).order_by(Block.day))
    wheres = {(sort, day): stamp for sort, day, stamp in stamps}
    partly = [(span, part) for span, part in spans.items() if part]
    days = [day for sort, day in wheres if sort == "day"]
    parts = {("day", day): part for day in days for (first, last), part in partly if first <= day <= last}
    found = _facts(wheres, parts)
    cases = _cases(wheres) if whose else {}
    allowed = set(db.session.scalars(departments_of(staff)))
    day, now = (_some(sort, found, cases if whose else None) for sort in ("day", "open"))
    happened, open_now = (Pile.of_days(some, _within(some.facts, book, allowed, wanted), book) for some in (day, now))
    return happened, open_now


def steps_of(ids: NDArray[np.int64], span: Span) -> Some:
    """Every step of these cases on the days of the span, in whichever department, in the order they were taken."""
    stamps = sa.select(Block.day, Block.stamp).where(Block.sort == "day", Block.day.between(*span)).order_by(Block.day)
    wheres = {("day", row.day): row.stamp for row in db.session.execute(stamps)}
    some = _some("day", _facts(wheres), _cases(wheres))
    assert some.cases is not None
    measure = some.facts["measure"]
    mine = (measure >= counting.STEP) & (measure < counting.STEP + len(STATUSES) ** 2) & np.isin(some.cases, ids)
    return some.where(mine)


def _facts(wheres: Mapping[Where, int], parts: Mapping[Where, Part] = MappingProxyType({})) -> dict[Where, bytes]:
    """What is in these blocks; of those in `parts` no more than these measures."""
    with _lock:
        kept = {where: _kept.get((where, stamp, parts.get(where, WHOLE))) for where, stamp in wheres.items()}
        found = {where: facts for where, facts in kept.items() if facts is not None}
        whole = {where: _kept.get((where, wheres[where], WHOLE)) for where in wheres if where not in found}
    known = {where: facts for where, facts in whole.items() if facts is not None}
    for where, facts in chain(known.items(), _read([where for where in whole if where not in known])):
        part = parts.get(where, WHOLE)
        found[where] = _part(facts, part)
        _keep((where, wheres[where], part), found[where])
    return found


def _part(facts: bytes, part: Part) -> bytes:
    if not part:
        return facts
    some = np.frombuffer(facts, FACT)
    return some.take(np.flatnonzero(_OF[part][some["measure"]])).tobytes()


def _read(missing: Sequence[Where]) -> Iterator[tuple[Where, bytes]]:
    # By sort and a list of days: so many pairs would be slower to say than to find.
    for sort in {sort for sort, _day in missing}:
        days = [day for one, day in missing if one == sort]
        asked = sa.select(Block.day, Block.facts).where(Block.sort == sort, Block.day == sa.any_(_days(days)))
        for day, facts in db.session.execute(asked.execution_options(yield_per=200)):
            yield (sort, day), facts


def _keep(key: Kept, facts: bytes) -> None:
    global _bytes  # of what is kept: adding it all up anew for each day would take longer than reading it
    with _lock:
        old = _kept.pop(key, b"")
        _kept[key] = facts
        _bytes += len(facts) - len(old)
        while _bytes > MOST_KEPT:
            _bytes -= len(_kept.popitem(last=False)[1])


def _cases(wheres: Iterable[Where]) -> dict[Where, NDArray[np.int64]]:
    found: dict[Where, NDArray[np.int64]] = {}
    for sort in ("day", "open"):
        days = [day for one, day in wheres if one == sort]
        asked = sa.select(Block.day, Block.cases).where(Block.sort == sort, Block.day == sa.any_(_days(days)))
        found |= {(sort, row.day): np.frombuffer(row.cases, CASE) for row in db.session.execute(asked)}
    return found


def _days(days: Sequence[date]) -> sa.ColumnElement[list[date]]:
    return sa.literal(days, sa.ARRAY(sa.Date))


def _some(sort: str, found: Mapping[Where, bytes], cases: Mapping[Where, NDArray[np.int64]] | None) -> Some:
    """In the order of their days."""
    wheres = sorted(where for where in found if where[0] == sort)
    sizes = [len(found[where]) // FACT.itemsize for where in wheres]
    days = np.repeat(np.array([number(day) for _sort, day in wheres], np.int64), sizes)
    whose = None
    if cases is not None:
        whose = np.concatenate([cases[where] for where in wheres]) if wheres else np.empty(0, np.int64)
    return Some(days, np.frombuffer(b"".join(found[where] for where in wheres), FACT), whose)


def _within(facts: Facts, book: CodeBook, allowed: set[str], wanted: Wanted) -> NDArray[np.bool_]:
    """Which facts are of these departments and as wanted; a code that no fact has finds none."""
    departments = book.numbers["department"]
    reach = np.zeros(max(departments.values()) + 1, np.bool_)
    reach[[departments[code] for code in allowed if code in departments]] = True
    mask: NDArray[np.bool_] = reach[facts["department"]]
    for dimension, code in wanted.items():
        known = book.numbers[dimension].get(code)
        mask &= facts[dimension] == known if known is not None else np.False_
    return mask
