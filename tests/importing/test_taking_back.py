"""`flask take-back-import`: a wrong import is undone, except what somebody has acted on since."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from caseflow.accounts.models import Staff
from caseflow.audit import Actor, Event
from caseflow.cases import lifecycle
from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import Case, Entry
from caseflow.cases.municipality import directory
from caseflow.cases.screen.drafts import Draft
from caseflow.cases.screen.step import Step
from caseflow.database import db, unit_of_work
from caseflow.importing.models import ImportedCase, ImportRun
from caseflow.statistics import figures, rollup
from caseflow.statistics.periods import between

OLD_SYSTEM = Path(__file__).parents[2] / "docs" / "examples" / "old-system"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
CASES = 7
Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask, hire: Callable[..., Staff], clerk: Staff, tmp_path: Path, clock_at: Callable[..., Any]) -> Run:
    hire("Arkivet", "registrar", "sb", "ls")

    def at(now: datetime, *args: str, answer: str = "") -> Result:
        clock_at(now)
        done = app.test_cli_runner().invoke(args=args, input=answer)
        db.session.rollback()
        return done

    def bring_in() -> Result:
        files = (str(OLD_SYSTEM / "cases.csv"), "--mapping", str(OLD_SYSTEM / "mapping.yaml"))
        return at(NOW, "import-cases", *files, "--rejects", str(tmp_path / "rejects.csv"))

    def take_back(*args: str, answer: str = "") -> Result:
        return at(LATER, "take-back-import", *args, answer=answer)

    bring_in()
    take_back.again = bring_in  # type: ignore[attr-defined]
    return take_back


def count(model: type[Any]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def received(staff: Staff) -> int:
    """In February of 2024, as the figures tell it."""
    with unit_of_work():
        rollup.update(LATER)
    chosen = figures.Filter(between(date(2024, 2, 1), date(2024, 2, 29)))
    whole = figures.read(staff, chosen, Calendar.of(directory.municipality()), now=LATER).whole
    return sum(flow.received for flow in whole.flow)


def test_an_import_is_taken_back_after_a_question_and_can_come_in_again(run: Run, clerk: Staff, tmp_path: Path) -> None:
    assert received(clerk) == 1
    assert "1: gamla, cases.csv, begun 2026-11-23 09:00 UTC, finished 2026-11-23 09:00: 7 cases" in run().output
    tried = run("1", "--dry-run")
    assert (tried.exit_code, count(Case)) == (0, CASES) and "7 cases would go." in tried.output
    who = ("--by", clerk.email, "--reason", "Fel fil")
    for wrong, told in {
        ("1",): "Say in whose name and why",
        ("1", "--by", "nobody@example.org", "--reason", "Fel fil"): "Nobody has an account in use with the address",
        ("7", *who): "There is no import 7",
    }.items():
        answer = run(*wrong)
        assert answer.exit_code == 1 and told in answer.output
    refused = run("1", *who, answer="n\n")
    assert "Take back 7 cases of gamla (cases.csv)?" in refused.output
    assert (refused.exit_code, count(Case), count(ImportRun)) == (1, CASES, 1)
    before = count(Event)
    done = run("1", *who, answer="y\n")
    assert done.exit_code == 0 and "7 cases are gone." in done.output, done.output
    assert [count(model) for model in (Case, Entry, Step, ImportedCase, ImportRun)] == [0] * 5
    # What happened stays told, and who took it back and why.
    taken = db.session.execute(
        sa.select(Event.subject, Event.staff_id, Event.reason, Event.at, Event.data).where(Event.verb == "take_back")
    ).all()
    assert count(Event) == before + CASES + 1
    assert {tuple(row)[:4] for row in taken} == {(sort, clerk.id, "Fel fil", LATER) for sort in ("case", "import")}
    assert {row.data["reference"] for row in taken if row.subject == "case"} >= {"A-1001", "A-1006"}
    assert taken[-1].data == {"file": "cases.csv", "source": "gamla", "gone": CASES, "left": 0}
    assert received(clerk) == 0
    assert "7 of 11 rows imported" in run.again().output and count(Case) == CASES  # type: ignore[attr-defined]
    assert received(clerk) == 1


def test_what_something_has_happened_to_stays_and_is_listed_with_its_reason(
    run: Run, clerk: Staff, tmp_path: Path
) -> None:
    with unit_of_work():
        cases = {row.reference: row.case_id for row in db.session.scalars(sa.select(ImportedCase))}
        acted, planned = (db.session.get_one(Case, cases[name]) for name in ("A-1005", "A-1003"))
        lifecycle.note(acted, "Ring hen.", by=Actor("staff", clerk.id), now=NOW + timedelta(minutes=5))
        lifecycle.wake(planned, by=Actor("system"), now=NOW + timedelta(minutes=6))  # the clock's work is nobody's
        text = {"sort": "note", "text": "Jag", "revision": "1", "submission": "s", "saved_at": NOW}
        db.session.add(Draft(staff_id=clerk.id, case_id=cases["A-1004"], **text))
    left = tmp_path / "left.csv"
    done = run("1", "--by", clerk.email, "--reason", "Fel fil", "--yes", "--left", str(left))
    assert done.exit_code == 2 and "5 cases are gone." in done.output and f"2 stay: see {left}" in done.output
    rows = {row["reference"]: row["why"] for row in csv.DictReader(left.open(encoding="utf-8-sig"), delimiter=";")}
    assert rows == {
        "A-1005": "somebody acted on it (note, 2026-11-23 09:05)",
        "A-1004": "somebody is writing in it",
    }
    assert set(db.session.scalars(sa.select(ImportedCase.reference))) == set(rows)
    assert count(ImportRun) == 1
    again = run("1", "--by", clerk.email, "--reason", "Fel fil", "--yes", "--left", str(left))
    assert "0 cases are gone." in again.output and count(Case) == 2
