"""What has happened to an account: who did it, when, and what stood there before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.database import db
from caseflow.people.wording import SAID

SHOWN = 50
CHANGES = ("account_opened", "account_changed", "account_closed", "account_reopened")


@dataclass(frozen=True)
class Line:
    """One event; `who` is None for what the system or a command did. `changed` has field, before and after."""

    id: int
    at: datetime
    verb: str
    who: str | None
    changed: Sequence[tuple[str, Any, Any]]
    cases: int


def of(staff: Staff, before: int | None = None) -> list[Line]:
    """The latest first, SHOWN at most; `before` is the id of the last one that was shown."""
    who = sa.select(Staff.name).where(Staff.id == Event.staff_id).scalar_subquery().label("who")
    query = sa.select(Event.id, Event.at, Event.verb, Event.data, who).where(_about(staff), Event.verb.in_(SAID))
    if before is not None:
        query = query.where(Event.id < before)
    return [_line(row) for row in db.session.execute(query.order_by(Event.id.desc()).limit(SHOWN))]


def latest_change(staff: Staff) -> int:
    """The id of the last change: a page that shows an older one is out of date."""
    query = sa.select(sa.func.max(Event.id)).where(_about(staff), Event.verb.in_(CHANGES))
    return db.session.scalar(query) or 0


def _about(staff: Staff) -> sa.ColumnElement[bool]:
    return sa.and_(Event.subject == "staff", Event.subject_id == staff.id)


def _line(row: sa.Row[Any]) -> Line:
    before: Mapping[str, Any] = row.data.get("before", {}) if row.verb == "account_changed" else {}
    after: Mapping[str, Any] = row.data.get("after", {}) if row.verb == "account_changed" else {}
    changed = [(name, before.get(name), after.get(name)) for name in after]
    return Line(row.id, row.at, row.verb, row.who, changed, row.data.get("cases", 0))
