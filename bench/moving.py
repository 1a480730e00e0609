"""How fast an old system's cases move in, beside the bare COPY of the very same rows: `python -m bench.moving
[--csv FILE] [--rows N]`. The rows are New York's (docs/examples/nyc311), told again under other numbers."""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
import time
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from psycopg import sql
from rich.console import Console
from rich.table import Table

from bench.house import kept
from caseflow.database import db
from caseflow.importing.writing import TABLES

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "nyc311"
REFERENCE = "Unique Key"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", type=Path, default=EXAMPLE / "sample.csv")
    parser.add_argument("--rows", type=int, default=10_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, kept(Path(folder)) as (app, _environ):
        file = _told_again(asked.csv, asked.rows, Path(folder) / "old.csv")
        _in(app, "db", "upgrade")
        _in(app, "load-municipality", str(EXAMPLE / "municipality.yaml"))
        _in(
            app,
            "create-staff",
            "--email",
            "archive@example.org",
            "--name",
            "Archive",
            "--password",
            "lampa ångbåt knäck 1887",
        )
        moved = _in(app, "import-cases", str(file), "--mapping", str(EXAMPLE / "mapping.yaml"))
        with app.app_context():
            bare = _copied()
        _print(asked.rows, moved, bare)


def _told_again(given: Path, rows: int, file: Path) -> Path:
    with given.open(encoding="utf-8", newline="") as old, file.open("w", encoding="utf-8", newline="") as new:
        known = csv.DictReader(old)
        again = csv.DictWriter(new, known.fieldnames or ())
        again.writeheader()
        again.writerows({**row, REFERENCE: str(n)} for n, row in enumerate(islice(cycle(list(known)), rows)))
    return file


def _in(app: Flask, *command: str) -> float:
    started = time.perf_counter()
    said = app.test_cli_runner().invoke(args=command)
    assert said.exit_code == 0, said.output
    return time.perf_counter() - started


def _copied() -> float:
    """Seconds of COPY alone: into tables of the same columns, without an index, a check or a trigger."""
    connection: psycopg.Connection[Any] = db.session.connection().connection.driver_connection  # type: ignore[assignment]
    taken = 0.0
    with connection.cursor() as cursor:
        for table in map(sql.Identifier, TABLES):
            with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(table)) as out:
                rows: Sequence[Any] = list(out)
            cursor.execute(sql.SQL("CREATE TABLE bare (LIKE {})").format(table))
            started = time.perf_counter()
            with cursor.copy(sql.SQL("COPY bare FROM STDIN")) as copy:
                for row in rows:
                    copy.write(row)
            taken += time.perf_counter() - started
            cursor.execute("DROP TABLE bare")
    return taken


def _print(rows: int, moved: float, bare: float) -> None:
    table = Table("what", "seconds", "rows a second", "times", title=f"{rows:,} rows; load {os.getloadavg()[0]:.1f}")
    table.add_row("bare COPY of their rows", f"{bare:.2f}", f"{rows / bare:,.0f}", "1")
    table.add_row("import-cases", f"{moved:.1f}", f"{rows / moved:,.0f}", f"{moved / bare:.0f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
