"""What is kept in memory is as new as the database, whoever has changed it."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from caseflow import stamp
from caseflow.accounts.models import Staff
from caseflow.cases.models import Department, Municipality
from caseflow.cases.municipality import directory
from caseflow.cases.triage import queue_choices, saved_views
from caseflow.database import Model, db, unit_of_work
from caseflow.intake import offer
from tests.cases.acting import statements

KEPT: dict[str, Callable[[], object]] = {
    "municipality": directory.known,
    "names": lambda: queue_choices._all("sv"),
    "saved views": saved_views._all,
    "offer": offer._read_offer,
}


@pytest.mark.parametrize("what", KEPT)
def test_all_that_is_kept_comes_from_tables_that_change_the_stamp(what: str) -> None:
    told = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'configuration_changes'"
    watched = set(db.session.scalars(sa.text(told)))
    assert watched == stamp.WATCHED
    with unit_of_work() as session:
        session.execute(sa.update(Department).values(position=Department.position))
    with statements() as seen:
        KEPT[what]()
    read = {name for statement in seen for name in re.findall(r"(?:FROM|JOIN|,) \"?(\w+)\"?", statement)}
    read &= set(Model.metadata.tables)
    assert read - {"configuration_stamp"} and read - {"configuration_stamp"} <= watched
    with statements() as seen:
        KEPT[what]()
    assert all("configuration_stamp" in statement for statement in seen)


def test_a_change_of_another_process_is_seen_at_the_next_request(
    app: Flask, sign_in: Callable[[Staff], FlaskClient], clerk: Staff
) -> None:
    client = sign_in(clerk)
    assert "Byggnadsnämnden" not in client.get("/staff/queue").text
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as elsewhere:
        elsewhere.execute("UPDATE department SET names = names || '{\"sv\": \"Byggnadsnämnden\"}' WHERE code = 'sb'")
    assert "Byggnadsnämnden" in client.get("/staff/queue").text


def test_what_was_never_committed_is_never_kept() -> None:
    before = directory.known().name
    with pytest.raises(RuntimeError), unit_of_work() as session:
        session.execute(sa.update(Municipality).values(name="Ankeborg"))
        assert directory.known().name == "Ankeborg"
        raise RuntimeError
    assert directory.known().name == before


def test_without_a_stamp_nothing_is_kept() -> None:
    with unit_of_work() as session:
        session.execute(sa.delete(stamp.Stamp))
    before = directory.known()
    assert directory.known() is not before and stamp.current() is None
