"""How fast the managers' figures are counted and shown: `python -m bench.statistics [--cases N …] [--data FOLDER …]`.

Counts everything from nothing, then what a day and what a minute changes, and gets the pages as `bench.queue` does.
A page is measured as it is kept after its first call; as it is drawn anew after a count, which whoever asks first for a
filter waits for, too; and right after a start.
"""

from __future__ import annotations

import os
import resource
import statistics
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

COUNTED, LOOKS = 5, 11  # cases that something happens to in a minute, and how often that is tried
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
            with app.app_context():
                anew = {what: _after_a_count(partial(get, port, path, cookie)) for what, path in PAGES.items()}
        _print(counts, int(size or 0), seconds, {"first": first, "kept": pages, "anew": anew})


def _timed(count: Callable[[datetime], object]) -> float:
    started = time.perf_counter()
    with unit_of_work():
        count(clock.now())
    return time.perf_counter() - started


def _again(ago: timedelta) -> float:
    """Count once more the cases to which something happened in the time before the newest event."""
    ids = _touched(ago)
    print(f"{len(ids):,} cases in {ago}", file=sys.stderr)
    return _timed(lambda _now: rollup.recount(ids))


def _touched(ago: timedelta) -> list[int]:
    """Generated events are not numbered in the order of their time, so the cases are named instead of the events."""
    newest = db.session.scalar(sa.select(sa.func.max(Event.at)).where(Event.at < clock.now())) or clock.now()
    touched = sa.select(Event.subject_id).where(Event.subject == "case", Event.at > newest - ago).distinct()
    ids = sorted(db.session.scalars(touched))
    db.session.rollback()
    return ids


def _after_a_count(look: Callable[[], Timing]) -> Timing:
    """The median of looks that each come right after a few cases were counted: no page is kept any more."""
    ids, looks = _touched(timedelta(minutes=10))[-COUNTED:], []
    for _ in range(LOOKS):
        _timed(lambda _now: rollup.recount(ids))
        looks.append(look())
    return {name: statistics.median(one[name] for one in looks) for name in looks[0]}


def _print(counts: list[int], size: int, seconds: dict[str, float], pages: dict[str, dict[str, Timing]]) -> None:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    title = f"{counts[0]:,} cases, {counts[1]:,} events; blocks {size / 2**20:,.0f} MB; load {os.getloadavg()[0]:.1f}"
    counted = Table("what", "seconds", title=title)
    for what, took in seconds.items():
        counted.add_row(what, f"{took:.1f}")
    counted.add_row("most memory while counting", f"{most:,.0f} MB")
    columns = ("kept: statements", "wall ms", "processor", "after a count: statements", "wall ms", "processor", "SQL")
    shown = Table("page", *columns, "after a start")
    for what, took in pages["kept"].items():
        anew = pages["anew"][what]
        numbers = [f"{some[name]:.1f}" for some, name in ((took, "wall"), (took, "cpu"))]
        again = [f"{anew[name]:.1f}" for name in ("wall", "cpu", "sql")]
        after_a_start = f"{pages['first'][what]['wall']:.1f}"
        statements = [f"{some['statements']:.0f}" for some in (took, anew)]
        shown.add_row(what, statements[0], *numbers, statements[1], *again, after_a_start)
    for table in (counted, shown):
        Console(width=140).print(table)


if __name__ == "__main__":
    main()
