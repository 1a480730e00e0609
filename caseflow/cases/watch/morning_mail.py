"""Mails that staff get by themselves, at most one of each sort a day: the day's work, and what is escalated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.accounts.models import Staff
from caseflow.database import Model, db

SORTS = ("digest", "escalation")
HOURS = range(5, 21)


class DigestWish(Model):
    """Who wants the day's work by mail, and at which hour of working days, local time. No row: nothing is sent."""

    __tablename__ = "digest_wish"
    __table_args__ = (sa.CheckConstraint(f"hour BETWEEN {HOURS[0]} AND {HOURS[-1]}", name="hour"),)

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    hour: Mapped[int]


class MorningMail(Model):
    """That a person's mail of this sort and day has been seen to, whether or not there was anything to tell."""

    __tablename__ = "morning_mail"
    __table_args__ = (sa.CheckConstraint(f"sort IN {SORTS}", name="sort"),)

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    sort: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


@dataclass(frozen=True)
class Later:
    """Words that are chosen when somebody says them: a mail's, in the language of who gets it."""

    say: Callable[[], str]

    def __str__(self) -> str:
        return self.say()


def first_today(staff_id: int, sort: str, day: date, now: datetime) -> bool:
    """Take the day's turn in the running unit of work; False when another clock or an earlier run has it."""
    turn = insert(MorningMail).values(staff_id=staff_id, sort=sort, day=day, at=now)
    return db.session.scalar(turn.on_conflict_do_nothing().returning(MorningMail.day)) is not None


def reachable() -> sa.ColumnElement[bool]:
    """Who gets such mail at all: open accounts, and those of the demonstration only where there is one."""
    return sa.and_(Staff.active, sa.true() if current_app.config["DEMO"] else sa.not_(Staff.demo))


def queue_address(view: str) -> str:
    """A whole address: a worker knows no request."""
    return f"{current_app.config['BASE_URL']}/staff/queue?view={view}"
