"""Robots at the form, by sorts: what becomes of each. `python -m bench.robots [NUMBER]`, 10,000 by default.

They post to the app itself with real limits over a real Valkey and the time trap as it is. The last sort, from another
address each time, with other words, a page of its own and enough patience, is what only proof of work stops: it is
counted apart, without and with it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import uuid
from collections import Counter
from datetime import timedelta
from pathlib import Path

from flask import Flask, g
from rich.console import Console
from rich.table import Table

from bench import house
from caseflow.cases.models import Municipality
from caseflow.database import db, unit_of_work
from caseflow.intake import stamps
from tests.intake.conftest import filled, token_in
from tests.intake.robots import fate, patient, tally

FATES = ("passed", "held", "asked", "slowed", "refused")
PERFECT = 200
PATIENCE = timedelta(seconds=3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("number", nargs="?", type=int, default=10_000)
    number = parser.parse_args().number
    with tempfile.TemporaryDirectory() as folder, house.kept(Path(folder)) as (app, _environ):
        assert app.test_cli_runner().invoke(args=["prepare"]).exit_code == 0
        app.config["FORM_PATIENCE"] = PATIENCE
        with app.app_context():
            fates = _robots(app, number)
            for bits in (0, 12):
                fates |= {(f"perfect, {bits} bits asked", name): n for name, n in _perfect(app, bits).items()}
    _print(fates, number)


def _robots(app: Flask, number: int) -> Counter[tuple[str, str]]:
    answers = patient(app.test_client(), number)
    next(answers)
    time.sleep(PATIENCE.total_seconds())
    return tally(answers)


def _perfect(app: Flask, bits: int) -> Counter[str]:
    with unit_of_work():
        db.session.get_one(Municipality, 1).residents = {"proof_bits": bits}
    for name in list(g):  # the last client's token
        g.pop(name)
    client = app.test_client()
    token, made = token_in(client.get("/new")), [stamps.new() for _one in range(PERFECT)]
    time.sleep(PATIENCE.total_seconds())
    found: Counter[str] = Counter()
    for turn, stamp in enumerate(made):
        form = filled(description=f"Fråga {turn}: {uuid.uuid4().hex}?", csrf_token=token, stamp=stamp)
        there = {"REMOTE_ADDR": f"172.16.{bits}.{turn}"}
        found[fate(client.post("/new", data=form, environ_overrides=there))] += 1
    return found


def _print(fates: Counter[tuple[str, str]], number: int) -> None:
    table = Table("robot", *FATES)
    for name in sorted({name for name, _fate in fates}):
        table.add_row(name, *(str(fates[name, what]) for what in FATES))
    passed = sum(n for (name, what), n in fates.items() if what == "passed" and not name.startswith("perfect"))
    Console().print(table, f"{passed} of {number} passed ({100 * passed / number:.2f} %), the perfect ones apart")


if __name__ == "__main__":
    main()
