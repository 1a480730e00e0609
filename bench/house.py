"""A house full of cases, somebody signed in to it, and how long a thing takes there: what the page benchmarks share."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from caseflow import clock, create_app, embedded
from caseflow.accounts import sessions
from caseflow.accounts.entrance_views import SEEN, TOKEN
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import departments_of
from caseflow.cases.models import OPEN, Case
from caseflow.database import db, unit_of_work
from config import Config


def cases_wanted(about: str | None) -> int:
    """How many cases the command line asks for."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--cases", type=int, default=10_000)
    return int(parser.parse_args().cases)


def measure_each(about: str | None, measure: Callable[[Path, int], None]) -> None:
    """Each folder of `--data`, filled before, with 0; and new ones with as many cases as `--cases` says."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--cases", type=int, nargs="+", default=[])
    parser.add_argument("--data", type=Path, nargs="+", default=[])
    asked = parser.parse_args()
    for folder in asked.data:
        measure(folder.resolve(), 0)
    for cases in asked.cases or ([] if asked.data else [10_000]):
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), cases)


def fill(app: Flask, cases: int) -> None:
    """So many cases in a new house; one that was filled before is brought to the newest migration."""
    runner = app.test_cli_runner()
    commands = [["prepare"], ["generate-cases", "--count", str(cases)]] if cases else [["db", "upgrade"]]
    for command in commands:
        assert runner.invoke(args=command).exit_code == 0, command


@contextmanager
def kept(folder: Path) -> Iterator[tuple[Flask, dict[str, str]]]:
    """The app on the servers of a data folder, and the environment with which another process finds them."""
    with embedded.servers(folder / "servers") as urls:
        environ = {"CASEFLOW_DATA": str(folder), "DATABASE_URL": urls.database_url, "REDIS_URL": urls.redis_url}
        yield create_app(Config.from_environment(environ)), environ


@contextmanager
def filled(cases: int) -> Iterator[tuple[Flask, float]]:
    """The app on a database of its own with so many cases, and how many a second were generated."""
    with tempfile.TemporaryDirectory() as folder, kept(Path(folder)) as (app, _environ):
        runner = app.test_cli_runner()
        assert runner.invoke(args=["prepare"]).exit_code == 0
        started = time.perf_counter()
        assert runner.invoke(args=["generate-cases", "--count", str(cases)]).exit_code == 0
        yield app, cases / (time.perf_counter() - started)


def signed_in(app: Flask, staff: Staff) -> Callable[[str], None]:
    """Gets a page as this person; a page that is not shown (a redirect to the login) is no measurement."""
    client = _client_of(app, staff)

    def get(path: str) -> None:
        assert client.get(path).status_code == 200, path

    return get


def cookie_of(app: Flask, staff: Staff) -> str:
    """The header with which somebody is signed in over HTTP."""
    cookie = _client_of(app, staff).get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie
    return f"{cookie.key}={cookie.value}"


def _client_of(app: Flask, staff: Staff) -> FlaskClient:
    client = app.test_client()
    with unit_of_work():
        token = sessions.begin(staff.id, "", "bench", clock.now())
    with client.session_transaction() as session:
        session["_user_id"] = staff.fs_uniquifier
        session[TOKEN], session[SEEN] = token, int(clock.now().timestamp())
    return client


def bare_queue(staff: Staff) -> None:
    """The first page's rows as SQL and nothing else."""
    query = sa.select(Case.id, Case.number, Case.subject, Case.due_on).where(
        Case.department_code.in_(departments_of(staff)), Case.status.in_(OPEN)
    )
    db.session.execute(query.order_by(Case.due_on, Case.id).limit(51)).all()


def median(act: Callable[[], object], *, rounds: int, warm_up: int) -> float:
    """Seconds."""
    for _ in range(warm_up):
        act()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        act()
        times.append(time.perf_counter() - started)
    return statistics.median(times)
