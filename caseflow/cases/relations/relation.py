"""How cases belong together: merged, split off, part of a greater one, or just related."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.database import Model

SORTS = ("duplicate", "split", "child", "related")


class Relation(Model):
    """One case and another, read from `case_id` to `other_id`.

    `duplicate`: merged into the other, which is then the main case. `split`: made of a part of the other. `child`: part
    of the other, as a fallen tree is of a storm. `related`: neither comes first. `due_before` is when the main case was
    due until a merged one brought an earlier promise along; it is kept with each, so that any can be let go.
    """

    __tablename__ = "case_relation"
    __table_args__ = (
        sa.CheckConstraint(f"sort IN {SORTS}", name="sort"),
        sa.CheckConstraint("case_id <> other_id", name="self"),
        sa.Index(
            "case_relation_pair_idx",
            "sort",
            sa.text("least(case_id, other_id)"),
            sa.text("greatest(case_id, other_id)"),
            unique=True,
        ),
        sa.Index("case_relation_main_idx", "case_id", unique=True, postgresql_where=sa.text("sort = 'duplicate'")),
        sa.Index("case_relation_parent_idx", "case_id", unique=True, postgresql_where=sa.text("sort = 'child'")),
        sa.Index("case_relation_case_idx", "case_id"),
        sa.Index("case_relation_other_idx", "other_id", "sort"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    sort: Mapped[str]
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    due_before: Mapped[date | None]
