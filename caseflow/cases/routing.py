"""Which department gets a case: ordered rules, the first match wins, and the case remembers why."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import sqlalchemy as sa

from caseflow import stamp
from caseflow.cases.models import Category, Department, RoutingRule
from caseflow.database import db


@dataclass(frozen=True)
class Route:
    """Where to, and why: `because` is {"by": "rule"|"category"|"choice"|"triage", …} with the rule's own words."""

    department_code: str
    because: dict[str, str]


def route(*, kind: str, department: str | None, category: str | None, text: str) -> Route:
    """Find the department for an errand; what nothing matches goes to triage."""
    found = first_match(rules(), kind=kind, department=department, category=category, text=text)
    if found:
        return found
    return otherwise(department, category, home_of=_home_of, triage=triage_department)


def otherwise(
    department: str | None, category: str | None, *, home_of: Callable[[str], str], triage: Callable[[], str]
) -> Route:
    """Where an errand goes that no rule concerns: to its category's home, else as chosen, else to triage."""
    if category:
        return Route(home_of(category), {"by": "category"})
    taker = triage()
    if department and department != taker:
        return Route(department, {"by": "choice"})
    return Route(taker, {"by": "triage"})


@stamp.kept
def rules() -> Sequence[RoutingRule]:
    """The routing table in its order, kept in memory: for reading only."""
    rows = db.session.execute(sa.select(RoutingRule.__table__).order_by(RoutingRule.position)).mappings()
    return [RoutingRule(**row) for row in rows]


def first_match(
    table: Sequence[RoutingRule], *, kind: str, department: str | None, category: str | None, text: str
) -> Route | None:
    """Where the first rule that applies sends the errand; None when no rule applies."""
    for rule in table:
        word = matches(rule, kind=kind, department=department, category=category, text=text)
        if word is not None:
            return Route(rule.to_department, {"by": "rule", "word": word, **rule.reasons})
    return None


def matches(rule: RoutingRule, *, kind: str, department: str | None, category: str | None, text: str) -> str | None:
    """None when the rule does not apply, else the word that decided ("" when the rule has no words)."""
    if not concerns(rule, kind, department, category):
        return None
    return first_word(rule.words, text) if rule.words else ""


def concerns(rule: RoutingRule, kind: str, department: str | None, category: str | None) -> bool:
    """Whether the rule's conditions hold, its words aside."""
    asked = ((rule.kind_code, kind), (rule.department_code, department), (rule.category_code, category))
    return all(wanted in (None, given) for wanted, given in asked)


def first_word(stems: Sequence[str], text: str) -> str | None:
    """The first word of the text that begins with one of the stems, as it was written."""
    found = _beginning_with(tuple(stems)).search(text)
    return found.group() if found else None


@lru_cache(maxsize=256)
def _beginning_with(stems: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(re.escape(stem) for stem in stems) + r")\w*", re.IGNORECASE)


@stamp.kept
def _homes() -> dict[str, str]:
    rows = db.session.execute(sa.select(Category.code, Category.department_code))
    return {row.code: row.department_code for row in rows}


def _home_of(category: str) -> str:
    return _homes()[category]


def belongs(category: str | None, department: str) -> bool:
    return category is not None and _homes().get(category) == department


def triage_department() -> str:
    """The code of the department that takes what nobody else does."""
    return _triage()


@stamp.kept
def _triage() -> str:
    return db.session.scalars(sa.select(Department.code).where(Department.triage)).one()
