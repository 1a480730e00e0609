"""Faults that residents may know of: what a caseworker wrote for them, what became of it, and who follows it."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.cases.models import Case, Department
from caseflow.database import Model

# How it stands: known and not begun, being worked on, planned for a day; how it ended; taken away again.
STATES = ("known", "working", "planned", "fixed", "later", "over", "gone")
WAYS = ("email", "sms", "none")


class KnownFault(Model):
    """The public line of one case. Every word of it is a caseworker's; how it stands is read from the case.

    `point` holds coordinates by which it is found nearby, and is not shown. `ended_at` is when it went from the list.
    """

    __tablename__ = "known_fault"
    __table_args__ = (sa.Index("known_fault_open_idx", "id", postgresql_where=sa.text("ended_at IS NULL")),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id", ondelete="CASCADE"), unique=True)
    title: Mapped[str]
    place: Mapped[str]
    point: Mapped[str | None]
    since: Mapped[date]
    ended_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class FaultNews(Model):
    """How it stands from a moment on; `told_at` is when those who follow it were told, or nobody was to be."""

    __tablename__ = "fault_news"
    __table_args__ = (
        sa.CheckConstraint(f"what IN {STATES}", name="what"),
        sa.Index("fault_news_fault_id_idx", "fault_id", "id"),
        sa.Index("fault_news_untold_idx", "id", postgresql_where=sa.text("told_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    fault_id: Mapped[int] = mapped_column(sa.ForeignKey("known_fault.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    what: Mapped[str]
    until: Mapped[date | None]
    told_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class FaultFollower(Model):
    """Somebody who wants to know. `address` is an e-mail address or a number; without either it is the mark of the
    filled-in form, so that sending it twice is following once."""

    __tablename__ = "fault_follower"
    __table_args__ = (
        sa.CheckConstraint(f"way IN {WAYS}", name="way"),
        sa.UniqueConstraint("fault_id", "way", "address"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    fault_id: Mapped[int] = mapped_column(sa.ForeignKey("known_fault.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(unique=True)
    way: Mapped[str]
    address: Mapped[str]
    language: Mapped[str]
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


# Whatever becomes of the case, nobody outside learns of one that secrecy holds.
TELLABLE = sa.and_(Case.made_known, ~Case.protected, ~Department.secret)
