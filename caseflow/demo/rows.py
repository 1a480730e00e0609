"""Rows of generated cases, collected by table and copied into the database in one go."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any, NamedTuple

from psycopg import Cursor, sql

# Values as PostgreSQL reads them: a time as ISO 8601, JSON and arrays as text. None is NULL; no text is empty.
Row = dict[str, Any]
# In the order in which the tables refer to each other.
TABLES = ("case", "entry", "message", "attempt", "call", "event")


class Load(NamedTuple):
    """What goes into one table: its rows as CSV."""

    table: str
    columns: list[str]
    lines: bytes


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
        taken = [Load(table, list(rows[0]), _as_csv(rows)) for table, rows in self._tables.items() if rows]
        for rows in self._tables.values():
            rows.clear()
        return taken


def copy(loads: list[Load], cursor: Cursor) -> None:
    """Write all rows into the cursor's transaction."""
    for table, columns, lines in loads:
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(sql.Identifier(table), names)
        with cursor.copy(into) as stream:
            stream.write(lines)


def _as_csv(rows: list[Row]) -> bytes:
    """An empty field is NULL, as PostgreSQL reads CSV."""
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(row.values() for row in rows)
    return text.getvalue().encode()
