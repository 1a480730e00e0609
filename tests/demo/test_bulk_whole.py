"""Very many generated cases: composed by several processes, found like others, and there as a whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, cast

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from caseflow import clock
from caseflow.cases.models import Case
from caseflow.cases.triage import search
from caseflow.database import db, unit_of_work
from caseflow.demo import staff
from caseflow.demo.bulk import FOUND, INDEXED, WRITTEN, Bulk

LOOKUP = "SELECT case_id, words, waiting_since FROM case_lookup ORDER BY case_id"
INDEX = "SELECT CAST('case_lookup_words_idx' AS regclass)::oid"
# What is told, with ids from where each table's begin; codes are nobody's to foresee.
TOLD = (
    'SELECT id - (SELECT min(id) FROM "case"), number, description, status, closed_at FROM "case" ORDER BY id',
    "SELECT id - (SELECT min(id) FROM entry), sort, text, at FROM entry ORDER BY id",
    "SELECT id - (SELECT min(id) FROM message), purpose, status, recipient, created_at FROM message ORDER BY id",
    "SELECT verb, at, staff_id, version, reason FROM event ORDER BY id",
)


@pytest.fixture(autouse=True)
def people() -> None:
    with unit_of_work():
        staff.hire()


def rows(query: str) -> list[Any]:
    return list(db.session.execute(sa.text(query)).all())


def written_by(processes: int) -> list[Any]:
    """All that is told in the end, and nothing of it stays."""
    bulk = Bulk(90, seed=5, years=1, now=clock.now().replace(microsecond=0, second=0, minute=0), chunk=40)
    db.session.execute(sa.text("SELECT setval('case_number_seq', 20000)"))
    with closing(bulk.write_whole(processes)) as steps:
        done = [next(steps) for _step in range(5)]
        assert done == [(WRITTEN, 40), (WRITTEN, 80), (WRITTEN, 90), (FOUND, 0), (FOUND, 90)]
        with db.engine.connect() as another:
            assert another.scalar(sa.text('SELECT count(*) FROM "case"')) == 0
        return [rows(query) for query in TOLD]


def test_a_seed_tells_the_same_with_any_number_of_processes_and_an_interruption_leaves_nothing() -> None:
    alone, together = written_by(1), written_by(2)
    assert alone == together and len(alone[0]) == 90 and all(alone)
    assert rows('SELECT 1 FROM "case"') == rows(LOOKUP) == rows("SELECT 1 FROM event") == []


@pytest.fixture
def generate(app: Flask) -> Iterator[Callable[[int], list[str]]]:
    def run(count: int) -> list[str]:
        args = ["generate-cases", "--count", str(count), "--bulk-from", "10", "--processes", "2"]
        answer = app.test_cli_runner().invoke(args=args)
        db.session.rollback()
        assert answer.exit_code == 0, answer.output
        return answer.output.splitlines()

    yield run


def filled_by_triggers() -> list[Any]:
    """The lookup after the same rows came in once more."""
    connection = cast("psycopg.Connection[Any]", db.session.connection().connection.driver_connection)
    tables = {}
    for table in ("case", "entry"):
        with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" TO STDOUT') as out:
            tables[table] = b"".join(out)
    connection.execute("SET LOCAL session_replication_role = replica")
    for table in ("case_lookup", *tables):
        connection.execute(f'DELETE FROM "{table}"')
    connection.execute("SET LOCAL session_replication_role = origin")
    for table, lines in tables.items():
        with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" FROM STDIN') as stream:
            stream.write(lines)
    return rows(LOOKUP)


def test_they_are_found_as_if_the_triggers_had_been_awake(
    generate: Callable[[int], list[str]], resident_case: Callable[..., Case]
) -> None:
    before = rows(INDEX)
    told = generate(120)
    assert [f"120 of 120 {what} (100 %)" for what in (WRITTEN, FOUND, INDEXED)] == told[:3]
    made_again, mine = rows(INDEX), resident_case()
    assert made_again != before and generate(30) and rows(INDEX) == made_again  # few beside what is there
    lookup = rows(LOOKUP)
    assert len(lookup) == 151 and any(row.waiting_since for row in lookup)
    assert mine.id in {row.case_id for row in lookup}
    case = db.session.scalars(sa.select(Case).where(Case.name.is_not(None)).order_by(Case.id).limit(1)).one()
    assert search.few(case.number) == [case.id] and case.id in (search.few(f"{case.name} {case.postcode or ''}") or ())
    assert filled_by_triggers() == lookup
