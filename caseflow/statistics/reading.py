"""The facts of a stretch of days within a person's scope, out of the blocks. What was read is kept in memory while its
stamp is the same, because most of the past never changes again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock
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
_kept: OrderedDict[tuple[Where, int], Facts] = OrderedDict()
_lock = Lock()
_bytes = 0


@dataclass(frozen=True)
class CodeBook:
    """Which number of the facts stands for which code, by dimension."""

    numbers: Mapping[str, Mapping[str, int]]

    def codes(self, dimension: str) -> dict[int, str]:
        return {number: code for code, number in self.numbers[dimension].items()}


@dataclass(frozen=True)
class Pile:
    """Facts with their days (as numbers since 2000), and whose they are where that was asked for."""

    days: Days
    facts: Facts
    book: CodeBook
    cases: NDArray[np.int64] | None = None
    # Where each measure begins in a pile that is `in_order`: looking for it among millions takes longer than counting.
    begins: NDArray[np.int64] | None = None

    def where(self, mask: NDArray[Any] | slice) -> Pile:
        """Those of a mask, at these places, or of a stretch."""
        cases = None if self.cases is None else self.cases[mask]
        return replace(self, days=self.days[mask], facts=self.facts[mask], cases=cases, begins=None)

    def of(self, first: int, last: int | None = None) -> Pile:
        """The facts of a measure, or of those from one to another: a stretch of a pile that is `in_order`."""
        begins = _begins(self.facts) if self.begins is None else self.begins
        return self.where(slice(int(begins[first]), int(begins[(last or first) + 1])))

    def between(self, first: date, last: date) -> Pile:
        """The facts of some days, of a pile that is still in the order of its days."""
        return self.where(slice(*map(int, np.searchsorted(self.days, [number(first), number(last) + 1]))))

    def in_order(self) -> Pile:
        """By measure, and within each by day."""
        ordered = self.where(np.argsort(np.ascontiguousarray(self.facts["measure"]), kind="stable"))
        return replace(ordered, begins=_begins(ordered.facts))

    def __len__(self) -> int:
        return len(self.days)


def _begins(facts: Facts) -> NDArray[np.int64]:
    return np.searchsorted(np.ascontiguousarray(facts["measure"]), np.arange(257))


def number(day: date) -> int:
    return day.toordinal() - DAY_0


def day_of(day: int) -> date:
    return date.fromordinal(day + DAY_0)


def happened(
    staff: Staff, wanted: Wanted, spans: Sequence[tuple[date, date]], *, whose: bool = False
) -> tuple[Pile, Pile]:
    """What happened on the days of the spans, and what is open now: of the person's departments and as `wanted`."""
    book = CodeBook(code_numbers())
    near = sa.or_(*(sa.and_(Block.sort == "day", Block.day.between(*span)) for span in spans), Block.sort == "open")
    stamps = db.session.execute(sa.select(Block.sort, Block.day, Block.stamp).where(near).order_by(Block.day)).all()
    wheres = {(row.sort, row.day): row.stamp for row in stamps}
    found = _facts(wheres)
    cases = _cases(wheres) if whose else {}
    allowed = set(db.session.scalars(departments_of(staff)))
    piles = [_pile(sort, found, cases if whose else None, book) for sort in ("day", "open")]
    day, now = (pile.where(_within(pile.facts, book, allowed, wanted)) for pile in piles)
    return day, now


def steps_of(ids: NDArray[np.int64], span: tuple[date, date]) -> Pile:
    """Every step of these cases on the days of the span, in whichever department, in the order they were taken."""
    stamps = sa.select(Block.day, Block.stamp).where(Block.sort == "day", Block.day.between(*span)).order_by(Block.day)
    wheres = {("day", row.day): row.stamp for row in db.session.execute(stamps)}
    pile = _pile("day", _facts(wheres), _cases(wheres), CodeBook({}))
    assert pile.cases is not None
    measure = pile.facts["measure"]
    mine = (measure >= counting.STEP) & (measure < counting.STEP + len(STATUSES) ** 2) & np.isin(pile.cases, ids)
    return pile.where(mine)


def _facts(wheres: Mapping[Where, int]) -> dict[Where, Facts]:
    with _lock:
        found = {where: _kept[where, stamp] for where, stamp in wheres.items() if (where, stamp) in _kept}
    missing = [where for where in wheres if where not in found]
    # By sort and a list of days: so many pairs would be slower to say than to find.
    for sort in {sort for sort, _day in missing}:
        days = [day for one, day in missing if one == sort]
        asked = sa.select(Block.day, Block.stamp, Block.facts).where(
            Block.sort == sort, Block.day == sa.any_(_days(days))
        )
        for row in db.session.execute(asked):
            found[sort, row.day] = facts = np.frombuffer(row.facts, FACT)
            _keep((sort, row.day), row.stamp, facts)
    return found


def _keep(where: Where, stamp: int, facts: Facts) -> None:
    global _bytes  # of what is kept: adding it all up anew for each day would take longer than reading it
    with _lock:
        old = _kept.pop((where, stamp), None)
        _kept[where, stamp] = facts
        _bytes += facts.nbytes - (old.nbytes if old is not None else 0)
        while _bytes > MOST_KEPT:
            _bytes -= _kept.popitem(last=False)[1].nbytes


def _cases(wheres: Iterable[Where]) -> dict[Where, NDArray[np.int64]]:
    found: dict[Where, NDArray[np.int64]] = {}
    for sort in ("day", "open"):
        days = [day for one, day in wheres if one == sort]
        asked = sa.select(Block.day, Block.cases).where(Block.sort == sort, Block.day == sa.any_(_days(days)))
        found |= {(sort, row.day): np.frombuffer(row.cases, CASE) for row in db.session.execute(asked)}
    return found


def _days(days: Sequence[date]) -> sa.ColumnElement[list[date]]:
    return sa.literal(days, sa.ARRAY(sa.Date))


def _pile(
    sort: str, found: Mapping[Where, Facts], cases: Mapping[Where, NDArray[np.int64]] | None, book: CodeBook
) -> Pile:
    wheres = sorted(where for where in found if where[0] == sort)
    facts = np.concatenate([found[where] for where in wheres]) if wheres else np.empty(0, FACT)
    sizes = [len(found[where]) for where in wheres]
    days = np.repeat(np.array([number(day) for _sort, day in wheres], np.int64), sizes)
    whose = None
    if cases is not None:
        whose = np.concatenate([cases[where] for where in wheres]) if wheres else np.empty(0, np.int64)
    return Pile(days, facts, book, whose)


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
