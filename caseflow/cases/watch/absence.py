"""Who is away: leave that somebody wrote down, and who has not been seen while residents waited."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.accounts.models import Staff
from caseflow.cases import words
from caseflow.database import Model, db

SORTS = ("leave", "idle")
FOREVER = date(9999, 12, 31)


class Absence(Model):
    """One time that a person is away, both days included; with no last day, until they are back.

    `returned_at` is when their open cases had all gone back to the department. `ended_at` ends it before its last day:
    the person is back, or never went. `seen_at` is when they had seen what was moved.
    """

    __tablename__ = "absence"
    __table_args__ = (
        sa.CheckConstraint(f"sort IN {SORTS}", name="sort"),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name="days"),
        sa.Index("absence_staff_id_idx", "staff_id", "first_day"),
        # Two clocks that find the same person gone write it down once.
        sa.Index(
            "absence_idle_idx", "staff_id", unique=True, postgresql_where=sa.text("sort = 'idle' AND ended_at IS NULL")
        ),
        sa.Index(
            "absence_to_cover_idx",
            "first_day",
            postgresql_where=sa.text("returned_at IS NULL AND ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"))
    sort: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    registered_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    registered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    returned_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    seen_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class CoveredCase(Model):
    """A case that an absence took from its caseworker; a second taking of the same is the same row."""

    __tablename__ = "covered_case"
    __table_args__ = (sa.Index("covered_case_case_id_idx", "case_id"),)

    absence_id: Mapped[int] = mapped_column(sa.ForeignKey("absence.id", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


def goes_on(day: date) -> sa.ColumnElement[bool]:
    """The condition on `Absence` for who is away on a day."""
    lasts = sa.or_(Absence.last_day.is_(None), Absence.last_day >= day)
    return sa.and_(Absence.first_day <= day, lasts, Absence.ended_at.is_(None))


def of(staff_id: int, day: date) -> Absence | None:
    """The absence of a person on a day, the one that lasts longest."""
    query = sa.select(Absence).where(Absence.staff_id == staff_id, goes_on(day))
    return db.session.scalar(query.order_by(Absence.last_day.desc().nulls_first()).limit(1))


def away(day: date) -> dict[int, date]:
    """Everybody who is away on a day, until when (see `until`)."""
    last = sa.func.max(sa.func.coalesce(Absence.last_day, FOREVER)).label("until")
    rows = db.session.execute(sa.select(Absence.staff_id, last).where(goes_on(day)).group_by(Absence.staff_id))
    return {row.staff_id: row.until for row in rows}


def works(staff_id: int) -> bool:
    """Whether the person has an open account at all."""
    return bool(db.session.scalar(sa.select(Staff.active).where(Staff.id == staff_id)))


def until(staff_id: sa.ColumnElement[int], day: date) -> sa.ColumnElement[date | None]:
    """The last day of a person's absence on a day, as a column: empty for who is there, FOREVER while nobody knows."""
    last: sa.ColumnElement[date | None] = sa.func.max(sa.func.coalesce(Absence.last_day, FOREVER))
    return sa.select(last).where(Absence.staff_id == staff_id, goes_on(day)).scalar_subquery()


def in_words(name: str, last_day: date | None) -> str:
    """ "Anna is away until Monday 7 December", that day included."""
    if last_day is None or last_day == FOREVER:
        return _("%(name)s is away", name=name)
    return _("%(name)s is away until %(day)s", name=name, day=words.long_date(last_day))


def with_note(name: str, last_day: date | None) -> str:
    """The name as a list shows it; with None for the last day of somebody who is there."""
    if last_day is None:
        return name
    if last_day == FOREVER:
        return _("%(name)s (away)", name=name)
    return _("%(name)s (away until %(day)s)", name=name, day=words.written(last_day, "d MMM"))
