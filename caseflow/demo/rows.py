"""Rows of generated cases, collected by table and copied into the database in one go."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from caseflow.cases.triage import lookup_in_bulk
from caseflow.database import copying

# Values as PostgreSQL reads them: a time as ISO 8601, JSON and arrays as text. None is NULL; no text is empty.
Row = dict[str, Any]
# In the order in which the tables refer to each other.
TABLES = ("case", "entry", "message", "attempt", "call", "event")


class Load(NamedTuple):
    """What goes into one table: its rows as CSV, and their ids where they have one."""

    table: str
    columns: list[str]
    lines: bytes
    ids: list[int]


class Rows:
    """The rows of a table all have the same columns in the same order: each sort is made in one place only."""

    def __init__(self) -> None:
        self._tables: dict[str, list[Row]] = {table: [] for table in TABLES}

    def add(self, table: str, row: Row) -> Row:
        """Keep a row; it may be changed until it is taken."""
        self._tables[table].append(row)
        return row

    def take(self) -> list[Load]:
        """What was collected since the last time."""
        taken = [_load(table, rows) for table, rows in self._tables.items() if rows]
        for rows in self._tables.values():
            rows.clear()
        return taken


def copy(loads: list[Load], session: Session) -> None:
    """Write all rows into the running unit of work."""
    for load in loads:
        with copying(session, load.table, load.columns, "csv") as stream:
            stream.write(load.lines)


def copy_and_find(loads: list[Load], session: Session) -> None:
    """The same with the cases' lookup: made of all that is told of them, whichever table came first."""
    lookup_in_bulk.postpone(session)
    copy(loads, session)
    lookup_in_bulk.fill_these(session, [id for load in loads if load.table == "case" for id in load.ids])


def _load(table: str, rows: list[Row]) -> Load:
    return Load(table, list(rows[0]), _as_csv(rows), [row["id"] for row in rows if "id" in row])


def _as_csv(rows: list[Row]) -> bytes:
    """An empty field is NULL, as PostgreSQL reads CSV."""
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(row.values() for row in rows)
    return text.getvalue().encode()
