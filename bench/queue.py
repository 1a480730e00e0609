"""How fast the queue's lists and its search are, as ratios of a bare page: `python -m bench.queue [--cases N]`.

Whole pages through the app in one process, medians of the rounds: each filter, order and search as somebody who sees
nearly everything and as somebody who sees two departments. Beside them the first page's rows as bare SQL.
"""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa
from flask import Flask
from rich.console import Console
from rich.table import Table

from bench.house import bare_queue, cases_wanted, filled, median, signed_in
from caseflow.accounts.models import Staff
from caseflow.database import db

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
    cases = cases_wanted(__doc__)
    with filled(cases) as (app, _rate):
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
    time_of = partial(median, rounds=ROUNDS, warm_up=WARM_UP)
    with app.app_context():
        staff = db.session.scalars(sa.select(Staff).where(Staff.email == email)).one()
        get, bare = signed_in(app, staff), time_of(partial(bare_queue, staff))
    pages = {what: time_of(partial(get, f"/staff/queue?{query}")) for what, query in LISTS.items()}
    empty = time_of(partial(get, "/healthz"))
    return {"a page with nothing in it (/healthz)": empty, "the first rows as bare SQL": bare, **pages}


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
            for seconds, unit in zip(times, units, strict=True)
            for cell in (f"{seconds * 1000:.1f}", f"{seconds / unit:.1f}")
        ]
        table.add_row(what, *cells)
    Console().print(table)


if __name__ == "__main__":
    main()
