"""How it went, as residents say after the end: two questions of the Swedish "Servicemätning", and no personal data.

An answer does not say whose it is. It bears a seal (the HMAC of the case's code), which makes one answer of two and
leads nobody who has only the database to the case.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.cases.models import REPLY_BY, Case
from caseflow.database import Model, db

# The second question depends on how the answer came: a call is judged by how one was met, a text by how clear it is.
SECOND = {"phone": "treatment"}
MARKS = (1, 2, 3, 4, 5)


class SurveyAnswer(Model):
    """One resident's two marks from 1 (very bad) to 5 (very good); `on_day` is local and has no time."""

    __tablename__ = "survey_answer"
    __table_args__ = (
        sa.CheckConstraint("ease BETWEEN 1 AND 5", name="ease"),
        sa.CheckConstraint("clarity BETWEEN 1 AND 5", name="clarity"),
        sa.CheckConstraint("treatment BETWEEN 1 AND 5", name="treatment"),
        sa.CheckConstraint("num_nonnulls(clarity, treatment) = 1", name="second"),
        sa.CheckConstraint(f"channel IN {REPLY_BY}", name="channel"),
        sa.Index("survey_answer_department_idx", "department_code", "on_day"),
    )

    seal: Mapped[str] = mapped_column(primary_key=True)
    department_code: Mapped[str] = mapped_column(sa.ForeignKey("department.code", onupdate="CASCADE"))
    kind_code: Mapped[str] = mapped_column(sa.ForeignKey("kind.code", onupdate="CASCADE"))
    channel: Mapped[str]
    on_day: Mapped[date]
    ease: Mapped[int]
    clarity: Mapped[int | None]
    treatment: Mapped[int | None]


def second_of(case: Case) -> str:
    """What the second question is about: `clarity` or `treatment`."""
    return SECOND.get(case.reply_by, "clarity")


def answer(case: Case, *, ease: int, second: int, secret: str, today: date) -> None:
    """Keep the two marks; who answers again has changed their mind."""
    marks: dict[str, int | None] = {"ease": ease, "clarity": None, "treatment": None, second_of(case): second}
    facts = {"department_code": case.department_code, "kind_code": case.kind_code, "channel": case.reply_by}
    new = insert(SurveyAnswer).values(seal=seal(case, secret), on_day=today, **facts, **marks)
    changed = {**facts, **marks, "on_day": today}
    db.session.execute(new.on_conflict_do_update(index_elements=["seal"], set_=changed))


def has_answered(case: Case, secret: str) -> bool:
    """Whether this case's resident has said how it went."""
    mine = sa.select(SurveyAnswer.seal).where(SurveyAnswer.seal == seal(case, secret))
    return db.session.scalar(mine) is not None


def seal(case: Case, secret: str) -> str:
    """Which case an answer is about, for who has its code and the secret key."""
    return hmac.new(secret.encode(), b"survey 1\0" + case.code.encode(), hashlib.sha256).hexdigest()
