"""The roll of accounts: who there is, found by name or address, role, department and level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from caseflow import page_key
from caseflow.accounts.links import AccountLink
from caseflow.accounts.models import LEVELS, ROLES, Membership, Staff, StaffSession
from caseflow.accounts.permissions import reaches
from caseflow.cases.watch import absence
from caseflow.database import db

PAGE = 50
STATES = ("open", "closed", "all")
# The Swedish alphabet, and the id where two have one name.
ALPHABET = sa.func.translate(sa.func.lower(Staff.name), "åäö", "{|}").collate("C")


@dataclass(frozen=True)
class Filter:
    """What the roll shows; open accounts unless something else is asked for."""

    text: str = ""
    role: str = ""
    department: str = ""
    level: str = ""
    state: str = "open"

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filter:
        """The filter that an address asks for; what it does not know is left out."""
        listed = {"role": ROLES, "level": LEVELS, "state": STATES}
        known = {name: asked[name] for name, values in listed.items() if asked.get(name) in values}
        text = asked.get("text", "").replace("\x00", "").strip()[:100]
        return cls(text=text, department=asked.get("department", "").replace("\x00", "")[:50], **known)

    def asked(self) -> dict[str, str]:
        """The filter as it stands in an address, without what is the default."""
        return {name: value for name, value in asdict(self).items() if value and (name, value) != ("state", "open")}


@dataclass(frozen=True)
class Page:
    """Up to PAGE accounts by name (see `page`), how many there are in all, and the key of the next page."""

    rows: Sequence[sa.Row[Any]]
    total: int
    next_key: str | None


def page(chosen: Filter, after: str | None = None, *, today: date) -> Page:
    """One page of the roll.

    A row has the account's columns, `levels` by department, `seen_at` (last seen signed in), `invited`: an
    invitation waits, and `away`: the last day of an absence that goes on today.
    """
    seen = sa.select(sa.func.max(StaffSession.seen_at)).where(StaffSession.staff_id == Staff.id).scalar_subquery()
    waits = sa.exists().where(
        AccountLink.staff_id == Staff.id,
        AccountLink.purpose == "invitation",
        AccountLink.ended_at.is_(None),
        AccountLink.expires_at > sa.func.now(),
    )
    columns = (Staff.id, Staff.name, Staff.email, Staff.role, Staff.active, Staff.demo, Staff.levels.label("levels"))
    found = _conditions(chosen)
    more = (seen.label("seen_at"), waits.label("invited"), absence.until(Staff.id.expression, today).label("away"))
    query = sa.select(*columns, *more, ALPHABET.label("place")).where(*found)
    key = _key(after)
    if key:
        query = query.where(sa.tuple_(ALPHABET, Staff.id) > sa.tuple_(sa.literal(key[0]), sa.literal(key[1])))
    rows = db.session.execute(query.order_by(ALPHABET, Staff.id).limit(PAGE + 1)).all()
    total = db.session.scalar(sa.select(sa.func.count()).select_from(Staff).where(*found)) or 0
    return Page(rows[:PAGE], total, _packed(rows[PAGE - 1]) if len(rows) > PAGE else None)


def _conditions(chosen: Filter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [
        sa.or_(Staff.name.icontains(word, autoescape=True), Staff.email.icontains(word, autoescape=True))
        for word in chosen.text.split()
    ]
    if chosen.role:
        found.append(Staff.role == chosen.role)
    if chosen.department or chosen.level:
        there = [Membership.staff_id == Staff.id, reaches(chosen.level or LEVELS[0])]
        found.append(sa.exists().where(*there, *_in(chosen.department)))
    if chosen.state != "all":
        found.append(Staff.active.is_(chosen.state == "open"))
    return found


def _in(department: str) -> list[sa.ColumnElement[bool]]:
    return [Membership.department_code == department] if department else []


def _packed(row: sa.Row[Any]) -> str:
    return page_key.packed(row.place, row.id)


def _key(packed: str | None) -> tuple[str, int] | None:
    """The key of a page; a mangled one gives the first page rather than an error."""
    try:
        place, number = page_key.unpacked(packed)
        return str(place).replace("\x00", ""), page_key.an_id(number)
    except ValueError:
        return None
