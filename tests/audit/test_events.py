"""Events are written once: the database itself refuses to change them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import RESIDENT, SYSTEM, Actor, Event, record
from caseflow.cases.models import Case
from caseflow.database import db, unit_of_work


@pytest.fixture
def event(resident_case: Callable[..., Case]) -> Event:
    """The event of a case that came in."""
    resident_case()
    return db.session.scalars(sa.select(Event)).one()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET reason = 'another'",
        "UPDATE event SET reason = 'another' WHERE false",
        "DELETE FROM event",
        "TRUNCATE event",
        "TRUNCATE event, attempt CASCADE",
    ],
)
def test_the_database_refuses_to_change_what_happened(event: Event, statement: str) -> None:
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), unit_of_work() as session:
        session.execute(sa.text(statement))
    kept = db.session.scalars(sa.select(Event).execution_options(populate_existing=True)).one()
    assert (kept.verb, kept.reason) == ("receive", None)


def test_an_event_that_is_changed_or_deleted_as_an_object_is_refused_too(event: Event) -> None:
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), unit_of_work():
        event.verb = "close"
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), unit_of_work() as session:
        session.delete(session.get_one(Event, event.id))
    assert db.session.scalars(sa.select(Event.verb)).one() == "receive"


def test_an_event_says_who_did_what_to_which_when_and_why(clerk: Staff) -> None:
    now = clock.now()
    with unit_of_work():
        record("case", 7, "close", by=clerk.as_actor(), at=now, version=3, reason="Lagat.", resolution="fixed")
    found = db.session.scalars(sa.select(Event)).one()
    assert (found.subject, found.subject_id, found.verb, found.at) == ("case", 7, "close", now)
    assert (found.actor, found.staff_id, found.version) == ("staff", clerk.id, 3)
    assert (found.reason, found.data) == ("Lagat.", {"resolution": "fixed"})


@pytest.mark.parametrize("actor", [RESIDENT, SYSTEM])
def test_a_resident_and_the_system_act_without_a_name(actor: Actor) -> None:
    with unit_of_work():
        record("case", 7, "hear", by=actor, at=clock.now())
    found = db.session.scalars(sa.select(Event)).one()
    assert (found.actor, found.staff_id) == (actor.role, None)


@pytest.mark.parametrize("actor", [Actor("staff"), Actor("system", 1), Actor("stranger")])
def test_an_actor_that_cannot_be_is_refused(clerk: Staff, actor: Actor) -> None:
    with pytest.raises(sa.exc.IntegrityError), unit_of_work():
        record("case", 7, "hear", by=actor, at=clock.now())


def test_an_event_goes_with_its_act_when_that_is_rolled_back() -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work():
        record("case", 7, "hear", by=SYSTEM, at=clock.now())
        db.session.flush()
        _ = 1 / 0
    assert db.session.scalar(sa.select(sa.func.count(Event.id))) == 0
