"""Many cases for load tests and full-size demos: composed, told and copied in chunks, each a transaction of its own.

Errands are composed in the order in which they come in, so numbers and ids rise with time, as in a real database.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import Session
from werkzeug.local import LocalProxy

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.database import db, identity_of, next_of, unit_of_work
from caseflow.demo.composition import Composer
from caseflow.demo.ledger import Arrival, Ledger
from caseflow.demo.office_hours import OfficeHours
from caseflow.demo.phrasebook import Phrasebook
from caseflow.demo.router import Router
from caseflow.demo.rows import TABLES, Load, Rows, copy
from caseflow.demo.stationery import to_json
from caseflow.demo.stories import Act, Storyteller
from caseflow.demo.teams import teams

CHUNK = 2_500
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


class Bulk:
    """`count` cases of the `years` up to `now`, seeded. With `settled_before` they came in before it, and those that
    were not closed without trouble are left out. Raises `NobodyToReply`, and ValueError when the municipality lacks
    what texts.yaml names."""

    def __init__(
        self, count: int, *, seed: int, years: float, now: datetime, settled_before: datetime | None = None
    ) -> None:
        random, router, team = Random(seed), Router(), teams()
        if not team:
            raise NobodyToReply
        municipality, calendar, start = router.described(), router.calendar, now - timedelta(days=365.25 * years)
        office = OfficeHours(calendar.zone, calendar.is_working_day, start.date(), (now + FUTURE).date())
        self._count, self._now, self._rnd, self._router = count, now, random.random, router
        self._settled = settled_before is not None
        self._composer = Composer(random, municipality, start, settled_before or now)
        self._teller = Storyteller(random, Phrasebook(random, municipality), office, team)
        self._promises = {kind["code"]: to_json(router.promise(kind["code"])) for kind in municipality["kinds"]}
        self._rows, self._numbers = Rows(), next_of("case_number_seq", count)
        ids = {"case": next_of(identity_of("case"), count)}
        ids |= {table: next_of(identity_of(table)) for table in ("entry", "message")}
        self._ledger = Ledger(self._rows, ids, router.municipality, now)
        # Held for the forms that are signed with their names: the session forgets what nobody holds.
        self._staff = db.session.scalars(sa.select(Staff)).all()

    def write(self) -> Iterator[int]:
        """Write chunk after chunk, each in a unit of work of its own; yields how many cases are written so far.

        PostgreSQL and a second thread are busy with one chunk while the next is composed.
        """
        app = cast("LocalProxy[Flask]", current_app)._get_current_object()
        with ThreadPoolExecutor(1) as writer:
            written: Future[int] | None = None
            for begin in range(0, self._count, CHUNK):
                end = min(begin + CHUNK, self._count)
                for place in range(begin, end):
                    self._compose((place + self._rnd()) / self._count)
                if written:
                    yield written.result()
                written = writer.submit(_write, app, self._rows.take(), end)
            if written:
                yield written.result()
        with unit_of_work() as session:
            tables = ", ".join(f'"{table}"' for table in (*TABLES, "case_lookup"))  # what triggers fill as well
            session.execute(sa.text(f"ANALYZE {tables}"))

    def write_at_once(self) -> None:
        """Write all of them in the running unit of work."""
        for place in range(self._count):
            self._compose((place + self._rnd()) / self._count)
        _copy(self._rows.take(), db.session())

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
            number=f"{clock.today(errand.received, router.calendar.zone).year}-{next(self._numbers)}",
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
        _copy(loads, session)
    return written


def _copy(loads: list[Load], session: Session) -> None:
    connection = cast("psycopg.Connection[Any]", session.connection().connection.driver_connection)
    with connection.cursor() as cursor:
        copy(loads, cursor)


def _is_settled(story: list[Act]) -> bool:
    """Whether nothing of it is left on anybody's desk."""
    troubles = any(act.verb == "bounce" or act.to == "wrong_number" for act in story)
    return bool(story) and story[-1].verb == "close" and not troubles
