"""How fast the pages are, as ratios of a bare page in the same run: `make bench` or `python -m bench [--cases N]`."""

from __future__ import annotations

import uuid
from functools import partial

import sqlalchemy as sa
from flask import Flask
from rich.console import Console
from rich.table import Table

from bench.house import bare_queue, cases_wanted, filled, median, signed_in
from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import RESIDENT
from caseflow.cases import lifecycle
from caseflow.cases.models import Case
from caseflow.database import db, unit_of_work

ROUNDS, WARM_UP = 60, 5


def main() -> None:
    cases = cases_wanted(__doc__)
    with filled(cases) as (app, rate), app.app_context():
        _print(_measure(app), cases, rate)


def _measure(app: Flask) -> dict[str, float]:
    """Median seconds of each thing, in the order of the table; the first is the measure of the others."""
    staff = db.session.scalars(sa.select(Staff).where(Staff.email == "karin.ek@example.org")).one()
    number = db.session.scalars(sa.select(Case.number).where(Case.department_code == "sb").limit(1)).one()
    get, time_of = signed_in(app, staff), partial(median, rounds=ROUNDS, warm_up=WARM_UP)
    return {
        "a page with nothing in it (/healthz)": time_of(lambda: get("/healthz")),
        "the queue's rows as bare SQL": time_of(lambda: bare_queue(staff)),
        "the queue": time_of(lambda: get("/staff/queue")),
        "one department, unassigned": time_of(lambda: get("/staff/queue?department=sb&view=unassigned")),
        "a case": time_of(lambda: get(f"/staff/cases/{number}")),
        "the form": time_of(lambda: get("/new")),
        "storing an errand": time_of(_store),
    }


def _store() -> None:
    errand = lifecycle.Errand("fraga", "När öppnar badet?", "sv", "none", uuid.uuid4().hex, department="kf")
    with unit_of_work():
        lifecycle.receive(errand, by=RESIDENT, now=clock.now())


def _print(medians: dict[str, float], cases: int, rate: float) -> None:
    table = Table(
        title=f"{cases:,} cases, generated at {rate:,.0f} a second; medians of {ROUNDS} rounds in one process"
    )
    for heading in ("what", "ms", "times the empty page"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    unit = next(iter(medians.values()))
    for what, seconds in medians.items():
        table.add_row(what, f"{seconds * 1000:.1f}", f"{seconds / unit:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
