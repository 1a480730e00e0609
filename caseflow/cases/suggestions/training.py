"""A round of learning: from the municipality's own closed cases, measured on the newest, kept if better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from caseflow.cases import routing
from caseflow.cases.models import Case, Department, RoutingRule
from caseflow.cases.suggestions import kept
from caseflow.cases.suggestions.learning import Example, learn, learnable
from caseflow.cases.suggestions.measuring import Guesser, Measure, measure
from caseflow.cases.suggestions.scorer import Guess, Scorer
from caseflow.database import db, unit_of_work

MOST = 20_000
FEWEST = 200
HELD_BACK = 5  # every so many-th part, the newest: one learns from the past for the days to come
# Whoever filed these did not have it sorted, or somebody else's text was.
NOT_SORTED = ("duplicate", "withdrawn")


@dataclass(frozen=True)
class Closed:
    """A closed case as an example: its text, and where it lay in the end."""

    kind: str
    text: str
    department: str
    category: str | None


@dataclass(frozen=True)
class Taught:
    """What a round gave: the scorers, learnt from everything, and their measures, from the held-back part."""

    department: Scorer
    category: Scorer | None
    measures: dict[str, Measure]


def train(now: datetime) -> kept.Learnt | None:
    """One round. None where there are too few closed cases to learn from; nothing is changed then."""
    cases, table, triage = closed_cases(), routing.rules(), routing.triage_department()
    present = kept.in_use()
    before = Scorer.unpacked(present.department) if present and present.department else None
    db.session.rollback()  # learning takes seconds, and holds no transaction meanwhile
    taught = teach(cases, table, triage)
    if taught is None:
        return None
    _known, held_back = parted(cases)
    old = measure(before.guess, learnable(departments(held_back))) if before else None
    better = old is None or taught.measures["department"].accuracy >= old.accuracy
    figures: dict[str, object] = {what: found.as_dict() for what, found in taught.measures.items()}
    with unit_of_work():
        return kept.keep(
            taught.department, taught.category, measured=figures, examples=len(cases), better=better, now=now
        )


def train_first(now: datetime) -> None:
    """The first round as soon as there are enough closed cases; every other one is the night's."""
    enough = sa.select(Case.id).where(Case.status == "closed").offset(FEWEST - 1).limit(1)
    if not kept.rounds(1) and db.session.scalar(enough) is not None:
        train(now)


def teach(cases: Sequence[Closed], table: Sequence[RoutingRule], triage: str) -> Taught | None:
    """Learn from the older cases, measure on the newest (with the routing rules beside it), then learn from all."""
    if len(cases) < FEWEST:
        return None
    known, held_back = parted(cases)
    tried = learn(departments(known))
    final = learn(departments(cases))
    if tried is None or final is None:
        return None
    measures = {"department": measure(tried.guess, departments(held_back))}
    measures["rules"] = measure(_by_rules(held_back, table, triage), departments(held_back))
    if sorted_known := learn(categories(known)):
        measures["category"] = measure(sorted_known.guess, categories(held_back))
    return Taught(final, learn(categories(cases)), measures)


def closed_cases() -> list[Closed]:
    """The newest closed cases, the oldest of them first; never one of a secret department or a protected resident, for
    others would read its words where they decided."""
    query = (
        sa.select(Case.kind_code, Case.description, Case.department_code, Case.category_code)
        .join(Department, Department.code == Case.department_code)
        .where(Case.status == "closed", Case.resolution.not_in(NOT_SORTED), ~Department.secret)
        .where(~Case.protected)
        .order_by(Case.received_at.desc(), Case.id.desc())
        .limit(MOST)
    )
    return [Closed(*row) for row in reversed(db.session.execute(query).all())]


def parted(cases: Sequence[Closed]) -> tuple[Sequence[Closed], Sequence[Closed]]:
    """What is learnt from, and what is held back."""
    place = len(cases) - len(cases) // HELD_BACK
    return cases[:place], cases[place:]


def departments(cases: Sequence[Closed]) -> list[Example]:
    return [(case.text, case.department) for case in cases]


def categories(cases: Sequence[Closed]) -> list[Example]:
    return [(case.text, case.category) for case in cases if case.category]


def _by_rules(cases: Sequence[Closed], table: Sequence[RoutingRule], triage: str) -> Guesser:
    """What the routing rules say to a text that comes without a department, as somebody who does not know files it."""
    kinds = {case.text: case.kind for case in cases}

    def guess(text: str) -> Guess:
        found = routing.first_match(table, kind=kinds[text], department=triage, category=None, text=text)
        return Guess(found.department_code if found else triage, 1.0, [])

    return guess
