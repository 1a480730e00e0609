"""The unit of work: all or nothing, no unit in a unit, and what follows a commit follows only a commit."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.database import after_commit, db, unit_of_work
from caseflow.messages.models import Pulse


def _pulses() -> list[str]:
    """What another connection sees."""
    with db.engine.connect() as connection:
        return list(connection.scalars(sa.select(Pulse.name).order_by(Pulse.name)))


def _add(name: str) -> None:
    db.session.add(Pulse(name=name, at=clock.now()))


def test_a_unit_that_ends_well_is_kept() -> None:
    with unit_of_work():
        _add("one")
        _add("two")
        db.session.flush()
        assert _pulses() == []
    assert _pulses() == ["one", "two"]


def test_a_unit_that_raises_leaves_nothing_and_the_next_one_works() -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work():
        _add("one")
        db.session.flush()
        _ = 1 / 0
    assert _pulses() == []
    with unit_of_work():
        _add("two")
    assert _pulses() == ["two"]


def test_a_unit_that_breaks_a_rule_of_the_database_leaves_nothing() -> None:
    with pytest.raises(sa.exc.IntegrityError), unit_of_work():
        _add("one")
        db.session.execute(sa.insert(Pulse).values(name="two", at=None))
    with unit_of_work():
        pass
    assert _pulses() == []


def test_units_do_not_nest() -> None:
    with pytest.raises(RuntimeError, match="does not nest"), unit_of_work():
        _add("one")
        with unit_of_work():
            _add("two")
    assert _pulses() == []
    with unit_of_work():
        _add("three")
    assert _pulses() == ["three"]


def test_threads_have_units_of_their_own(app: Flask) -> None:
    def work(name: str) -> None:
        with app.app_context(), unit_of_work():
            _add(name)

    with unit_of_work():
        _add("here")
        thread = threading.Thread(target=work, args=("there",))
        thread.start()
        thread.join()
        assert _pulses() == ["there"]
    assert _pulses() == ["here", "there"]


def test_a_hook_runs_once_the_commit_is_seen_by_others() -> None:
    seen: list[list[str]] = []
    with unit_of_work():
        _add("one")
        after_commit(lambda: seen.append(_pulses()))
        db.session.flush()
        assert seen == []
    assert seen == [["one"]]
    with unit_of_work():
        _add("two")
    assert len(seen) == 1


def test_hooks_run_in_their_order_and_may_begin_a_unit() -> None:
    def next_unit() -> None:
        with unit_of_work():
            _add("second")

    with unit_of_work():
        _add("first")
        after_commit(next_unit)
        after_commit(lambda: order.append(_pulses()))
    assert order == [["first", "second"]]


order: list[list[str]] = []


def test_a_hook_does_not_run_after_a_roll_back_and_is_forgotten() -> None:
    ran: list[int] = []
    with pytest.raises(ZeroDivisionError), unit_of_work():
        after_commit(lambda: ran.append(1))
        _ = 1 / 0
    with unit_of_work():
        _add("one")
    assert ran == []


def test_a_hook_does_not_run_when_the_commit_itself_fails() -> None:
    ran: list[int] = []
    with pytest.raises(sa.exc.IntegrityError), unit_of_work():
        after_commit(lambda: ran.append(1))
        db.session.add_all([Pulse(name="one", at=clock.now()), Pulse(name="two", at=None)])
    assert ran == []


def test_a_hook_needs_a_running_unit() -> None:
    with pytest.raises(RuntimeError, match="unit_of_work"):
        after_commit(lambda: None)


def test_a_lost_connection_costs_one_unit_at_most() -> None:
    with db.engine.connect() as other:
        with unit_of_work() as session:
            mine = session.scalar(sa.text("SELECT pg_backend_pid()"))
        others = "pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ended = other.execute(sa.text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
        assert ended.rowcount > 0
    with unit_of_work() as session:
        _add("one")
        assert session.scalar(sa.text("SELECT pg_backend_pid()")) != mine
    assert _pulses() == ["one"]


def test_a_connection_that_is_lost_within_a_unit_is_an_error_and_leaves_nothing() -> None:
    with pytest.raises(sa.exc.OperationalError), unit_of_work() as session:
        _add("one")
        session.flush()
        session.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
    with unit_of_work():
        _add("two")
    assert _pulses() == ["two"]


def test_an_error_does_not_say_what_a_resident_wrote(resident_case: Callable[..., Case]) -> None:
    case = resident_case(description="Min hemlighet.", name="Rut Hemlig")
    with pytest.raises(sa.exc.IntegrityError) as caught, unit_of_work() as session:
        session.execute(sa.update(Case).values(status="bogus", best_time=case.name))
    said = "".join(traceback.format_exception(caught.value))
    assert "case_status_check" in said
    assert "emlig" not in said
    assert "rut@example.org" not in said


def test_a_page_that_only_reads_leaves_its_statements_prepared_and_one_that_writes_without_a_unit_leaves_nothing(
    app: Flask, clerk: Staff
) -> None:
    name = clerk.name
    db.session.rollback()
    reads, writes = sa.select(Staff.id).where(Staff.id == 0), sa.update(Staff).values(name="Somebody else")
    for statement in (*[reads] * 8, writes):
        with app.test_request_context():
            db.session.execute(statement)
    prepared = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT staff.id%'"
    assert db.session.scalar(sa.text(prepared)) == 1
    with db.engine.connect() as elsewhere:
        assert elsewhere.scalar(sa.select(Staff.name)) == name
