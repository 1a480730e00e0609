"""How PostgreSQL goes about what the staff's pages send, where a municipality has thousands of cases: along the indexes
that are made for it, past no table from end to end, and without putting everything in order first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from caseflow import page_key
from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases.models import Case
from caseflow.cases.triage.lookup import Lookup
from caseflow.database import Model, db, unit_of_work
from caseflow.messages.models import Message

MANY, GREAT = 6_000, {"case", "case_lookup", "message", "event"}
# No more rows are put in order than a page of each group of a list has.
SORTED = 600
# By table what makes of one row as many as there are cases: `n` counts them. One of fifty cases is open.
OPEN = "n % 50 = 0"
ROWS: dict[type[Model], dict[str, str]] = {
    Case: {
        "id": "n",
        "number": "'2026-' || 100000 + n",
        "code": "left(one.code, -6) || translate(lpad(n::text, 6, '0'), '0123456789', 'ABCDEFGHJK')",
        "submission": "'s' || n",
        "subject": "'Lyktan'",
        "description": "'Lyktan på by' || translate((n % 300)::text, '0123456789', 'abcdefghij') || 'gatan är släckt.'",
        "department_code": "(SELECT array_agg(code ORDER BY code <> one.department_code) FROM department)[1 + n % 4]",
        "category_code": "NULL",
        "status": f"CASE WHEN {OPEN} THEN 'in_progress' ELSE 'closed' END",
        "resolution": f"CASE WHEN {OPEN} THEN NULL ELSE 'answered' END",
        "closed_at": f"CASE WHEN {OPEN} THEN NULL ELSE received_at END",
        "assignee_id": "CASE WHEN n % 3 = 0 THEN NULL ELSE :staff END",
        "received_at": "received_at - n * interval '30 minutes'",
        "due_on": "due_on - n % 200",
    },
    Lookup: {
        "case_id": "n",
        "words": "to_tsvector('simple', format('lampan %s ord%s', 100000 + n, n % 500))",
        "waiting_since": f"CASE WHEN {OPEN} THEN now() - n * interval '7 minutes' END",
    },
    Message: {
        "id": "n",
        "case_id": "n",
        "status": "CASE WHEN n % 400 = 0 THEN 'failed' ELSE 'delivered' END",
        "channel": "'email'",
        "handled_at": "NULL",
        "header_id": "NULL",
    },
    Event: {"id": "n", "subject_id": "n"},
}
Plan = dict[str, Any]


@pytest.fixture
def ask(sign_in: Callable[[Staff], FlaskClient], clerk: Staff, resident_case: Callable[..., Case]) -> Iterator[Any]:
    """ask(address) gives what the page's statements go along: their tables' scans, and their sorts."""
    resident_case()
    _fill(clerk)
    client = sign_in(clerk)
    yield lambda path: _nodes(client, path)
    with unit_of_work() as session:
        session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        session.execute(sa.text('TRUNCATE "case", case_lookup, message, event CASCADE'))
    _analyze()


def _fill(clerk: Staff) -> None:
    with unit_of_work() as session:
        session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for kind, said in ROWS.items():
            table = kind.__table__
            names = [column.name for column in table.columns if column.computed is None]
            values = ", ".join(said.get(name, f'one."{name}"') for name in names)
            columns = ", ".join(f'"{name}"' for name in names)
            rows = f'FROM (SELECT * FROM "{table.name}" LIMIT 1) one, generate_series(10, {MANY}) n'
            put = f'INSERT INTO "{table.name}" ({columns}) OVERRIDING SYSTEM VALUE SELECT {values} {rows}'
            session.execute(sa.text(re.sub(r"(?<!:):(?!:|staff)", r"\:", put)), {"staff": clerk.id})
    _analyze()


def _analyze() -> None:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql('VACUUM ANALYZE "case", case_lookup, message, event')


def _nodes(client: FlaskClient, path: str) -> list[Plan]:
    sent: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, text: str, values: Any, *_rest: object) -> None:
        sent.append((text, values))

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200, path
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
    db.session.rollback()
    with db.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        return [node for one in sent if one[0].startswith(("SELECT", "WITH")) for node in _explained(raw, *one)]


def _explained(raw: Any, text: str, values: Any) -> Iterator[Plan]:
    cursor = psycopg.RawCursor(raw) if isinstance(values, list) else psycopg.Cursor(raw)
    (found,) = cursor.execute(f"EXPLAIN (FORMAT JSON) {text}", values).fetchone() or ()
    yield from _flat(found[0]["Plan"])


def _flat(node: Plan) -> Iterator[Plan]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _flat(inner)


def _tables(node: Plan) -> set[str]:
    return {one["Relation Name"] for one in _flat(node) if "Relation Name" in one}


def test_the_staffs_pages_go_along_their_indexes_however_many_cases_there_are(ask: Callable[[str], list[Plan]]) -> None:
    queue, counts = "/staff/queue", {"message_trouble_idx", "message_in_house_idx"}
    ask(queue)  # what is kept in memory is read once
    pages = {
        queue: {"case_queue_idx", *counts},
        f"{queue}?sort=received": {"case_open_received_idx"},
        f"{queue}?sort=number": {"case_open_serial_idx"},
        f"{queue}?sort=priority": {"case_open_rank_idx"},
        f"{queue}?sort=waiting": {"case_lookup_waiting_idx"},
        f"{queue}?sort=assignee": {"case_open_assigned_idx"},
        f"{queue}?sort=department": counts,
        f"{queue}?view=mine": {"case_assignee_queue_idx"},
        f"{queue}?view=unassigned&kind=felanmalan&reply_by=email": counts,
        f"{queue}?status=all": {"case_received_at_idx"},
        f"{queue}?status=all&sort=due": {"case_due_idx"},
        f"{queue}?status=all&sort=number": {"case_serial_idx"},
        f"{queue}?status=all&sort=number&after={_key('number', 103_000)}": {"case_serial_idx"},
        f"{queue}?status=all&sort=due&after={_key('due', '2026-06-01')}": {"case_due_idx"},
        f"{queue}?status=all&text=ord7": {"case_lookup_words_idx"},
        f"{queue}?status=all&text=lampan+ord9": {"case_lookup_words_idx"},
        f"{queue}?status=all&text=74+06+70": {"case_lookup_words_idx"},
        "/staff/cases/2026-103000/alike?part=1": {"case_places_idx", "case_lookup_pkey"},
        "/staff/cases/2026-103000": {"event_subject_idx", "message_case_id_idx", *counts},
    }
    for path, indexes in pages.items():
        nodes = ask(path)
        used = {node["Index Name"] for node in nodes if "Index Name" in node}
        assert indexes <= used, (path, indexes - used, used)
        walked = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
        assert not walked & GREAT, (path, walked)
        # An incremental one puts in order what came in at the same moment.
        sorts = [node for node in nodes if node["Node Type"] == "Sort" and _tables(node) & GREAT]
        assert all(node["Plan Rows"] < SORTED for node in sorts), (
            path,
            [(node["Plan Rows"], node["Sort Key"]) for node in sorts],
        )


def _key(order: str, place: object) -> str:
    return page_key.packed(order, str(place), 3_000)
