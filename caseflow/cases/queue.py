"""The staff queue: one keyset-paged query over columns, and one that counts the views."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.cases.models import OPEN, Case
from caseflow.cases.scope import within
from caseflow.database import db

PAGE = 50
VIEWS = ("mine", "unassigned", "overdue", "waiting", "all")
COLUMNS = (
    Case.id,
    Case.number,
    Case.subject,
    sa.func.substr(Case.description, 1, 240).label("opening"),
    Case.kind_code,
    Case.department_code,
    Case.status,
    Case.assignee_id,
    Staff.name.label("assignee"),
    Case.due_on,
    Case.reply_by,
    Case.received_at,
)


@dataclass(frozen=True)
class Filter:
    """What a queue page shows. `status` empty means all open ones."""

    view: str = "all"
    department: str | None = None
    status: str | None = None


@dataclass(frozen=True)
class Page:
    """Up to PAGE rows in order of due date, and the key of the next page, if there is one."""

    rows: Sequence[sa.Row[Any]]
    next_key: str | None


def page(staff: Staff, chosen: Filter, today: date, after: str | None = None) -> Page:
    """One page of the queue, overdue first."""
    query = (
        sa.select(*COLUMNS)
        .outerjoin(Staff, Staff.id == Case.assignee_id)
        .where(within(staff), *conditions(staff, chosen, today))
        .order_by(Case.due_on, Case.id)
        .limit(PAGE + 1)
    )
    key = _key(after)
    if key:
        query = query.where(sa.tuple_(Case.due_on, Case.id) > sa.tuple_(sa.literal(key[0]), sa.literal(key[1])))
    rows = db.session.execute(query).all()
    more = len(rows) > PAGE
    return Page(rows[:PAGE], _packed(rows[PAGE - 1]) if more else None)


def counts(staff: Staff, today: date) -> dict[str, int]:
    """How many open cases each view holds."""
    columns = [sa.func.count().filter(*conditions(staff, Filter(view=view), today)).label(view) for view in VIEWS]
    row = db.session.execute(sa.select(*columns).where(within(staff), Case.status.in_(OPEN))).one()
    return dict(row._mapping)


def conditions(staff: Staff, chosen: Filter, today: date) -> list[sa.ColumnElement[bool]]:
    """The filter as SQL, to be used only together with `within(staff)`."""
    found: list[sa.ColumnElement[bool]] = [Case.status == chosen.status if chosen.status else Case.status.in_(OPEN)]
    if chosen.department:
        found.append(Case.department_code == chosen.department)
    match chosen.view:
        case "mine":
            found.append(Case.assignee_id == staff.id)
        case "unassigned":
            found.append(Case.assignee_id.is_(None))
        case "overdue":
            found.append(Case.due_on < today)
        case "waiting":
            found.append(Case.status == "waiting")
    return found


def _packed(row: sa.Row[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps([row.due_on.isoformat(), row.id]).encode()).decode()


def _key(packed: str | None) -> tuple[date, int] | None:
    """The key of a page; a mangled one gives the first page rather than an error."""
    if not packed:
        return None
    try:
        day, number = json.loads(base64.urlsafe_b64decode(packed.encode()))
        return date.fromisoformat(day), int(number)
    except (ValueError, TypeError, UnicodeError):
        return None
