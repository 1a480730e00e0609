"""What is to be done in a case before it is finished, step by step."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.database import Model

LONGEST, MOST = 200, 40  # characters of a step, and steps of one case


class Step(Model):
    """One item of a case's checklist.

    `category_code` is whose template it came from; None where a colleague wrote it. One that is taken away stays as a
    row, so that the history can still name it: events hold no texts.
    """

    __tablename__ = "step"
    __table_args__ = (
        sa.CheckConstraint(f"btrim(text) <> '' AND length(text) <= {LONGEST}", name="text"),
        sa.CheckConstraint("done_at IS NULL OR removed_at IS NULL", name="removed"),
        sa.Index("step_case_id_idx", "case_id", "id"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id", ondelete="CASCADE"))
    text: Mapped[str]
    category_code: Mapped[str | None] = mapped_column(sa.ForeignKey("category.code", onupdate="CASCADE"))
    done_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    done_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    removed_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


def check(text: str) -> None:
    """Raises ValueError, in words, where a line of a template is too long for a step."""
    if len(text) > LONGEST:
        raise ValueError(_("Write at most %(limit)d characters here.", limit=LONGEST))
