"""The staff queue: one keyset-paged query over columns, and one that counts the views."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.cases import mentions, queue_groups, worklist
from caseflow.cases.lookup import RANK, SERIAL, Lookup
from caseflow.cases.models import OPEN, Case
from caseflow.cases.queue_filter import ESCALATED, VIEWS, conditions
from caseflow.cases.queue_filter import Filter as Filter
from caseflow.cases.scope import handled_by, within
from caseflow.database import db
from caseflow.messages.limits import IN_HOUSE, IN_TROUBLE
from caseflow.messages.models import Message

PAGE = 50
LAST_ID = 2**63 - 1
# The serial number never starts again, so it is enough without its year; the years are tried for the index's sake.
NUMBER = re.compile(r"[\s\[#]*(?:([0-9]{4})-)?([0-9]{1,11})[\s\]]*")
YEARS_BACK = 20
COLUMNS = (
    Case.id,
    Case.number,
    Case.subject,
    sa.func.substr(Case.description, 1, 240).label("opening"),
    Case.kind_code,
    Case.department_code,
    Case.status,
    Case.priority,
    Case.version,
    Case.assignee_id,
    Staff.name.label("assignee"),
    Case.due_on,
    Case.reply_by,
    Case.received_at,
    Case.answered_at,
    Case.closed_at,
    Case.planned_for,
    ESCALATED.label("escalated"),
    sa.exists().where(Message.case_id == Case.id, IN_TROUBLE).label("undelivered"),
)


# What a list is sorted by (see also queue_groups); each has an index that ends in the id.
KEYS: dict[str, sa.ColumnElement[Any]] = {
    "priority": RANK,
    "due": Case.due_on.expression,
    "received": Case.received_at.expression,
    "number": SERIAL,
    "waiting": Lookup.waiting_since.expression,
}
NOBODY_WAITS = sa.literal_column("'infinity'::timestamptz", sa.DateTime(timezone=True))


@dataclass(frozen=True)
class Page:
    """Up to PAGE rows in order of due date, and the key of the next page, if there is one."""

    rows: Sequence[sa.Row[Any]]
    next_key: str | None


def page(staff: Staff, chosen: Filter, today: date, after: str | None = None) -> Page:
    """One page of the queue in the order that the filter asks for."""
    rows = db.session.execute(query(staff, chosen, today, after, PAGE + 1).limit(PAGE + 1)).all()
    following = _packed(chosen, rows[PAGE - 1]) if len(rows) > PAGE else None
    return Page(rows[:PAGE], following)


def query(
    staff: Staff, chosen: Filter, today: date, after: str | None = None, most: int | None = None
) -> sa.Select[Any]:
    """All rows that the filter asks for, from a key onwards; with `most`, no more than that are looked for.

    A row has COLUMNS and `place`, the text of what it is sorted by; when that is `waiting`, also `waiting_since`.
    """
    name, down = chosen.order
    wanted, key = [within(staff), *conditions(staff, chosen, today)], _key(chosen, after)
    if name in queue_groups.GROUPED:
        spot, text, order = queue_groups.spots(staff, chosen, wanted, key, most)
        return _rows(text).join(spot, spot.c.id == Case.id).order_by(*order)
    place = KEYS[name]
    asked = _rows(sa.cast(place, sa.Text)).where(*wanted)
    if name == "waiting":
        since = sa.func.nullif(Lookup.waiting_since, NOBODY_WAITS).label("waiting_since")
        asked = asked.join(Lookup, Lookup.case_id == Case.id).where(Lookup.waiting_since.is_not(None))
        asked = asked.add_columns(since)
    if key:
        here, there = sa.tuple_(place, Case.id), sa.tuple_(sa.cast(key[0], place.type), sa.literal(key[1]))
        asked = asked.where(here < there if down else here > there)
    return asked.order_by(place.desc(), Case.id.desc()) if down else asked.order_by(place, Case.id)


def _rows(place: sa.ColumnElement[str]) -> sa.Select[Any]:
    asked = sa.select(*COLUMNS, place.label("place")).select_from(Case)
    return asked.outerjoin(Staff, Staff.id == Case.assignee_id)


def counts(staff: Staff, today: date, *besides: sa.ColumnElement[int]) -> dict[str, int]:
    """How many open cases each view holds, and what else is to be counted in the same statement."""
    columns = [sa.func.count().filter(*conditions(staff, Filter(view=view), today)).label(view) for view in VIEWS]
    row = db.session.execute(sa.select(*columns, *besides).where(within(staff), Case.status.in_(OPEN))).one()
    return dict(row._mapping)


def next_due(staff: Staff, today: date) -> date | None:
    """When the next open case is due: what a list without overdue ones says instead of nothing."""
    upcoming = sa.select(sa.func.min(Case.due_on)).where(within(staff), Case.status.in_(OPEN), Case.due_on >= today)
    return db.session.scalar(upcoming)


def most_urgent(staff: Staff, chosen: Filter, today: date, besides: int) -> str | None:
    """The number of the case to take next in the same view, or in all of them when that one is done; never one that
    this person may only read."""
    for sort in (chosen.still_to_do(), Filter()):
        asked = sa.select(Case.number).where(handled_by(staff), *conditions(staff, sort, today), Case.id != besides)
        number = db.session.scalar(asked.order_by(RANK, Case.id).limit(1))
        if number:
            return number
    return None


def worklists(staff: Staff, now: datetime) -> dict[str, int]:
    """How many calls wait to be made, letters to be printed, deliveries to be looked at and mentions to be read, as
    their pages list them.

    One statement for all of them, because every page asks.
    """
    calls = sa.func.count().filter(Message.channel == "phone", Message.next_attempt_at <= now)
    letters = sa.func.count().filter(Message.channel == "letter", Message.batch_id.is_(None))
    columns = (
        calls.label("calls"),
        letters.label("letters"),
        worklist.count(staff, now).label("deliveries"),
        mentions.unread(staff).label("mentions"),
    )
    query = sa.select(*columns).select_from(Message).join(Case, Case.id == Message.case_id)
    return dict(db.session.execute(query.where(handled_by(staff), IN_HOUSE)).one()._mapping)


def number_of(staff: Staff, typed: str, today: date) -> str | None:
    """The whole number of the case that somebody means by 2026-10023, 10023, #10023 or [2026-10023]."""
    meant = NUMBER.fullmatch(typed)
    if meant is None:
        return None
    year, serial = meant.groups()
    years = [year] if year else range(today.year, today.year - YEARS_BACK, -1)
    wanted = Case.number.in_([f"{year}-{serial}" for year in years])
    return db.session.scalar(sa.select(Case.number).where(within(staff), wanted).order_by(Case.id.desc()).limit(1))


def _packed(chosen: Filter, row: sa.Row[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps([chosen.order[0], row.place, row.id]).encode()).decode()


def _key(chosen: Filter, packed: str | None) -> tuple[str, int] | None:
    """The key of a page; a mangled one, or one of another order, gives the first page rather than an error."""
    try:
        name, place, number = json.loads(base64.urlsafe_b64decode((packed or "").encode()))
        if name != chosen.order[0] or not isinstance(place, str):
            return None
        checks = {"priority": date.fromisoformat, "due": date.fromisoformat, "number": _serial}
        checks |= dict.fromkeys(queue_groups.GROUPED, queue_groups.check)
        checks.get(name, _moment)(place)
        return place, min(int(number), LAST_ID)
    except (ValueError, TypeError, UnicodeError):
        return None


def _serial(place: str) -> None:
    if not 0 <= int(place) <= LAST_ID:
        raise ValueError(place)


def _moment(place: str) -> None:
    if place != "infinity":
        datetime.fromisoformat(place)
