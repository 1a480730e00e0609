"""Which case comes next: the most urgent one, taken so that nobody else gets it, and the one after this in a list."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.audit import Actor
from caseflow.cases import lifecycle
from caseflow.cases.models import Case
from caseflow.cases.scope import handled_by
from caseflow.cases.triage import queue
from caseflow.cases.triage.lookup import RANK, Lookup
from caseflow.cases.triage.queue_filter import Filter
from caseflow.database import db


def take_most_urgent(staff: Staff, *, besides: str | None, by: Actor, now: datetime) -> str | None:
    """The number of this person's or nobody's most urgent case to work on, now this person's; high priority first.

    A case that a colleague is just taking is stepped over.
    """
    free = sa.or_(Case.assignee_id == staff.id, Case.assignee_id.is_(None))
    todo = (
        handled_by(staff),
        free,
        Case.status.in_(("new", "in_progress")),
        Case.number != (besides or "").replace("\x00", ""),
    )
    urgent = sa.select(Case).where(*todo).order_by(RANK, Case.id).limit(1)
    case = db.session.scalar(urgent.with_for_update(skip_locked=True).execution_options(populate_existing=True))
    if case is None:
        return None
    if case.assignee_id is None:
        lifecycle.assign(case, to=staff, by=by, now=now)
    return case.number


def after(staff: Staff, case: Case, chosen: Filter, today: date) -> str | None:
    """The number of the next case of the list in its order, or None behind the last one."""
    name, down = chosen.order
    place = queue.KEYS[name]
    own = sa.select(place).where(Case.id == case.id)
    if name == "waiting":
        own = sa.select(place).where(Lookup.case_id == case.id)
    value = db.session.scalar(own)
    if value is None:
        return None
    here, there = sa.tuple_(place, Case.id), sa.tuple_(sa.literal(value, place.type), sa.literal(case.id))
    listed = queue.query(staff, chosen, today).where(here < there if down else here > there)
    return db.session.scalar(listed.with_only_columns(Case.number).limit(1))
