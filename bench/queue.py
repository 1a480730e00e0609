"""How fast the pages are as gunicorn serves them: `python -m bench.queue [--cases N …] [--data FOLDER …]`.

Two workers on the loopback, signed in, one request at a time. What stands in the table is the server's own time (see
`bench.timed`), medians of the rounds; beside them a bare Flask page, and the first page's rows as bare SQL.
A folder of --data is one that was filled before (`CASEFLOW_DATA`); it is brought to the newest migration, and the
errands of the measurement stay in it.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from bench.house import bare_queue, cookie_of, kept, median
from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases import queue
from caseflow.cases.models import Case
from caseflow.cases.queue_filter import Filter
from caseflow.database import db

# A statement is prepared when a connection meets it for the sixth time, and planned for good some five times later.
ROUNDS, WARM_UP = 31, 40
WHO = "karin.ek@example.org"
BARE_SQL = "the first rows as bare SQL"
SEARCHES = {
    "a common word": "lampan",
    "a rare name": "jawad noori",
    "a word nobody wrote": "xyzzy",
    "the end of a phone number": "74 06 70",
}
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
STAMP = re.compile(r'name="stamp"[^>]*value="([^"]+)"')

# What one request took, in milliseconds, and its statements.
Timing = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, nargs="+", default=[])
    parser.add_argument("--data", type=Path, nargs="+", default=[])
    asked = parser.parse_args()
    for folder in asked.data:
        _print(_measured(folder.resolve(), 0))
    for cases in asked.cases or ([] if asked.data else [10_000]):
        with tempfile.TemporaryDirectory() as folder:
            _print(_measured(Path(folder), cases))


def _measured(folder: Path, cases: int) -> tuple[int, dict[str, Timing]]:
    """How many cases there are, and the medians of each thing in the order of the table; the bare page is first."""
    with kept(folder) as (app, environ):
        runner = app.test_cli_runner()
        commands = [["prepare"], ["generate-cases", "--count", str(cases)]] if cases else [["db", "upgrade"]]
        for command in commands:
            assert runner.invoke(args=command).exit_code == 0, command
        with app.app_context():
            # As autovacuum leaves the tables some minutes after so many rows have come in.
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("VACUUM ANALYZE"))
            staff = db.session.scalars(sa.select(Staff).where(Staff.email == WHO)).one()
            rows = median(partial(bare_queue, staff), rounds=ROUNDS, warm_up=WARM_UP) * 1000
            paths, cookie = _paths(staff), cookie_of(app, staff)
            db.session.rollback()
            count = db.session.scalar(sa.select(sa.func.count()).select_from(Case)) or 0
            db.session.rollback()
        with _served(environ) as port:
            pages = {what: _p50(partial(_get, port, path, cookie)) for what, path in paths.items()}
            sent = _p50(partial(_submit, port))
        sql: Timing = {"wall": rows, "sql": rows, "statements": 1}
        return count, {**pages, BARE_SQL: sql, "a resident sends an errand": sent}


def _paths(staff: Staff) -> dict[str, str]:
    number = db.session.scalars(sa.select(Case.number).where(Case.department_code == "sb").limit(1)).one()
    searches = {what: "/staff/queue?" + urlencode({"status": "all", "text": text}) for what, text in SEARCHES.items()}
    return {
        "a bare Flask page": "/bare/page",
        "the queue": "/staff/queue",
        "one department, unassigned": "/staff/queue?department=sb&view=unassigned",
        "page 100": "/staff/queue?" + urlencode({"status": "all", "after": _hundredth(staff)}),
        **{f"by {name}": f"/staff/queue?sort={name}" for name in ("department", "assignee", "status")},
        **searches,
        "a case": f"/staff/cases/{number}",
        "its possible duplicates": f"/staff/cases/{number}/alike?part=1",
        "the form": "/new",
    }


def _hundredth(staff: Staff) -> str:
    """The key with which page 100 of all cases begins, got as a person gets it: page after page."""
    key, chosen = None, Filter(status="all")
    for _page in range(99):
        key = queue.page(staff, chosen, clock.today(), key, now=clock.now()).next_key or key
    return key or ""


@contextmanager
def _served(environ: dict[str, str]) -> Iterator[int]:
    """The port of gunicorn with two workers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    argv = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "bench.timed:app"]
    whole = {**os.environ, **environ, "WEB_CONCURRENCY": "2", "CASEFLOW_LOG": "warning"}
    with subprocess.Popen(argv, env=whole, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(port)
            yield port
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            _get(port, "/bare/page")
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _p50(ask: Callable[[], Timing]) -> Timing:
    """Each connection is a new one, so that both workers are warmed up and measured."""
    for _ in range(WARM_UP):
        ask()
    rounds = [ask() for _ in range(ROUNDS)]
    return {name: statistics.median(timing[name] for timing in rounds) for name in rounds[0]}


def _get(port: int, path: str, cookie: str = "") -> Timing:
    answer, _body = _asked(port, "GET", path, cookie)
    assert answer.status == 200, (path, answer.status)
    return _timing(answer)


def _submit(port: int) -> Timing:
    """A form is opened, filled in and sent; the sending is what counts."""
    form, body = _asked(port, "GET", "/new")
    token, stamp = TOKEN.search(body), STAMP.search(body)
    assert token and stamp
    mark = uuid.uuid4()
    errand = {"kind": "felanmalan", "department": "sb", "category": "sb.belysning", "reply_by": "email"}
    errand |= {"description": f"Gatlampan vid Skolgatan {mark.int} är släckt.", "email": "rut@example.org"}
    errand |= {"submission": mark.hex, "csrf_token": token[1], "stamp": stamp[1], "asked": "sb.belysning"}
    cookie = (form.getheader("Set-Cookie") or "").partition(";")[0]
    answer, _body = _asked(port, "POST", "/new", cookie, urlencode(errand), str(mark))
    assert answer.status == 303 and "receipt" in (answer.getheader("Location") or ""), answer.status
    return _timing(answer)


def _asked(
    port: int, verb: str, path: str, cookie: str = "", body: str = "", place: str = "127.0.0.1"
) -> tuple[http.client.HTTPResponse, str]:
    headers = {
        "X-Place": place,
        "Cookie": cookie,
        "Accept-Language": "sv",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(verb, path, body or None, headers)
        answer = connection.getresponse()
        return answer, answer.read().decode()


def _timing(answer: http.client.HTTPResponse) -> Timing:
    marks = (mark.partition(";dur=") for mark in (answer.getheader("Server-Timing") or "").split(", "))
    return {name: float(value) for name, _mark, value in marks}


def _print(measured: tuple[int, dict[str, Timing]]) -> None:
    count, medians = measured
    load = os.getloadavg()[0]
    table = Table(title=f"{count:,} cases; medians of {ROUNDS} over HTTP, 2 workers, in ms; load {load:.1f}")
    unit, rows = next(iter(medians.values()))["wall"], medians[BARE_SQL]["wall"]
    for heading in ("what", "statements", "wall", "processor", "SQL", "× bare page", "× bare SQL"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for what, took in medians.items():
        figures = [f"{took[name]:.1f}" if name in took else "" for name in ("wall", "cpu", "sql")]
        ratios = [f"{took['wall'] / measure:.1f}" for measure in (unit, rows)]
        table.add_row(what, f"{took['statements']:.0f}", *figures, *ratios)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
