"""What was learnt, version by version; one is in use, and those that were no better are kept as a record only."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column

from caseflow.cases.suggestions.measuring import Measure
from caseflow.cases.suggestions.scorer import Scorer
from caseflow.database import Model, db

STATES = ("in_use", "before", "refused")
# With their weights; older ones lose them and keep their figures.
GENERATIONS = 5


class Learnt(Model):
    """One round of learning. `measured` holds what `Measure.as_dict` gives for `department`, `category` and `rules`
    (the routing rules on the same held-back cases); `examples` is how many cases it was learnt from."""

    __tablename__ = "learnt"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {STATES}", name="state"),
        sa.CheckConstraint("state <> 'in_use' OR department IS NOT NULL", name="weights"),
        sa.Index("learnt_in_use_idx", "state", unique=True, postgresql_where=sa.text("state = 'in_use'")),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    state: Mapped[str]
    examples: Mapped[int]
    measured: Mapped[dict[str, object]]
    department: Mapped[bytes | None] = deferred(mapped_column(sa.LargeBinary))
    category: Mapped[bytes | None] = deferred(mapped_column(sa.LargeBinary))

    def measure(self, what: str) -> Measure | None:
        kept = self.measured.get(what)
        return Measure.from_dict(kept) if isinstance(kept, dict) else None


def in_use() -> Learnt | None:
    return db.session.scalar(sa.select(Learnt).where(Learnt.state == "in_use"))


def rounds(limit: int = 10) -> list[Learnt]:
    """The last rounds, the newest first."""
    return list(db.session.scalars(sa.select(Learnt).order_by(Learnt.id.desc()).limit(limit)))


def keep(
    department: Scorer,
    category: Scorer | None,
    *,
    measured: dict[str, object],
    examples: int,
    better: bool,
    now: datetime,
) -> Learnt:
    """Write the round down and, where it is better, put it to use, in the running unit of work."""
    db.session.execute(sa.text("LOCK TABLE learnt IN SHARE ROW EXCLUSIVE MODE"))  # two who learn at once
    made = Learnt(made_at=now, state="in_use" if better else "refused", examples=examples, measured=measured)
    if better:
        db.session.execute(sa.update(Learnt).where(Learnt.state == "in_use").values(state="before"))
        made.department, made.category = department.packed(), category.packed() if category else None
    db.session.add(made)
    db.session.flush()
    _forget_old_weights()
    return made


def _forget_old_weights() -> None:
    recent = sa.select(Learnt.id).where(Learnt.department.is_not(None)).order_by(Learnt.id.desc()).limit(GENERATIONS)
    old = sa.update(Learnt).where(Learnt.id.not_in(recent), Learnt.state != "in_use")
    db.session.execute(old.values(department=None, category=None), execution_options={"synchronize_session": False})
