"""Saved views: a filter of the queue with a name, for oneself or for a department."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.database import Model


class SavedView(Model):
    """Either its owner's or a department's. `filter` is what `Filter.asked()` gives."""

    __tablename__ = "saved_view"
    __table_args__ = (
        sa.CheckConstraint("num_nonnulls(owner_id, department_code) = 1", name="home"),
        sa.UniqueConstraint("owner_id", "name"),
        sa.UniqueConstraint("department_code", "name"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"))
    department_code: Mapped[str | None] = mapped_column(
        sa.ForeignKey("department.code", onupdate="CASCADE", ondelete="CASCADE")
    )
    name: Mapped[str]
    position: Mapped[int]
    filter: Mapped[dict[str, str]] = mapped_column(JSONB)
