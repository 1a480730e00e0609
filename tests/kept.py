"""A history that takes seconds to live is lived once: its rows are kept, and put back for each test that wants it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import sqlalchemy as sa

from caseflow.database import Model, db, unit_of_work

# What the tests begin with; all else is emptied before each.
CONFIGURATION = {"municipality", "kind", "department", "category", "routing_rule"}
EMPTY = [table for table in Model.metadata.sorted_tables if table.name not in CONFIGURATION]
COUNTERS = "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"

_kept: dict[str, tuple[dict[str, bytes], list[tuple[str, int]]]] = {}


def lived(name: str, live: Callable[[], None]) -> None:
    """Live the history `name` in a clean database, or put back what it left the first time."""
    if name not in _kept:
        live()
        _kept[name] = _rows(), [(row[0], row[1]) for row in db.session.execute(sa.text(COUNTERS))]
        db.session.rollback()
        return
    rows, counters = _kept[name]
    with unit_of_work() as session:
        # As a replica the triggers and the foreign keys sleep, as when the tests empty the database.
        session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for table, lines in rows.items():
            session.execute(sa.text(f'DELETE FROM "{table}"'))
            with _cursor() as cursor, cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                copy.write(lines)
        for counter, last in counters:
            session.execute(sa.select(sa.func.setval(counter, last)))


def _rows() -> dict[str, bytes]:
    found = {}
    for table in EMPTY:
        with _cursor() as cursor, cursor.copy(f'COPY "{table.name}" TO STDOUT') as copy:
            found[table.name] = b"".join(copy)
    return {table: lines for table, lines in found.items() if lines}


def _cursor() -> psycopg.Cursor[Any]:
    connection: psycopg.Connection[Any] = db.session.connection().connection.dbapi_connection  # type: ignore[assignment]
    return connection.cursor()
