"""How fast the pages are as gunicorn serves them: `python -m bench.queue [--cases N …] [--data FOLDER …]`.

Two workers on the loopback, signed in, one request at a time, compressed as for a browser. What stands in the table is
the server's own time (see `bench.timed`), medians of the rounds; beside them a bare Flask page, and the first page's
rows as bare SQL.
A folder of --data is one that was filled before (`CASEFLOW_DATA`); it is brought to the newest migration, and the
errands of the measurement stay in it.
"""

from __future__ import annotations

import os
import uuid
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from bench.house import bare_queue, cookie_of, fill, kept, measure_each, median
from bench.served import ROUNDS, WARM_UP, Timing, ask, get, opened_form, p50, served, timing
from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.cases.triage import queue
from caseflow.cases.triage.queue_filter import Filter
from caseflow.database import db

WHO = "karin.ek@example.org"
BARE_SQL = "the first rows as bare SQL"
# Who is signed in, what waits in the header, and a list of keys that never changes: no staff page can take less.
FLOOR = "a staff page with nothing of its own"
SEARCHES = {
    "a common word": "lampan",
    "a rare name": "jawad noori",
    "a word nobody wrote": "xyzzy",
    "the end of a phone number": "74 06 70",
}


def main() -> None:
    measure_each(__doc__, lambda folder, cases: _print(_measured(folder, cases)))


def _measured(folder: Path, cases: int) -> tuple[int, dict[str, Timing]]:
    """How many cases there are, and the medians of each thing in the order of the table; the bare page is first."""
    with kept(folder) as (app, environ):
        fill(app, cases)
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
        with served(environ) as port:
            pages = {what: p50(partial(get, port, path, cookie)) for what, path in paths.items()}
            sent = p50(partial(_submit, port))
        sql: Timing = {"wall": rows, "sql": rows, "statements": 1}
        return count, {**pages, BARE_SQL: sql, "a resident sends an errand": sent}


def _paths(staff: Staff) -> dict[str, str]:
    number = db.session.scalars(sa.select(Case.number).where(Case.department_code == "sb").limit(1)).one()
    searches = {what: "/staff/queue?" + urlencode({"status": "all", "text": text}) for what, text in SEARCHES.items()}
    return {
        "a bare Flask page": "/bare/page",
        FLOOR: "/staff/keys",
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


def _submit(port: int) -> Timing:
    """A form is opened, filled in and sent; the sending is what counts."""
    marks, cookie = opened_form(port)
    mark = uuid.uuid4()
    errand = {"kind": "felanmalan", "department": "sb", "category": "sb.belysning", "reply_by": "email"}
    errand |= {"description": f"Gatlampan vid Skolgatan {mark.int} är släckt.", "email": "rut@example.org"}
    errand |= {"submission": mark.hex, "asked": "sb.belysning", **marks}
    answer, _body = ask(port, "POST", "/new", cookie=cookie, body=urlencode(errand), place=str(mark))
    assert answer.status == 303 and "receipt" in (answer.getheader("Location") or ""), answer.status
    return timing(answer)


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
