"""The event table, written once and never changed (a trigger in the database refuses it)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.accounts.actors import Actor
from caseflow.database import Model, db


class Event(Model):
    """One fact about one subject. `version` is the subject's version after the act, where it has one."""

    __tablename__ = "event"
    __table_args__ = (
        sa.CheckConstraint("actor IN ('resident', 'staff', 'system')", name="actor"),
        sa.CheckConstraint("(actor = 'staff') = (staff_id IS NOT NULL)", name="staff"),
        sa.Index("event_subject_idx", "subject", "subject_id", "id"),
        sa.Index("event_verb_at_idx", "subject", "verb", "at", postgresql_include=("subject_id",)),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    subject: Mapped[str]
    subject_id: Mapped[int] = mapped_column(sa.BigInteger)
    verb: Mapped[str]
    actor: Mapped[str]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    version: Mapped[int | None]
    reason: Mapped[str | None]
    data: Mapped[dict[str, object]] = mapped_column(server_default="{}", default=dict)


def record(
    subject: str,
    subject_id: int,
    verb: str,
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
    reason: str | None = None,
    **data: object,
) -> Event:
    """Add one event to the running unit of work; `data` is small, JSON-able and free of personal data."""
    event = Event(
        at=at,
        subject=subject,
        subject_id=subject_id,
        verb=verb,
        actor=by.role,
        staff_id=by.staff_id,
        version=version,
        reason=reason,
        data=data,
    )
    db.session.add(event)
    return event
