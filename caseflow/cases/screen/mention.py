"""Who is called to a case by a colleague, and who follows it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.database import Model


class Mention(Model):
    """One person named in one note."""

    __tablename__ = "mention"
    __table_args__ = (
        sa.UniqueConstraint("entry_id", "staff_id"),
        sa.Index("mention_staff_idx", "staff_id", "id"),
        sa.Index("mention_unread_idx", "staff_id", postgresql_where=sa.text("read_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id", ondelete="CASCADE"))
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    read_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class Following(Model):
    """A person is told what happens in a case; `seen_at` is up to when they have seen it."""

    __tablename__ = "following"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id", ondelete="CASCADE"), primary_key=True, index=True)
    seen_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


class MentionWish(Model):
    """Who wants a mail when somebody mentions them."""

    __tablename__ = "mention_wish"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
