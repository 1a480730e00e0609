"""Errands that may be a robot's: kept whole until a person has looked at them, and never dropped.

What is no errand is forgotten after KEPT; until then it can be let in all the same (letting_in.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import departments_of, protected_of
from caseflow.audit import record
from caseflow.database import LAST_ID, Model, db

OUTCOMES = ("held", "filed", "ignored")
KEPT = timedelta(days=30)
SHOWN = 50


class HeldFiling(Model):
    """One filled-in form. `errand` holds the fields of `lifecycle.Errand`, `files` those of each
    `attachments.Upload`; `why` the names of what made it suspect."""

    __tablename__ = "held_filing"
    __table_args__ = (
        sa.CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
        sa.CheckConstraint("(outcome = 'filed') = (case_id IS NOT NULL)", name="filed"),
        sa.Index("held_filing_waiting_idx", "department_code", "id", postgresql_where=sa.text("outcome = 'held'")),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    code: Mapped[str] = mapped_column(unique=True)
    submission: Mapped[str] = mapped_column(unique=True)
    department_code: Mapped[str] = mapped_column(sa.ForeignKey("department.code", onupdate="CASCADE"))
    errand: Mapped[dict[str, object]]
    files: Mapped[list[dict[str, object]]] = mapped_column(JSONB, server_default="[]", default=list)
    why: Mapped[list[str]]
    outcome: Mapped[str] = mapped_column(server_default="held", default="held")
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"))


def within(staff: Staff, level: str = "handle") -> sa.ColumnElement[bool]:
    """The condition on HeldFiling that this person may decide on it: it would have come to a department of theirs."""
    here = HeldFiling.department_code.in_(departments_of(staff, level))
    protected = HeldFiling.errand["protected"].astext == "true"
    named = HeldFiling.department_code.in_(protected_of(staff, level))
    return sa.and_(here, sa.or_(protected.is_not(True), named))


def waiting(staff: Staff) -> Sequence[HeldFiling]:
    """What nobody has looked at, the oldest first."""
    query = sa.select(HeldFiling).where(within(staff), HeldFiling.outcome == "held")
    return db.session.scalars(query.order_by(HeldFiling.id).limit(SHOWN)).all()


def count(staff: Staff) -> sa.ScalarSelect[int]:
    """How many wait, to be counted together with other things."""
    query = sa.select(sa.func.count()).select_from(HeldFiling).where(within(staff), HeldFiling.outcome == "held")
    return query.scalar_subquery()


def find(staff: Staff, filing_id: int) -> HeldFiling | None:
    """One that this person may decide on, locked."""
    if filing_id > LAST_ID:
        return None
    query = sa.select(HeldFiling).where(HeldFiling.id == filing_id, within(staff)).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def put_aside(filing: HeldFiling, *, by: Staff, now: datetime) -> bool:
    """It is no errand; False when somebody has decided already."""
    if filing.outcome != "held":
        return False
    filing.outcome, filing.decided_by, filing.decided_at = "ignored", by.id, now
    record("held_filing", filing.id, "put_aside", by=by.as_actor(), at=now)
    return True


def forget(now: datetime) -> None:
    """What was no errand is erased, and what became a case stands there."""
    old = sa.delete(HeldFiling).where(HeldFiling.outcome != "held", HeldFiling.decided_at < now - KEPT)
    db.session.execute(old, execution_options={"synchronize_session": False})
