"""Planned cases wake by themselves when their day begins on the municipality's wall."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa

from caseflow import clock
from caseflow.audit import SYSTEM
from caseflow.cases import lifecycle
from caseflow.cases.models import Case, Municipality
from caseflow.database import db, unit_of_work

# Cases that one run wakes, at most; the next run takes the rest.
MOST = 200


def wake(now: datetime) -> int:
    """Take up all cases whose day has come, whenever that was; returns how many. A second run finds none."""
    municipality = db.session.get(Municipality, 1)
    today = clock.today(now, municipality.zone) if municipality else None
    due = db.session.scalars(_due(today)).all() if today else ()
    db.session.rollback()
    return sum(_wake(case_id, today, now) for case_id in due if today)


def _due(today: date) -> sa.Select[tuple[int]]:
    planned = sa.select(Case.id).where(Case.status == "planned", Case.planned_until <= today)
    return planned.order_by(Case.planned_until, Case.id).limit(MOST)


def _wake(case_id: int, today: date, now: datetime) -> bool:
    """One case in a transaction of its own. Whoever acts on it just now decides: it is looked at again next time."""
    with unit_of_work() as session:
        still = sa.select(Case).where(Case.id == case_id, Case.status == "planned", Case.planned_until <= today)
        case = session.scalar(still.with_for_update(skip_locked=True).execution_options(populate_existing=True))
        if case is not None:
            lifecycle.wake(case, by=SYSTEM, now=now)
    return case is not None
