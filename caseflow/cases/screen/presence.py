"""Who else is at a case just now, and whether it has changed: what an open page asks every few seconds.

A mark and never a lock. The rows live in an unlogged table: they may be lost at any time, and then nobody is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.cases.scope import within
from caseflow.database import Model, db

GONE_AFTER = timedelta(seconds=40)  # two pulses that did not come
FORGOTTEN_AFTER = timedelta(minutes=10)
AT_ONCE = 20  # rows of who left, swept in one pulse


class Presence(Model):
    """A person has a case open. Without foreign keys: checking them would write to the case with every pulse."""

    __tablename__ = "presence"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    case_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    staff_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    seen_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    writing: Mapped[bool] = mapped_column(server_default=sa.false())


@dataclass(frozen=True)
class Pulse:
    """The case's present version, and the names of the others who have it open."""

    case_id: int
    version: int
    reading: tuple[str, ...]
    writing: tuple[str, ...]


def pulse(staff: Staff, number: str, *, writing: bool, now: datetime) -> Pulse | None:
    """Say that this person is here and ask who else is, in one statement. None: no such case for this person."""
    if "\x00" in number:
        return None
    there = sa.select(Case.id, Case.version).where(Case.number == number, within(staff)).cte("there")
    others = sa.and_(Presence.case_id == there.c.id, Presence.staff_id != staff.id, Presence.seen_at > now - GONE_AFTER)
    query = (
        sa.select(there.c.id, there.c.version, Staff.name, Presence.writing)
        .select_from(there)
        .outerjoin(Presence, others)
        .outerjoin(Staff, Staff.id == Presence.staff_id)
        .order_by(Staff.name)
        .add_cte(_here(staff, there, writing, now), _swept(staff, now))
    )
    rows = db.session.execute(query).all()
    if not rows:
        return None
    names = {doing: tuple(row.name for row in rows if row.name and row.writing is doing) for doing in (True, False)}
    return Pulse(rows[0].id, rows[0].version, reading=names[False], writing=names[True])


def _here(staff: Staff, there: sa.CTE, writing: bool, now: datetime) -> sa.CTE:
    facts = {"seen_at": now, "writing": writing}
    row = sa.select(there.c.id, sa.literal(staff.id), *(sa.literal(value) for value in facts.values()))
    put = insert(Presence).from_select(["case_id", "staff_id", *facts], row)
    return put.on_conflict_do_update(index_elements=["case_id", "staff_id"], set_=facts).cte("here")


def _swept(staff: Staff, now: datetime) -> sa.CTE:
    """Rows of who left long ago; those that another pulse is at are left to it."""
    key = (Presence.case_id, Presence.staff_id)
    left = sa.select(*key).where(Presence.seen_at < now - FORGOTTEN_AFTER, Presence.staff_id != staff.id)
    left = left.limit(AT_ONCE).with_for_update(skip_locked=True)
    return sa.delete(Presence).where(sa.tuple_(*key).in_(left)).cte("swept")
