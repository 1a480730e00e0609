"""Standard texts: what people answer again and again, found for a case and put into its language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.accounts.models import Staff
from caseflow.cases.models import Case, in_language
from caseflow.cases.texts import shelf
from caseflow.cases.texts.shelf import Row, Shelved, in_order
from caseflow.database import db

MOST = 30
NARROWED_BY = {"department": "department_code", "kind": "kind_code", "category": "category_code"}
WORD = re.compile(r"[^\W_]{3,}")


class StandardText(Shelved):
    """One text in one or more languages, for everybody, a department, or its owner alone.

    `words` are the beginnings of words in a case that call for it.
    """

    __tablename__ = "standard_text"
    section = "standard_texts"
    __table_args__ = (
        sa.CheckConstraint("owner_id IS NULL OR code IS NULL", name="owner"),
        sa.Index("standard_text_department_code_idx", "department_code"),
        sa.Index("standard_text_owner_id_idx", "owner_id"),
    )

    kind_code: Mapped[str | None] = mapped_column(sa.ForeignKey("kind.code", onupdate="CASCADE"))
    category_code: Mapped[str | None] = mapped_column(sa.ForeignKey("category.code", onupdate="CASCADE"))
    texts: Mapped[dict[str, str]]
    words: Mapped[list[str]] = mapped_column(server_default="{}", default=list)

    def text(self, language: str) -> str:
        return in_language(self.texts, language)

    def written(self) -> Row:
        narrowed = {name: value for name, column in NARROWED_BY.items() if (value := getattr(self, column))}
        called = {"words": list(self.words)} if self.words else {}
        said = {"titles": in_order(self.titles), "texts": in_order(self.texts)}
        return {"code": self.coded, **narrowed, **called, **said}


@dataclass(frozen=True)
class Suggestion:
    """A text with how well it fits the case; `why` is what made it fit: a category, a kind, a word, or nothing."""

    text: StandardText
    score: int
    why: str


def for_case(case: Case, staff: Staff, typed: str) -> list[Suggestion]:
    """The texts that fit the case's department and hold all that was typed, the best first; one statement."""
    here = sa.or_(StandardText.department_code.is_(None), StandardText.department_code == case.department_code)
    found = db.session.scalars(sa.select(StandardText).where(shelf.readable(StandardText, staff), here)).all()
    ranked = [_ranked(one, case) for one in matching(found, typed)]
    ranked.sort(key=lambda one: (-one.score, -one.text.uses, one.text.title(case.language).casefold()))
    return ranked[:MOST]


def matching(texts: Iterable[StandardText], typed: str) -> list[StandardText]:
    """Those that have every word that was typed, in the title, the text or the words that call for it."""
    wanted = typed.casefold().split()
    return [one for one in texts if all(word in _all_words(one) for word in wanted)]


def used(ids: Iterable[str], staff: Staff, now: datetime) -> None:
    """Texts went out or into a note: count them."""
    numbers = {int(one) for one in ids if one.isascii() and one.isdigit() and len(one) < 18}
    if numbers:
        change = sa.update(StandardText).where(StandardText.id.in_(numbers), shelf.readable(StandardText, staff))
        change = change.values(uses=StandardText.uses + 1, used_at=now)
        db.session.execute(change, execution_options={"synchronize_session": False})


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
