"""Suggestions for new cases: made by a worker, kept on the case, shown while they would change something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _

from caseflow.audit import SYSTEM
from caseflow.cases import lifecycle, routing
from caseflow.cases.models import Case, Category, Department, Municipality, in_language
from caseflow.cases.suggestions import kept, threshold
from caseflow.cases.suggestions.measuring import Measure
from caseflow.cases.suggestions.scorer import Guess, Scorer
from caseflow.database import db, unit_of_work

AT_ONCE = 100
RECENT = timedelta(days=30)
# A suggestion that would be wrong more often than right only disturbs.
SHOWN_FROM = 0.5

Row = Mapping[str, object]


@dataclass(frozen=True)
class Suggestion:
    """What to change: a department, a category or both; `precision` is how often such suggestions were right."""

    department: str | None
    category: str | None
    names: dict[str, str]
    precision: float
    words: Sequence[str]

    def category_name(self, language: str) -> str:
        return in_language(self.names, language)


@dataclass(frozen=True)
class Adviser:
    """What is in use, ready to be asked."""

    learnt_id: int
    department: Scorer
    category: Scorer | None
    measures: Mapping[str, Measure | None]
    homes: Mapping[str, str]
    names: Mapping[str, dict[str, str]]

    @classmethod
    def present(cls) -> Adviser | None:
        learnt = kept.in_use()
        if learnt is None or learnt.department is None:
            return None
        rows = db.session.execute(sa.select(Category.code, Category.department_code, Category.names)).all()
        return cls(
            learnt.id,
            Scorer.unpacked(learnt.department),
            Scorer.unpacked(learnt.category) if learnt.category else None,
            {what: learnt.measure(what) for what in ("department", "category")},
            {row.code: row.department_code for row in rows},
            {row.code: row.names for row in rows},
        )

    def advise(self, text: str, department: str) -> Row:
        """What to keep on a case of this text that lies in this department."""
        place, sure = self._sure(self.department.guess(text), "department")
        home = place.label if place and sure >= SHOWN_FROM else department
        among = frozenset(code for code, where in self.homes.items() if where == home)
        sort, how_sure = self._sure(self.category.guess(text, among) if self.category else None, "category")
        told: dict[str, object] = {"learnt": self.learnt_id, "precision": sure, "department": home}
        told["words"] = place.words if place else []
        if sort and how_sure >= SHOWN_FROM:
            told |= {"category": sort.label, "names": self.names[sort.label], "category_precision": how_sure}
            told["category_words"] = sort.words
        return told

    def _sure(self, guess: Guess | None, what: str) -> tuple[Guess | None, float]:
        measure = self.measures[what]
        return guess, (measure.precision_at(guess.probability) or 0.0) if guess and measure else 0.0


def of_case(case: Case) -> Suggestion | None:
    """What the case's page suggests: nothing that is so already, and nothing once the case is done."""
    told = case.suggested or {}
    if not case.is_open or not told.get("department"):
        return None
    moved = str(told["department"]) if told["department"] != case.department_code else None
    category = str(told["category"]) if told.get("category") else None
    if not moved and (case.category_code or not category):
        return None
    key = "words" if moved else "category_words"
    words, names = told.get(key), told.get("names")
    precision = told["precision"] if moved else told["category_precision"]
    return Suggestion(
        moved,
        category,
        dict(names) if isinstance(names, dict) else {},
        float(str(precision)),
        [str(word) for word in words] if isinstance(words, list) else [],
    )


def accept(case: Case, suggestion: Suggestion, *, reason: str, **told: object) -> None:
    """Do what is suggested, by the verbs that a person would use; the reason says that it was a suggestion."""
    if suggestion.department:
        there = db.session.get_one(Department, suggestion.department)
        lifecycle.transfer(case, to=there, reason=reason, **told)  # type: ignore[arg-type]
        case.routed = {"by": "suggestion", "words": ", ".join(suggestion.words)}
    if suggestion.category:
        lifecycle.categorise(case, to=suggestion.category, **told)  # type: ignore[arg-type]


def advise_all(now: datetime) -> int:
    """Advise on the new cases that wait for it, in small units of work; returns on how many."""
    adviser = Adviser.present()
    done = 0
    while adviser and (count := _advise_some(adviser, now)):
        done += count
    return done


def _advise_some(adviser: Adviser, now: datetime) -> int:
    with unit_of_work() as session:
        waiting = sa.select(Case).where(Case.status == "new", Case.suggested.is_(None), Case.received_at > now - RECENT)
        cases = session.scalars(waiting.order_by(Case.id).limit(AT_ONCE).with_for_update(skip_locked=True)).all()
        house = session.get_one(Municipality, 1)
        apply_above = threshold.check(house.suggestions)
        triage = routing.triage_department()
        for case in cases:
            case.suggested = dict(adviser.advise(case.description, case.department_code))
            if apply_above and case.department_code == triage and case.assignee_id is None:
                _apply(case, apply_above, house.languages[0], now)
    return len(cases)


def _apply(case: Case, apply_above: float, language: str, now: datetime) -> None:
    suggestion = of_case(case)
    if suggestion and suggestion.department and suggestion.precision >= apply_above:
        with force_locale(language):
            accept(case, suggestion, reason=reason(suggestion), by=SYSTEM, now=now)


def reason(suggestion: Suggestion) -> str:
    """Why, for the event, in the language of who acts."""
    return _("Suggested from earlier cases by the words: %(words)s", words=", ".join(suggestion.words))
