"""Figures for everyone: what came in, by month, department and kind, without anything about anybody.

Small numbers are hidden (suppression.py). A month is counted once, when it is over, and stays as it was published, so
that nothing is learnt from what changed between two readings; there are no weeks and no years to subtract it from.
Departments with secrecy and residents with protected personal data are left out. Nothing is published before an
administrator has said so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from caseflow import broker, clock, stamp
from caseflow.audit import Actor, Event, record
from caseflow.cases.models import Case, Department
from caseflow.cases.municipality import directory
from caseflow.database import Model, after_commit, db, unit_of_work
from caseflow.statistics.suppression import Cell, protected
from caseflow.workdays import add_months

TASK = "publish_months"
MONTHS_BACK = 36
SUBJECT, SUBJECT_ID = "open_data", 1


class OpenDataChoice(Model):
    """That the municipality publishes; no row: it does not."""

    __tablename__ = "open_data_choice"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    since: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


class OpenMonth(Model):
    """A month as it was published: [department, kind, number or null]; "" is all of them together."""

    __tablename__ = "open_month"

    month: Mapped[date] = mapped_column(primary_key=True)
    cells: Mapped[list[list[object]]] = mapped_column(JSONB)
    made_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


def is_published() -> bool:
    """For what stands on every page; it never fails, and asks only when the configuration has changed."""
    try:
        return _is_published()
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        return False


@stamp.kept
def _is_published() -> bool:
    return published_since() is not None


def published_since() -> datetime | None:
    return db.session.scalar(sa.select(OpenDataChoice.since))


def open_up(*, by: Actor, now: datetime) -> None:
    """Publish from now on, in the running unit of work; a worker counts the months that are over."""
    row = insert(OpenDataChoice).values(id=1, since=now).on_conflict_do_nothing()
    if db.session.scalar(row.returning(OpenDataChoice.id)):
        record(SUBJECT, SUBJECT_ID, "publish", by=by, at=now)
    after_commit(lambda: broker.ring(TASK))


def close_down(*, by: Actor, now: datetime) -> None:
    """Take the pages away. What was published is kept as it was, for when they come back."""
    gone = sa.delete(OpenDataChoice).returning(OpenDataChoice.id)
    if db.session.scalar(gone):
        record(SUBJECT, SUBJECT_ID, "withdraw", by=by, at=now)


def months() -> Sequence[OpenMonth]:
    """What is published, the oldest first."""
    return db.session.scalars(sa.select(OpenMonth).order_by(OpenMonth.month)).all()


def publish(now: datetime) -> int:
    """Count the months that are over and not published yet, each in a transaction of its own; returns how many."""
    due = _due(now) if published_since() else []
    db.session.rollback()
    for month in due:
        with unit_of_work() as session:
            row = {"month": month, "cells": _cells(month), "made_at": now}
            session.execute(insert(OpenMonth).values(**row).on_conflict_do_nothing())
    return len(due)


def _due(now: datetime) -> list[date]:
    running = clock.today(now, directory.known().zone).replace(day=1)
    first = db.session.scalar(sa.select(sa.func.min(Event.at)).where(Event.subject == "case", Event.verb == "receive"))
    if first is None:
        return []
    began = clock.today(first, directory.known().zone).replace(day=1)
    over = [add_months(running, -back) for back in range(MONTHS_BACK, 0, -1)]
    there = set(db.session.scalars(sa.select(OpenMonth.month)))
    return [month for month in over if month >= began and month not in there]


def _cells(month: date) -> list[list[object]]:
    shown = protected(_counts(month))
    return [[*cell, number] for cell, number in sorted(shown.items())]


def _counts(month: date) -> dict[Cell, int]:
    """What came in, where it first lay."""
    zone = directory.known().zone
    begin, end = clock.midnight(month, zone), clock.midnight(add_months(month, 1), zone)
    department, kind = (Event.data[name].astext for name in ("department", "kind"))
    closed = sa.select(Department.code).where(Department.secret)
    came = sa.select(department, kind, sa.func.count()).where(
        Event.subject == "case", Event.verb == "receive", Event.at >= begin, Event.at < end
    )
    # Of an import that was taken back only the events are left.
    came = came.where(Event.subject_id.in_(sa.select(Case.id).where(~Case.protected)))
    rows = db.session.execute(came.where(department.not_in(closed)).group_by(department, kind)).tuples()
    return {(where, what): number for where, what, number in rows}
