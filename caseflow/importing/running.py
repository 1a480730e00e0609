"""One run over a file: in batches, each a transaction of its own, or all in one; begun again it goes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from caseflow.audit import SYSTEM, record
from caseflow.database import unit_of_work
from caseflow.importing.arriving import Arriving, Fault, Faulty, Reader
from caseflow.importing.house import House
from caseflow.importing.mapping import OldSystem
from caseflow.importing.models import ImportedCase, ImportRun
from caseflow.importing.old_file import Line, OldFile
from caseflow.importing.writing import Writer

BATCH = 2_000


class Rejects(Protocol):
    """Where bad rows go."""

    def __call__(self, line: Line, faults: Sequence[Fault], /) -> None: ...


@dataclass
class Tally:
    """How the rows fared so far."""

    rows: int = 0
    imported: int = 0
    present: int = 0  # taken over by an earlier run
    rejected: int = 0


@dataclass
class Run:
    """`began` is when this file was first begun, where it was."""

    file: OldFile
    mapping: OldSystem
    now: datetime
    reject: Rejects
    tally: Tally = field(default_factory=Tally)
    began: datetime | None = None
    batch: int = BATCH

    def __post_init__(self) -> None:
        self._house = House()
        self._reader = Reader(self.mapping, self._house, self.now)
        self._first: dict[str, int] = {}

    def check(self) -> Iterator[Tally]:
        """Read everything, and write nothing; what is there already is not told."""
        for lines in _batches(self.file.lines(), self.batch):
            self.tally.imported += len(self._read(lines))
            yield self.tally

    def begin(self) -> None:
        """Know the file by its content, in a transaction of its own; to be called before `write` or `write_at_once`."""
        with unit_of_work() as session:
            facts = {"source": self.mapping.source, "file_hash": self.file.hash()}
            added = insert(ImportRun).values(**facts, file_name=self.file.path.name, begun_at=self.now)
            found = added.on_conflict_do_nothing().returning(ImportRun.id)
            self._id = session.scalar(found) or self._again(session, facts)

    def _again(self, session: Session, facts: dict[str, str]) -> int:
        run = session.scalars(sa.select(ImportRun).filter_by(**facts)).one()
        self.began = run.begun_at
        return run.id

    def write(self) -> Iterator[Tally]:
        """Batch after batch, each kept as soon as it is written."""
        writer = self._writer()
        for lines in _batches(self.file.lines(), self.batch):
            with unit_of_work() as session:
                self._write(self._read(lines), writer, session)
            yield self.tally
        with unit_of_work() as session:
            self._finish(session)

    def write_at_once(self) -> Iterator[Tally]:
        """All in one transaction: whoever stops it has imported nothing."""
        writer = self._writer()
        with unit_of_work() as session:
            for lines in _batches(self.file.lines(), self.batch):
                self._write(self._read(lines), writer, session)
                yield self.tally
            self._finish(session)

    def _writer(self) -> Writer:
        self._first.clear()
        self.tally = Tally()
        author = self._reader.author
        return Writer(self._house, source=self.mapping.source, author=author, run_id=self._id, now=self.now)

    def _read(self, lines: Sequence[Line]) -> list[Arriving]:
        """The rows that can be taken; the others are rejected."""
        self.tally.rows += len(lines)
        found = []
        for line in lines:
            try:
                found.append(self._once(line, self._reader.read(self.file.header, line.cells)))
            except Faulty as error:
                self.tally.rejected += 1
                self.reject(line, error.faults)
        return found

    def _once(self, line: Line, row: Arriving) -> Arriving:
        before = self._first.setdefault(row.reference, line.number)
        if before != line.number:
            recipe = self.mapping.recipes.get("reference")
            raise Faulty([Fault(recipe.where if recipe else "the row", f"the same stands in line {before} already")])
        return row

    def _write(self, rows: Sequence[Arriving], writer: Writer, session: Session) -> None:
        """Those that are not there yet; two runs at once wait for each other."""
        one_at_a_time(session, self.mapping.source)
        mine = sa.select(ImportedCase.reference).where(ImportedCase.source == self.mapping.source)
        references = sa.literal([row.reference for row in rows], sa.ARRAY(sa.Text))
        there = set(session.scalars(mine.where(ImportedCase.reference == sa.any_(references))))
        new = [row for row in rows if row.reference not in there]
        writer.write(new, session)
        self.tally.imported += len(new)
        self.tally.present += len(there)

    def _finish(self, session: Session) -> None:
        tally = self.tally
        session.execute(sa.update(ImportRun).where(ImportRun.id == self._id).values(finished_at=self.now))
        facts: dict[str, Any] = {"file": self.file.path.name, **asdict(tally)}
        record("import", self._id, "import", by=SYSTEM, at=self.now, **facts)


def one_at_a_time(session: Session, source: str) -> None:
    """Whoever imports from an old system, or takes that back, waits until the other's batch is whole."""
    lock = sa.func.hashtextextended(f"import-cases {source}", 0)
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))


def _batches(lines: Iterable[Line], size: int) -> Iterator[list[Line]]:
    left = iter(lines)
    while some := list(islice(left, size)):
        yield some
