"""The roll-up's tables: each local day's facts as one packed array, the open cases likewise, and how far is counted.

A fact is sixteen bytes (`FACT`): what happened (`measure`), two small numbers that belong to it, and the case's
dimensions as numbers of the code book. See `counting.py` for what each measure holds, and ADR 41 for why it is so.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, deferred, mapped_column

from caseflow.database import Model, db

# What a case is grouped and filtered by: the department where it lay when the fact happened, all else as it is now.
# `channel` is the wanted reply, `answered_by` the way of the first answer, `source` the door (`place`: `whereabouts`).
DIMENSIONS = ("department", "category", "kind", "channel", "answered_by", "source", "language", "place")
_WIDE = ("department", "category", "place")
FACT = np.dtype(
    [("measure", "u1"), ("value", "<u2"), ("other", "<u2"), *((n, "<u2" if n in _WIDE else "u1") for n in DIMENSIONS)]
)
CASE = np.dtype("<i8")
MOST = 65_535
# Days are counted from here, so that one fits into two bytes until 2179.
DAY_0 = date(2000, 1, 1).toordinal()

# `day`: what happened on it. `open`: the cases that are open now and came in during the month that begins with it.
SORTS = ("day", "open")
Facts = NDArray[Any]
Where = tuple[str, date]


class Block(Model):
    """The facts of a day (or the open cases of a month), and beside them whose they are. `stamp` changes with them."""

    __tablename__ = "figure_block"
    __table_args__ = (sa.CheckConstraint(f"sort IN {SORTS}", name="sort"),)

    sort: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    stamp: Mapped[int] = mapped_column(sa.BigInteger)
    facts: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary))
    cases: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary))


class FigureCode(Model):
    """The code book: which number stands for a code in the facts; 0 is for none."""

    __tablename__ = "figure_code"

    dimension: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]


class Counted(Model):
    """A single row: until when everything is counted, which events are (`settled`: all up to it, for sure), and by
    which rules."""

    __tablename__ = "figure_count"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    settled: Mapped[int] = mapped_column(sa.BigInteger)
    mark: Mapped[int] = mapped_column(sa.BigInteger)
    mark_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    by_rules: Mapped[str | None]


def code_numbers() -> dict[str, dict[str, int]]:
    """The code book as it is, by dimension and code."""
    numbers: dict[str, dict[str, int]] = {dimension: {"": 0} for dimension in DIMENSIONS}
    for row in db.session.execute(sa.select(FigureCode.dimension, FigureCode.code, FigureCode.number)):
        numbers[row.dimension][row.code] = row.number
    return numbers


class Codes:
    """The code book of one run; new codes get the next number and are written with `save`."""

    def __init__(self) -> None:
        self.numbers = code_numbers()
        self._new: list[dict[str, object]] = []

    def number(self, dimension: str, code: str | None) -> int:
        known = self.numbers[dimension]
        number = known.get(code or "")
        if number is None:
            # More than fit (postcodes from all over the world) are told as none.
            number = known[code or ""] = len(known) if len(known) <= np.iinfo(FACT[dimension]).max else 0
            self._new.append({"dimension": dimension, "code": code, "number": number})
        return number

    def save(self) -> None:
        if self._new:
            db.session.execute(insert(FigureCode), self._new)
            self._new = []


def write(blocks: Mapping[Where, tuple[Facts, NDArray[np.int64]]]) -> None:
    """Write whole blocks; those without facts go."""
    empty = [where for where, (facts, _cases) in blocks.items() if not len(facts)]
    if empty:
        db.session.execute(sa.delete(Block).where(sa.tuple_(Block.sort, Block.day).in_(empty)))
    rows: list[dict[str, object]] = [
        {
            "sort": sort,
            "day": day,
            "stamp": secrets.randbits(62),
            "facts": facts.tobytes(),
            "cases": cases.astype(CASE).tobytes(),
        }
        for (sort, day), (facts, cases) in blocks.items()
        if len(facts)
    ]
    new = insert(Block)
    changed = {name: new.excluded[name] for name in ("stamp", "facts", "cases")}
    put = new.on_conflict_do_update(index_elements=["sort", "day"], set_=changed)
    for begin in range(0, len(rows), 200):
        db.session.execute(put, rows[begin : begin + 200])


def whole(wanted: Sequence[Where]) -> dict[Where, tuple[Facts, NDArray[np.int64]]]:
    """These blocks with their cases, as far as there are any."""
    found = {}
    for begin in range(0, len(wanted), 500):
        asked = sa.select(Block.sort, Block.day, Block.facts, Block.cases)
        asked = asked.where(sa.tuple_(Block.sort, Block.day).in_(wanted[begin : begin + 500]))
        for row in db.session.execute(asked):
            found[row.sort, row.day] = np.frombuffer(row.facts, FACT), np.frombuffer(row.cases, CASE)
    return found
