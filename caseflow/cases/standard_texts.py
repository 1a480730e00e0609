"""Standard texts: what people answer again and again, found for a case and put into its language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import May, departments_of, may
from caseflow.audit import Actor, record
from caseflow.cases.models import Case, in_language
from caseflow.database import Model, db

MOST = 30
WORD = re.compile(r"[^\W_]{3,}")


class StandardText(Model):
    """One text in one or more languages, for everybody, a department, or its owner alone.

    `words` are the beginnings of words in a case that call for it. `code` is its name in the municipality's file.
    """

    __tablename__ = "standard_text"
    __table_args__ = (
        sa.CheckConstraint("owner_id IS NULL OR code IS NULL", name="owner"),
        sa.Index("standard_text_department_code_idx", "department_code"),
        sa.Index("standard_text_owner_id_idx", "owner_id"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    code: Mapped[str | None] = mapped_column(unique=True)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"))
    department_code: Mapped[str | None] = mapped_column(sa.ForeignKey("department.code", onupdate="CASCADE"))
    kind_code: Mapped[str | None] = mapped_column(sa.ForeignKey("kind.code", onupdate="CASCADE"))
    category_code: Mapped[str | None] = mapped_column(sa.ForeignKey("category.code", onupdate="CASCADE"))
    titles: Mapped[dict[str, str]]
    texts: Mapped[dict[str, str]]
    words: Mapped[list[str]] = mapped_column(server_default="{}", default=list)
    uses: Mapped[int] = mapped_column(server_default="0", default=0)
    used_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))

    def title(self, language: str) -> str:
        return in_language(self.titles, language)

    def text(self, language: str) -> str:
        return in_language(self.texts, language)


@dataclass(frozen=True)
class Suggestion:
    """A text with how well it fits the case; `why` is what made it fit: a category, a kind, a word, or nothing."""

    text: StandardText
    score: int
    why: str


def readable(staff: Staff) -> sa.ColumnElement[bool]:
    """The condition on StandardText: one's own, those for all, and those of the departments whose cases one sees."""
    theirs = sa.and_(StandardText.owner_id.is_(None), StandardText.department_code.in_(departments_of(staff)))
    if may(staff, May.ADMINISTER):
        theirs = StandardText.owner_id.is_(None)
    for_all = sa.and_(StandardText.owner_id.is_(None), StandardText.department_code.is_(None))
    return sa.or_(StandardText.owner_id == staff.id, theirs, for_all)


def editable(staff: Staff) -> sa.ColumnElement[bool]:
    """One's own; those of departments that one leads; all shared ones for who administers."""
    own = StandardText.owner_id == staff.id
    if may(staff, May.ADMINISTER):
        return sa.or_(own, StandardText.owner_id.is_(None))
    led = sa.and_(StandardText.owner_id.is_(None), StandardText.department_code.in_(departments_of(staff, "lead")))
    return sa.or_(own, led)


def for_case(case: Case, staff: Staff, typed: str) -> list[Suggestion]:
    """The texts that fit the case's department and hold all that was typed, the best first; one statement."""
    here = sa.or_(StandardText.department_code.is_(None), StandardText.department_code == case.department_code)
    found = db.session.scalars(sa.select(StandardText).where(readable(staff), here)).all()
    ranked = [_ranked(one, case) for one in matching(found, typed)]
    ranked.sort(key=lambda one: (-one.score, -one.text.uses, one.text.title(case.language).casefold()))
    return ranked[:MOST]


def matching(texts: Iterable[StandardText], typed: str) -> list[StandardText]:
    """Those that have every word that was typed, in the title, the text or the words that call for it."""
    wanted = typed.casefold().split()
    return [one for one in texts if all(word in _all_words(one) for word in wanted)]


def editable_list(staff: Staff) -> Sequence[StandardText]:
    """All that this person may use anywhere, own first, then by department; one statement."""
    order = (StandardText.owner_id.is_(None), StandardText.department_code.nulls_first(), StandardText.id)
    return db.session.scalars(sa.select(StandardText).where(readable(staff)).order_by(*order)).all()


def find(staff: Staff, text_id: int, *, to_edit: bool = False) -> StandardText | None:
    reach = editable(staff) if to_edit else readable(staff)
    return db.session.scalar(sa.select(StandardText).where(StandardText.id == text_id, reach))


def used(ids: Iterable[str], staff: Staff, now: datetime) -> None:
    """Texts went out or into a note: count them."""
    numbers = {int(one) for one in ids if one.isascii() and one.isdigit() and len(one) < 18}
    if numbers:
        change = sa.update(StandardText).where(StandardText.id.in_(numbers), readable(staff))
        change = change.values(uses=StandardText.uses + 1, used_at=now)
        db.session.execute(change, execution_options={"synchronize_session": False})


def save(text: StandardText, *, by: Actor, now: datetime) -> None:
    verb = "change" if text.id else "add"
    db.session.add(text)
    db.session.flush()
    record("standard_text", text.id, verb, by=by, at=now)


def remove(text: StandardText, *, by: Actor, now: datetime) -> None:
    record("standard_text", text.id, "remove", by=by, at=now)
    db.session.delete(text)


def _ranked(one: StandardText, case: Case) -> Suggestion:
    """A category says most, then a word of the case, then the kind; what is for all fits least."""
    said = f"{case.subject} {case.description}".casefold()
    beginnings = set(WORD.findall(said))
    called = next((w for w in one.words if any(word.startswith(w.casefold()) for word in beginnings)), "")
    category = one.category_code is not None and one.category_code == case.category_code
    kind = one.kind_code is not None and one.kind_code == case.kind_code
    score = 8 * category + 5 * bool(called) + 2 * kind + bool(one.department_code)
    score -= 4 * (bool(one.category_code) and not category and not called)
    score -= 3 * (bool(one.kind_code) and not kind and not category and not called)
    why = "category" if category else called or ("kind" if kind else "")
    return Suggestion(one, score, why)


def _all_words(one: StandardText) -> str:
    return " ".join((*one.titles.values(), *one.texts.values(), *one.words)).casefold()
