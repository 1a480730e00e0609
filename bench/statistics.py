"""How fast the managers' figures are counted and shown: `python -m bench.statistics [--cases N …] [--data FOLDER …]`.

Counts everything from nothing, then what a day and what a minute changes, and gets the pages as `bench.queue` does.
A page is measured both with the days in memory, as they are after its first call, and right after a start.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from bench.house import cookie_of, fill, kept, measure_each
from bench.served import Timing, get, p50, served
from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases.models import Case
from caseflow.database import db, unit_of_work
from caseflow.statistics import rollup
from caseflow.statistics.blocks import Block

WHO = "maja.sund@example.org"
PAGES = {
    "a bare Flask page": "/bare/page",
    "the front page, 12 weeks": "/staff/statistics",
    "this year": "/staff/statistics?period=year",
    "one department": "/staff/statistics?department=sb",
    "department, kind and reply wanted": "/staff/statistics?department=sb&kind=felanmalan&channel=email",
    "one kind, this year": "/staff/statistics?kind=fraga&period=year",
}


def main() -> None:
    measure_each(__doc__, _measure)


def _measure(folder: Path, cases: int) -> None:
    with kept(folder) as (app, environ):
        fill(app, cases)
        with app.app_context():
            seconds = {"everything from nothing": _timed(rollup.rebuild)}
            seconds["what the last day changed"] = _again(timedelta(days=1))
            seconds["what the last ten minutes changed"] = _again(timedelta(minutes=10))
            counts = [db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0 for model in (Case, Event)]
            size = db.session.scalar(sa.select(sa.func.sum(sa.func.length(Block.facts) + sa.func.length(Block.cases))))
            db.session.rollback()
            staff = db.session.scalars(sa.select(Staff).where(Staff.email == WHO)).one()
            cookie = cookie_of(app, staff)
            db.session.rollback()
        with served(environ) as port:
            first = {what: get(port, path, cookie) for what, path in PAGES.items()}
            pages = {what: p50(partial(get, port, path, cookie)) for what, path in PAGES.items()}
        _print(counts, int(size or 0), seconds, first, pages)


def _timed(count: Callable[[datetime], object]) -> float:
    started = time.perf_counter()
    with unit_of_work():
        count(clock.now())
    return time.perf_counter() - started


def _again(ago: timedelta) -> float:
    """Count once more the cases to which something happened in the time before the newest event: generated events are
    not numbered in the order of their time, so the cases are named instead of the events."""
    newest = db.session.scalar(sa.select(sa.func.max(Event.at)).where(Event.at < clock.now())) or clock.now()
    touched = sa.select(Event.subject_id).where(Event.subject == "case", Event.at > newest - ago).distinct()
    ids = sorted(db.session.scalars(touched))
    db.session.rollback()
    print(f"{len(ids):,} cases in {ago}", file=sys.stderr)
    return _timed(lambda _now: rollup.recount(ids))


def _print(
    counts: list[int], size: int, seconds: dict[str, float], first: dict[str, Timing], pages: dict[str, Timing]
) -> None:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    title = f"{counts[0]:,} cases, {counts[1]:,} events; blocks {size / 2**20:,.0f} MB; load {os.getloadavg()[0]:.1f}"
    counted = Table("what", "seconds", title=title)
    for what, took in seconds.items():
        counted.add_row(what, f"{took:.1f}")
    counted.add_row("most memory while counting", f"{most:,.0f} MB")
    shown = Table("page", "statements", "wall ms", "processor", "SQL", "the first time")
    for what, took in pages.items():
        numbers = [f"{took[name]:.1f}" for name in ("wall", "cpu", "sql")]
        shown.add_row(what, f"{took['statements']:.0f}", *numbers, f"{first[what]['wall']:.1f}")
    for table in (counted, shown):
        Console(width=110).print(table)


if __name__ == "__main__":
    main()
