"""Many cases for load tests and full-size demos: composed, told and copied in chunks.

Errands are composed in the order in which they come in, so numbers and ids rise with time, as in a real database. Some
are written in chunks that are transactions of their own (`write`). Very many are composed by several processes and
written as a whole (`write_whole`), because their lookup is filled in the end: half of them would be found by nobody.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import chain
from random import Random
from typing import NamedTuple, cast

import sqlalchemy as sa
from flask import Flask, current_app
from werkzeug.local import LocalProxy

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.models import NUMBER_SEQUENCE
from caseflow.cases.triage import lookup_in_bulk
from caseflow.database import db, identity_of, next_of, unit_of_work
from caseflow.demo.composition import Composer
from caseflow.demo.crew import Chunk, Composed, crew
from caseflow.demo.ledger import Arrival, Ledger
from caseflow.demo.office_hours import OfficeHours
from caseflow.demo.phrasebook import Phrasebook
from caseflow.demo.router import Router
from caseflow.demo.rows import TABLES, Load, Rows, copy, copy_and_find
from caseflow.demo.stationery import to_json
from caseflow.demo.stories import Act, Storyteller
from caseflow.demo.teams import teams

CHUNK = 2_500
# Numbers that are kept for each case before it is composed: about twice as many as are needed, for not one process
# may wait for another's. What is left of them is left out; who needs more draws more.
KEPT = {"number": 1, "case": 1, "entry": 3, "message": 3}
LEAST_YEARS, MOST_YEARS = 2, 10
# About as many as the largest city gets in a year, and as many years as cases are kept where nothing else is decided.
CASES_A_YEAR = 100_000
# Plans reach as far.
FUTURE = timedelta(days=120)


class NobodyToReply(Exception):
    """There is no account that may handle cases."""


def years_for(count: int) -> int:
    """Over how many years so many cases spread: two, and more where that would be more than a city gets in a year."""
    return min(max(LEAST_YEARS, round(count / CASES_A_YEAR)), MOST_YEARS)


class Step(NamedTuple):
    """How many of all have come how far."""

    what: str
    done: int


WRITTEN, FOUND, INDEXED = "cases", "cases made searchable", "cases in the index"


class Supply(Iterator[int]):
    """Numbers from wherever they are to come just now."""

    def __init__(self, source: Iterator[int]) -> None:
        self.source = source

    def __next__(self) -> int:
        return next(self.source)


class Bulk:
    """`count` cases of the `years` up to `now`, seeded. With `settled_before` they came in before it, and those that
    were not closed without trouble are left out. Raises `NobodyToReply`, and ValueError when the municipality lacks
    what texts.yaml names."""

    def __init__(
        self,
        count: int,
        *,
        seed: int,
        years: float,
        now: datetime,
        settled_before: datetime | None = None,
        chunk: int = CHUNK,
    ) -> None:
        random, router, team = Random(seed), Router(), teams()
        if not team:
            raise NobodyToReply
        municipality, calendar, start = router.described(), router.calendar, now - timedelta(days=365.25 * years)
        office = OfficeHours(calendar.zone, calendar.is_working_day, start.date(), (now + FUTURE).date())
        self._count, self._now, self._rnd, self._router = count, now, random.random, router
        self._settled, self._random, self._seed, self._chunk = settled_before is not None, random, seed, chunk
        self._composer = Composer(random, municipality, start, settled_before or now)
        self._teller = Storyteller(random, Phrasebook(random, municipality), office, team)
        self._promises = {kind["code"]: to_json(router.promise(kind["code"])) for kind in municipality["kinds"]}
        self._sequences = {"number": str(NUMBER_SEQUENCE.name)}
        self._sequences |= {table: identity_of(table) for table in ("case", "entry", "message")}
        totals = {"number": count, "case": count}
        self._ids = {name: Supply(next_of(this, totals.get(name))) for name, this in self._sequences.items()}
        self._rows = Rows()
        self._ledger = Ledger(self._rows, self._ids, router.municipality, now)
        # Held for the forms that are signed with their names: the session forgets what nobody holds.
        self._staff = db.session.scalars(sa.select(Staff)).all()

    def write(self) -> Iterator[int]:
        """Write chunk after chunk, each in a unit of work of its own; yields how many cases are written so far.

        PostgreSQL and a second thread are busy with one chunk while the next is composed.
        """
        app = cast("LocalProxy[Flask]", current_app)._get_current_object()
        with ThreadPoolExecutor(1) as writer:
            written: Future[int] | None = None
            for begin in range(0, self._count, self._chunk):
                end = min(begin + self._chunk, self._count)
                for place in range(begin, end):
                    self._compose((place + self._rnd()) / self._count)
                if written:
                    yield written.result()
                written = writer.submit(_write, app, self._rows.take(), end)
            if written:
                yield written.result()
        _analyze()

    def write_whole(self, processes: int) -> Generator[Step, None, None]:
        """Write all in one unit of work, with the lookup in its end. A seed's cases are the same for any number of
        processes, and others than `write` makes of it: each chunk has a seed of its own."""
        with crew(self._compose_chunk, processes) as compose, unit_of_work() as session:
            lookup_in_bulk.postpone(session)
            known: list[int] = []
            for composed in compose(self._chunks(known)):
                copy(composed.loads, session)
                yield Step(WRITTEN, composed.end)
            yield Step(FOUND, 0)
            first, last = known[0], known[-1]
            for place in lookup_in_bulk.fill(session, first, last):
                yield Step(FOUND, self._count * (place - first + 1) // (last - first + 1))
                if place == last:
                    yield Step(INDEXED, 0)
        yield Step(INDEXED, self._count)
        _analyze()

    def _chunks(self, known: list[int]) -> Iterator[Chunk]:
        """Each with its numbers; `known` learns the cases' first id and last."""
        for begin in range(0, self._count, self._chunk):
            end = min(begin + self._chunk, self._count)
            sizes = {name: (end - begin) * times for name, times in KEPT.items()}
            kept = {name: list(next_of(self._sequences[name], size, size)) for name, size in sizes.items()}
            known[1:] = [kept["case"][-1]] if known else [kept["case"][0], kept["case"][-1]]
            yield Chunk(begin, end, kept)

    def _compose_chunk(self, chunk: Chunk) -> Composed:
        self._random.seed(f"{self._seed} {chunk.begin}")
        for name, kept in chunk.numbers.items():
            self._ids[name].source = chain(kept, next_of(self._sequences[name]))
        for place in range(chunk.begin, chunk.end):
            self._compose((place + self._rnd()) / self._count)
        return Composed(chunk.end, self._rows.take())

    def write_at_once(self) -> None:
        """Write all of them in the running unit of work."""
        for place in range(self._count):
            self._compose((place + self._rnd()) / self._count)
        copy_and_find(self._rows.take(), db.session())

    def _compose(self, point: float) -> None:
        """The case that comes in at this point of all, and its story."""
        router, errand = self._router, self._composer.errand(self._composer.moment(point))
        way, asked, about = router.route(errand), errand.department, errand.category
        if errand.department != way.department_code:
            errand.department, errand.category = way.department_code, ""
        source, registered_by = self._teller.door(errand)
        story = self._teller.tell(errand, router.promised_days(errand.kind), self._now)
        if self._settled and not _is_settled(story):
            return
        arrival = Arrival(
            number=f"{clock.today(errand.received, router.calendar.zone).year}-{next(self._ids['number'])}",
            department=errand.department,
            category=errand.category or None,
            routed=to_json(way.because),
            due_on=router.due_on(errand.kind, errand.received),
            promise=self._promises[errand.kind],
            source=source,
            registered_by=registered_by,
            asked=asked,
            about=about,
        )
        self._ledger.write(errand, arrival, story)


def _write(app: Flask, loads: list[Load], written: int) -> int:
    with app.app_context(), unit_of_work() as session:
        copy_and_find(loads, session)
    return written


def _analyze() -> None:
    with unit_of_work() as session:
        tables = ", ".join(f'"{table}"' for table in (*TABLES, "case_lookup"))  # what triggers fill as well
        session.execute(sa.text(f"ANALYZE {tables}"))


def _is_settled(story: list[Act]) -> bool:
    """Whether nothing of it is left on anybody's desk."""
    troubles = any(act.verb == "bounce" or act.to == "wrong_number" for act in story)
    return bool(story) and story[-1].verb == "close" and not troubles
