"""The roll-up: which cases changed, their facts made anew, and the blocks of the days that these lie on.

For whoever builds on the figures (exports, mailed reports, open data): ask `figures.read`, which reads the blocks
within a person's scope; `rollup.counted_until()` says until when they are right; `definitions.FIGURES` what each means.
A task or a command calls `update(now)` before it reads, if a minute's delay matters. After rows were written around
the lifecycle (an import), `update` finds them by their events; cases without any event are found by `rebuild` alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import accumulate, groupby
from operator import itemgetter
from tempfile import SpooledTemporaryFile
from typing import IO, Any, TypeVar

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.dialects.postgresql import insert

from caseflow import stamp
from caseflow.audit import Event
from caseflow.cases.deadlines import Calendar
from caseflow.cases.lifecycle import TRANSITIONS
from caseflow.cases.models import OPEN, Case, Entry
from caseflow.cases.municipality import directory
from caseflow.cases.relations.relation import Relation
from caseflow.database import db
from caseflow.statistics import blocks, counting, whereabouts
from caseflow.statistics.blocks import CASE, DAY_0, FACT, Block, Codes, Counted, Facts, FigureCode, Where
from caseflow.statistics.counting import DAY, About, Act, Rules

# To be raised with whatever makes other facts out of the same events: then all workers count anew.
COUNTED_SO = 3
CHUNK = 10_000
IN_MEMORY = 2**20  # bytes of facts of a quarter
_ROW = np.dtype([("day", "<i4"), ("fact", FACT), ("case", CASE)])
# An event's number is drawn before it is committed: what others write takes no longer than this.
IN_FLIGHT = timedelta(minutes=10)
_LOCK = 0x5747_4154  # of ours: one counts at a time
_TOLD = {verb for verb, row in TRANSITIONS.items() if any(old != new for old, new in row.items())}
VERBS = sorted(_TOLD | {"receive", "reply", "ask", "transfer", "merge", "unmerge", "follow", "call"})

_2000: sa.ColumnElement[Any] = sa.literal_column("timestamp '2000-01-01'")
_DAY_2000 = sa.literal_column("date '2000-01-01'", sa.Date)

T = TypeVar("T")
Belonging = tuple[Facts, NDArray[np.int64]]
Which = Callable[[Any], sa.ColumnElement[bool]]
Progress = Callable[[int], object]


def counted_until() -> datetime | None:
    """Until when everything that happened is in the figures; None before they are counted for the first time."""
    return db.session.scalar(sa.select(Counted.at))


def state() -> tuple[int | None, datetime | None]:
    """A number that changes whenever what is counted does, and until when it is counted."""
    changed = sa.select(sa.func.bit_xor(Block.stamp)).scalar_subquery()
    found = db.session.execute(sa.select(changed, sa.select(Counted.at).scalar_subquery())).one()
    return found[0], found[1]


def update(now: datetime) -> bool:
    """Count the cases that something happened to since the last time. False when somebody else is counting.

    The first time everything is counted, and again when the calendar or the program counts otherwise. To be called in
    a unit of work, as `rebuild`.
    """
    if not db.session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK))):
        return False
    last = db.session.get(Counted, 1)
    if last is None or last.by_rules != _rules().name:
        rebuild(now)
        return True
    newest, settled = _newest(), last.settled
    changed = sa.select(Event.subject_id).where(Event.subject == "case", Event.id > settled).distinct()
    ids = sorted(db.session.scalars(changed))
    if ids:
        recount(ids)
    last.at = now
    if not timedelta(0) <= now - last.mark_at < IN_FLIGHT:
        last.settled, last.mark, last.mark_at = last.mark, newest, now
    return True


def length() -> int:
    """How many numbers of cases a rebuild goes through: a few more than there are cases."""
    least, last = _stretch()
    return last - least + 1


def _stretch() -> tuple[int, int]:
    found = db.session.execute(sa.select(sa.func.min(Case.id), sa.func.max(Case.id))).one()
    return found[0] or 0, -1 if found[1] is None else found[1]


def rebuild(now: datetime, progress: Progress = lambda _done: None) -> int:
    """Count everything from nothing; `progress` is told how far of `length()` it is.
    Returns how many cases were counted."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    newest, (least, last) = _newest(), _stretch()
    long_ago = sa.select(Event.id).where(Event.at < now - IN_FLIGHT).order_by(Event.id.desc()).limit(1)
    settled = db.session.scalar(long_ago) or 0
    for model in (Block, FigureCode, Counted):
        db.session.execute(sa.delete(model))
    made = _Made(Codes(), _rules())
    for begin in range(least, last + 1, CHUNK):
        until = min(begin + CHUNK - 1, last)
        made.add(partial(_between, begin, until))
        progress(until - least + 1)
    for where, block in made.blocks():
        blocks.write({where: block})
    made.codes.save()
    row = {"at": now, "by_rules": made.rules.name, "settled": settled, "mark": newest, "mark_at": now}
    db.session.execute(insert(Counted).values(id=1, **row))
    return made.cases


def recount(ids: Sequence[int]) -> None:
    """Make the facts of these cases anew, and write the days that they lie on."""
    made = _Made(Codes(), _rules())
    for begin in range(0, len(ids), CHUNK):
        made.add(partial(_among, list(ids[begin : begin + CHUNK])))
    fresh = dict(made.blocks())
    touched = made.touched | set(fresh)
    changed = np.array(ids, np.int64)
    kept = {where: _without(changed, *block) for where, block in blocks.whole(sorted(touched)).items()}
    blocks.write({where: _joined(kept.get(where), fresh.get(where)) for where in kept.keys() | fresh.keys()})
    made.codes.save()


def _between(first: int, last: int, column: Any) -> sa.ColumnElement[bool]:
    condition: sa.ColumnElement[bool] = column.between(first, last)
    return condition


def _among(ids: list[int], column: Any) -> sa.ColumnElement[bool]:
    condition: sa.ColumnElement[bool] = column == sa.any_(sa.literal(ids, sa.ARRAY(sa.BigInteger)))
    return condition


def _without(changed: NDArray[np.int64], facts: Facts, cases: NDArray[np.int64]) -> Belonging:
    stays = ~np.isin(cases, changed)
    return facts[stays], cases[stays]


def _joined(*parts: Belonging | None) -> Belonging:
    there = [part for part in parts if part is not None]
    return np.concatenate([facts for facts, _cases in there]), np.concatenate([cases for _facts, cases in there])


def _newest() -> int:
    return db.session.scalar(sa.select(sa.func.max(Event.id))) or 0


class _Made:
    """The facts made in one run, and where facts of the same cases may lie since before (`touched`)."""

    def __init__(self, codes: Codes, rules: Rules) -> None:
        self.codes, self.rules = codes, rules
        self.touched: set[Where] = set()
        self.cases = 0
        self._told = {"day": _Table(), "open": _Table()}

    def add(self, which: Which) -> None:
        """Make the facts of some cases; `which` is the condition on the column that has their ids."""
        zone = directory.municipality().timezone
        acts = _by_case(_acts(which(Event.subject_id), zone), lambda row: Act._make(row[1:]))
        undone = _by_case(_undone(which(Entry.case_id)), lambda row: int(row[1]))
        for number, *about, category, kind, source, language, place in _cases(which(Case.id), zone):
            case, story = About._make(about), acts.pop(number, [])
            facts, answered_by = counting.facts_of(case, story, undone.get(number, ()), self.rules)
            codes = (category, kind, case.channel, answered_by, source, language, place)
            same = tuple(map(self.codes.number, blocks.DIMENSIONS[1:], codes))
            for day, *rest, department in facts:
                self._told["day"].add(day, (*rest, self.codes.number("department", department), *same), number)
            if case.status in OPEN:
                day, *rest, department = counting.open_now(case, self.rules)
                self._told["open"].add(day, (*rest, self.codes.number("department", department), *same), number)
            self._touch(case, story)
            self.cases += 1
        for story in acts.values():
            self._touch_gone(story)
        for table in self._told.values():
            table.pack()

    def _touch_gone(self, story: Sequence[Act]) -> None:
        """Of a case that is not there any more (an import was taken back) the facts go."""
        days = {_date(act.local // DAY) for act in story}
        self.touched.update(("day", day) for day in days)
        self.touched.update(("open", day.replace(day=1)) for day in days)

    def _touch(self, case: About, story: Sequence[Act]) -> None:
        came = case.received_local // DAY
        self.touched.add(("open", _date(came).replace(day=1)))
        self.touched.update(("day", _date(day)) for day in {came, *(act.local // DAY for act in story)})

    def blocks(self) -> Iterator[tuple[Where, Belonging]]:
        for day, block in self._told["day"].cut(lambda day: day):
            yield ("day", day), block
        for month, block in self._told["open"].cut(lambda day: day.replace(day=1)):
            yield ("open", month), block


class _Table:
    """Facts as they are made, one after the other. Packed from time to time, and put by the quarter in which they lie:
    in memory while they are few, else in temporary files, so that counting millions of cases takes no more memory."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, tuple[int, ...], int]] = []
        self._quarters: dict[int, IO[bytes]] = {}

    def add(self, day: int, fact: tuple[int, ...], case: int) -> None:
        self._rows.append((day, fact, case))

    def pack(self) -> None:
        if not self._rows:
            return
        rows = np.array(self._rows, _ROW)
        unique, which = np.unique(rows["day"], return_inverse=True)
        quarters = np.array([_quarter(_date(int(day))) for day in unique], np.int64)[which]
        for quarter in np.unique(quarters):
            file = self._quarters.setdefault(int(quarter), SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115  # goes with the run
            file.write(rows[quarters == quarter].tobytes())
        self._rows = []

    def cut(self, of: Callable[[date], date]) -> Iterator[tuple[date, Belonging]]:
        """All facts by the first day of what they belong to, which is no longer than a quarter."""
        for _number, file in sorted(self._quarters.items()):
            file.seek(0)
            rows = np.frombuffer(file.read(), _ROW)
            unique, which = np.unique(rows["day"], return_inverse=True)
            first = np.array([of(_date(int(day))).toordinal() for day in unique], np.int64)[which]
            order = np.argsort(first, kind="stable")
            starts = np.flatnonzero(np.diff(first[order], prepend=-1))
            for part in np.split(order, starts[1:]):
                yield date.fromordinal(int(first[part[0]])), (rows["fact"][part], rows["case"][part].astype(np.int64))


def _quarter(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3


def _cases(which: sa.ColumnElement[bool], zone: str) -> Sequence[Any]:
    merged = sa.exists().where(Relation.case_id == Case.id, Relation.sort == "duplicate")
    columns = (
        *(Case.id, _moment(Case.received_at), _local(Case.received_at, zone), Case.due_on - _DAY_2000),
        *(
            Case.department_code,
            Case.reply_by,
            Case.status,
            Case.resolution,
            _local(Case.closed_at, zone) // DAY,
            merged,
        ),
        *(Case.category_code, Case.kind_code, Case.source, Case.language),
        whereabouts.of_case(),
    )
    return db.session.execute(sa.select(*columns).where(which).order_by(Case.id)).all()


def _acts(which: sa.ColumnElement[bool], zone: str) -> Sequence[Any]:
    said = [Event.data[name].astext for name in ("to", "department", "channel", "outcome")]
    message = sa.cast(Event.data["message"].astext, sa.BigInteger)
    query = sa.select(Event.subject_id, _moment(Event.at), _local(Event.at, zone), Event.verb, *said, message)
    query = query.where(Event.subject == "case", Event.verb.in_(VERBS), which)
    return db.session.execute(query.order_by(Event.subject_id, Event.id)).all()


def _undone(which: sa.ColumnElement[bool]) -> Sequence[Any]:
    taken_back = sa.select(Entry.case_id, _moment(Entry.at)).where(Entry.retracted_at.is_not(None), which)
    return db.session.execute(taken_back.order_by(Entry.case_id)).all()


def _moment(column: Any) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.floor(sa.func.extract("epoch", column) * 1_000_000), sa.BigInteger)


def _local(column: Any, zone: str) -> sa.ColumnElement[int]:
    """Seconds on the municipality's wall since 2000."""
    return sa.cast(sa.func.floor(sa.func.extract("epoch", sa.func.timezone(zone, column) - _2000)), sa.BigInteger)


def _by_case(rows: Iterable[Any], what: Callable[[Any], T]) -> dict[int, list[T]]:
    return {number: [what(row) for row in some] for number, some in groupby(rows, key=itemgetter(0))}


def _date(day: int) -> date:
    return date.fromordinal(day + DAY_0)


@stamp.kept
def _rules() -> Rules:
    """Working days are counted for all the years that a case can be of."""
    calendar = Calendar.of(directory.municipality())
    ends: time = calendar.day_ends
    first, years = date(1999, 1, 1), 60
    days = [first + timedelta(days=number) for number in range(years * 366)]
    worked = list(accumulate(map(int, map(calendar.is_working_day, days))))
    begin = first.toordinal() - DAY_0

    def by(day: int) -> int:
        return worked[min(max(day - begin, 0), len(worked) - 1)]

    seconds = ends.hour * 3600 + ends.minute * 60 + ends.second
    known = repr((COUNTED_SO, str(calendar.zone), seconds, days[0], worked))
    return Rules(seconds, by, hashlib.sha256(known.encode()).hexdigest()[:24])
