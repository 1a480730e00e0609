"""Who changed what in the configuration, and what stood there before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases.municipality.places import SUBJECT, SUBJECT_ID
from caseflow.database import db

PAGE = 25


@dataclass(frozen=True)
class Change:
    """One event; `who` is None when the command line did it."""

    id: int
    at: datetime
    verb: str
    who: str | None
    place: str
    before: Any
    after: Any


def changes(place: str | None = None, before: int | None = None, most: int = PAGE) -> Sequence[Change]:
    """The latest changes first, of one place or of all; `before` is the id of the last one that was shown."""
    query = _all().order_by(Event.id.desc()).limit(most)
    if place:
        query = query.where(Event.data["place"].as_string() == place)
    if before is not None:
        query = query.where(Event.id < before)
    return [_change(row) for row in db.session.execute(query)]


def change(event_id: int) -> Change | None:
    row = db.session.execute(_all().where(Event.id == event_id)).first()
    return _change(row) if row else None


def _all() -> sa.Select[Any]:
    who = sa.select(Staff.name).where(Staff.id == Event.staff_id).scalar_subquery().label("who")
    columns = (Event.id, Event.at, Event.verb, who, Event.data)
    return sa.select(*columns).where(Event.subject == SUBJECT, Event.subject_id == SUBJECT_ID)


def _change(row: sa.Row[Any]) -> Change:
    return Change(row.id, row.at, row.verb, row.who, row.data["place"], row.data["before"], row.data["after"])
