"""Rows of generated cases, collected by table and copied into the database in one go."""

from __future__ import annotations

from typing import Any

from psycopg import Cursor, sql

# Values as PostgreSQL reads them: a time as ISO 8601, JSON and arrays as text.
Row = dict[str, Any]
Tables = dict[str, list[Row]]
# In the order in which the tables refer to each other.
TABLES = ("case", "entry", "message", "attempt", "call", "event")


class Rows:
    """The rows of a table all have the same columns in the same order: each sort is made in one place only."""

    def __init__(self) -> None:
        self._tables: Tables = {table: [] for table in TABLES}

    def add(self, table: str, row: Row) -> Row:
        """Keep a row; it may be changed until it is copied."""
        self._tables[table].append(row)
        return row

    def take(self) -> Tables:
        """What was collected since the last time."""
        taken, self._tables = self._tables, {table: [] for table in TABLES}
        return taken


def copy(tables: Tables, cursor: Cursor) -> None:
    """Write all rows into the cursor's transaction."""
    for table, rows in tables.items():
        if not rows:
            continue
        columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
        into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
        with cursor.copy(into) as stream:
            for row in rows:
                stream.write_row(tuple(row.values()))
