"""Accounts whose person signs in at the outside provider, and only there."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.accounts import factors, journal, links, passwords
from caseflow.accounts.actors import SYSTEM
from caseflow.accounts.models import Staff
from caseflow.database import Model, db


class StaffIdentity(Model):
    """Known by issuer and subject: an address may come to be somebody else's."""

    __tablename__ = "staff_identity"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), unique=True)
    made_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


def signs_in_outside(staff: Staff) -> bool:
    """Whether the account has no password and no second step here."""
    mine = sa.exists().where(StaffIdentity.staff_id == staff.id)
    return bool(db.session.scalar(sa.select(mine)))


def holder(issuer: str, subject: str) -> int | None:
    mine = (StaffIdentity.issuer == issuer, StaffIdentity.subject == subject)
    return db.session.scalar(sa.select(StaffIdentity.staff_id).where(*mine))


def link(staff: Staff, issuer: str, subject: str, now: datetime) -> None:
    """From now on the provider alone lets the person in: who leaves it has no way in that is left over."""
    db.session.add(StaffIdentity(staff_id=staff.id, made_at=now, issuer=issuer, subject=subject))
    staff.password = passwords.unknown()
    links.end_all(staff, now)
    if factors.has_any(staff):
        factors.reset(staff, by=SYSTEM, now=now)
    journal.record("linked_to_directory", staff.id, by=SYSTEM, at=now)
