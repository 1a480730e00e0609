"""The staff queue: one keyset-paged query over columns, and one that counts the views."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.cases import worklist
from caseflow.cases.models import OPEN, STATUSES, Case
from caseflow.cases.scope import within
from caseflow.database import db
from caseflow.messages.limits import IN_HOUSE, IN_TROUBLE
from caseflow.messages.models import Message

PAGE = 50
EARLIER = 5
LAST_ID = 2**63 - 1
# The serial number never starts again, so it is enough without its year; the years are tried for the index's sake.
NUMBER = re.compile(r"[\s\[#]*(?:([0-9]{4})-)?([0-9]{1,11})[\s\]]*")
YEARS_BACK = 20
CODE = re.compile(r"[\w.-]{1,40}")
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
    Case.answered_at,
    Case.closed_at,
    sa.exists().where(Message.case_id == Case.id, IN_TROUBLE).label("undelivered"),
)


@dataclass(frozen=True)
class Filter:
    """What a queue page shows. `status` empty means all open ones."""

    view: str = "all"
    department: str | None = None
    status: str | None = None

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filter:
        """The filter that an address or a session asks for; what it does not know is left out."""
        view, status, department = (asked.get(name, "") for name in ("view", "status", "department"))
        return cls(
            view=view if view in VIEWS else "all",
            department=department if CODE.fullmatch(department) else None,
            status=status if status in STATUSES else None,
        )

    def asked(self) -> dict[str, Any]:
        """The filter as it stands in an address, without what is the default."""
        return {name: value for name, value in asdict(self).items() if value and (name, value) != ("view", "all")}


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


def next_due(staff: Staff, today: date) -> date | None:
    """When the next open case is due: what a list without overdue ones says instead of nothing."""
    upcoming = sa.select(sa.func.min(Case.due_on)).where(within(staff), Case.status.in_(OPEN), Case.due_on >= today)
    return db.session.scalar(upcoming)


def most_urgent(staff: Staff, chosen: Filter, today: date, besides: int) -> str | None:
    """The number of the case to take next in the same view, or in all of them when that one is done."""
    for sort in (chosen, Filter()):
        query = sa.select(Case.number).where(within(staff), *conditions(staff, sort, today), Case.id != besides)
        number = db.session.scalar(query.order_by(Case.due_on, Case.id).limit(1))
        if number:
            return number
    return None


def worklists(staff: Staff, now: datetime) -> dict[str, int]:
    """How many calls wait to be made, letters to be printed, and deliveries to be looked at; as their pages list them.

    One statement for all three, because every page asks.
    """
    calls = sa.func.count().filter(Message.channel == "phone", Message.next_attempt_at <= now)
    letters = sa.func.count().filter(Message.channel == "letter", Message.batch_id.is_(None))
    columns = (calls.label("calls"), letters.label("letters"), worklist.count(staff, now).label("deliveries"))
    query = sa.select(*columns).select_from(Message).join(Case, Case.id == Message.case_id)
    return dict(db.session.execute(query.where(within(staff), IN_HOUSE)).one()._mapping)


def earlier(staff: Staff, case: Case) -> Sequence[sa.Row[Any]]:
    """The resident's other cases that this person may see, newest first; the same e-mail address or phone number."""
    same = [column == value for column, value in ((Case.email, case.email), (Case.phone, case.phone)) if value]
    if not same:
        return ()
    columns = (Case.number, Case.subject, Case.status, Case.received_at)
    query = sa.select(*columns).where(within(staff), sa.or_(*same), Case.id != case.id)
    return db.session.execute(query.order_by(Case.id.desc()).limit(EARLIER)).all()


def number_of(staff: Staff, typed: str, today: date) -> str | None:
    """The whole number of the case that somebody means by 2026-10023, 10023, #10023 or [2026-10023]."""
    meant = NUMBER.fullmatch(typed)
    if meant is None:
        return None
    year, serial = meant.groups()
    years = [year] if year else range(today.year, today.year - YEARS_BACK, -1)
    wanted = Case.number.in_([f"{year}-{serial}" for year in years])
    return db.session.scalar(sa.select(Case.number).where(within(staff), wanted).order_by(Case.id.desc()).limit(1))


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
        return date.fromisoformat(day), min(int(number), LAST_ID)
    except (ValueError, TypeError, UnicodeError):
        return None
