"""How fast the pages are, as ratios of a bare page in the same run: `make bench` or `python -m bench [--cases N]`."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from rich.console import Console
from rich.table import Table

from caseflow import clock, create_app, embedded
from caseflow.accounts import sessions
from caseflow.accounts.entrance_views import SEEN, TOKEN
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import departments_of
from caseflow.audit import RESIDENT
from caseflow.cases import lifecycle
from caseflow.cases.models import OPEN, Case
from caseflow.database import db, unit_of_work
from config import Config

ROUNDS, WARM_UP = 60, 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    cases = parser.parse_args().cases
    with tempfile.TemporaryDirectory() as folder, embedded.servers(Path(folder) / "servers") as urls:
        environ = {"CASEFLOW_DATA": folder, "DATABASE_URL": urls.database_url, "REDIS_URL": urls.redis_url}
        app = create_app(Config.from_environment(environ))
        runner = app.test_cli_runner()
        assert runner.invoke(args=["prepare"]).exit_code == 0
        started = time.perf_counter()
        assert runner.invoke(args=["generate-cases", "--count", str(cases)]).exit_code == 0
        rate = cases / (time.perf_counter() - started)
        with app.app_context():
            _print(_measure(app), cases, rate)


def _measure(app: Flask) -> dict[str, float]:
    """Median seconds of each thing, in the order of the table; the first is the measure of the others."""
    staff = db.session.scalars(sa.select(Staff).where(Staff.email == "karin.ek@example.org")).one()
    number = db.session.scalars(sa.select(Case.number).where(Case.department_code == "sb").limit(1)).one()
    client = _signed_in(app, staff)
    return {
        "a page with nothing in it (/healthz)": _median(lambda: client.get("/healthz")),
        "the queue's rows as bare SQL": _median(lambda: _bare_queue(staff)),
        "the queue": _median(lambda: client.get("/staff/queue")),
        "one department, unassigned": _median(lambda: client.get("/staff/queue?department=sb&view=unassigned")),
        "a case": _median(lambda: client.get(f"/staff/cases/{number}")),
        "the form": _median(lambda: client.get("/new")),
        "storing an errand": _median(_store),
    }


def _median(act: Callable[[], object]) -> float:
    for _ in range(WARM_UP):
        act()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        act()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def _signed_in(app: Flask, staff: Staff) -> FlaskClient:
    client = app.test_client()
    with unit_of_work():
        token = sessions.begin(staff.id, "", "bench", clock.now())
    with client.session_transaction() as session:
        session["_user_id"] = staff.fs_uniquifier
        session[TOKEN], session[SEEN] = token, int(clock.now().timestamp())
    return client


def _bare_queue(staff: Staff) -> None:
    query = sa.select(Case.id, Case.number, Case.subject, Case.due_on).where(
        Case.department_code.in_(departments_of(staff)), Case.status.in_(OPEN)
    )
    db.session.execute(query.order_by(Case.due_on, Case.id).limit(51)).all()


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
    for what, median in medians.items():
        table.add_row(what, f"{median * 1000:.1f}", f"{median / unit:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
