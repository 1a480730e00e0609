"""How fast the queue's lists and its search are, as ratios of a bare page: `python -m bench.queue [--cases N]`.

Whole pages through the app in one process, medians of the rounds: each filter, order and search as somebody who sees
nearly everything and as somebody who sees two departments. Beside them the first page's rows as bare SQL.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from rich.console import Console
from rich.table import Table

from caseflow import clock, create_app, embedded
from caseflow.accounts import sessions
from caseflow.accounts.entrance_views import SEEN, TOKEN
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import departments_of
from caseflow.cases.models import OPEN, Case
from caseflow.database import db, unit_of_work
from config import Config

ROUNDS, WARM_UP = 30, 3
PEOPLE = {"all but secret": "karin.ek@example.org", "two departments": "eva.berg@example.org"}
LISTS = {
    "open, the most urgent first": "",
    "mine": "view=mine",
    "closed, newest first": "status=closed",
    "by letter, also closed": "reply_by=letter&status=all",
    "what did not arrive": "trouble=yes&status=all",
    "received in ten days": "since=2026-11-01&until=2026-11-10&status=all",
    "by number": "sort=-number",
    "waiting longest": "sort=waiting",
    "a common word": "status=all&text=lampan",
    "a rare name": "status=all&text=jawad+noori",
    "a word nobody wrote": "status=all&text=xyzzy",
    "the end of a phone number": "status=all&text=74+06+70",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    cases = parser.parse_args().cases
    with tempfile.TemporaryDirectory() as folder, embedded.servers(Path(folder) / "servers") as urls:
        environ = {"CASEFLOW_DATA": folder, "DATABASE_URL": urls.database_url, "REDIS_URL": urls.redis_url}
        app = create_app(Config.from_environment(environ))
        runner = app.test_cli_runner()
        assert runner.invoke(args=["prepare"]).exit_code == 0
        assert runner.invoke(args=["generate-cases", "--count", str(cases)]).exit_code == 0
        with app.app_context():
            db.session.execute(sa.text("ANALYZE"))
            db.session.commit()
        _print(_measure(app), cases)


def _measure(app: Flask) -> dict[str, tuple[float, ...]]:
    """Median seconds for each of PEOPLE, in the order of the table; the first is the measure of the others."""
    columns = [_column(app, email) for email in PEOPLE.values()]
    return {what: tuple(column[what] for column in columns) for what in columns[0]}


def _column(app: Flask, email: str) -> dict[str, float]:
    """One person's medians; every request is in a context of its own, as on a server."""
    client = app.test_client()
    with app.app_context():
        staff = db.session.scalars(sa.select(Staff).where(Staff.email == email)).one()
        now = clock.now()
        with unit_of_work():
            token = sessions.begin(staff.id, "", "bench", now)
        with client.session_transaction() as session:
            session["_user_id"] = staff.fs_uniquifier
            session[TOKEN], session[SEEN] = token, int(now.timestamp())
        bare = _median(partial(_bare, staff))

    def get(path: str) -> None:
        assert client.get(path).status_code == 200, path

    pages = {what: _median(partial(get, f"/staff/queue?{query}")) for what, query in LISTS.items()}
    empty = _median(partial(get, "/healthz"))
    return {"a page with nothing in it (/healthz)": empty, "the first rows as bare SQL": bare, **pages}


def _bare(staff: Staff) -> None:
    query = sa.select(Case.id, Case.number, Case.subject, Case.due_on).where(
        Case.department_code.in_(departments_of(staff)), Case.status.in_(OPEN)
    )
    db.session.execute(query.order_by(Case.due_on, Case.id).limit(51)).all()


def _median(act: Callable[[], object]) -> float:
    for _ in range(WARM_UP):
        act()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        act()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def _print(medians: dict[str, tuple[float, ...]], cases: int) -> None:
    table = Table(title=f"{cases:,} cases; medians of {ROUNDS} rounds in one process")
    table.add_column("what", no_wrap=True)
    for person in PEOPLE:
        table.add_column(f"ms, {person}", justify="right")
        table.add_column("ratio", justify="right")
    units = next(iter(medians.values()))
    for what, times in medians.items():
        cells = [
            cell
            for median, unit in zip(times, units, strict=True)
            for cell in (f"{median * 1000:.1f}", f"{median / unit:.1f}")
        ]
        table.add_row(what, *cells)
    Console().print(table)


if __name__ == "__main__":
    main()
