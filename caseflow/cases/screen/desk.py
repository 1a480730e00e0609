"""What lies on the desk beside a case: the day, who can take it over, where it can go, and what is begun there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from caseflow import stamp
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import anyone
from caseflow.cases.models import Case, Category, Department, in_language
from caseflow.cases.municipality import directory
from caseflow.cases.screen import checklists, drafts
from caseflow.cases.screen.checklists import Shown
from caseflow.cases.screen.drafts import Begun, Drafts
from caseflow.cases.this_case import THIS, TODAY, given
from caseflow.database import db
from caseflow.prepared import Prepared


@dataclass(frozen=True)
class Desk:
    """`colleagues` are ids and names, `departments` codes and names in the reader's language, both in their order.

    `away` holds until when, for the colleagues who are away today.
    `decides` is whether the reader may say how a case ended; who only sorts may say that it is registered elsewhere.
    `categories` are those of the case's department, `all_categories` also those that it had elsewhere.
    """

    today: date
    colleagues: dict[int, str]
    departments: dict[str, str]
    decides: bool = True
    away: Mapping[int, date] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    all_categories: Mapping[str, str] = field(default_factory=dict)
    begun: Drafts = field(default_factory=Drafts)
    retired: frozenset[str] = frozenset()
    all_steps: tuple[Shown, ...] = ()

    @classmethod
    def of(cls, case: Case, staff: Staff, *, language: str, today: date, decides: bool) -> Desk:
        """As this person has it; one statement."""
        told = {**given(case, staff), "today": today}
        # Together with whatever else of the case was sent ahead.
        ((people, texts, steps),) = _beside().later(told)()
        names = _names(language)
        return cls(
            today=today,
            colleagues={person: name for person, name, _until in people or ()},
            away={person: date.fromisoformat(until) for person, _name, until in people or () if until},
            departments=names.departments,
            categories=names.categories.get(case.department_code, {}),
            all_categories=names.all_categories,
            decides=decides,
            retired=names.retired,
            all_steps=tuple(Shown.read(row) for row in steps or ()),
            begun=Drafts.of([Begun.read(row) for row in texts or ()], staff),
        )

    @property
    def steps(self) -> list[Shown]:
        """The case's checklist; `all_steps` also holds what was taken from it."""
        return [step for step in self.all_steps if not step.removed]


@dataclass(frozen=True)
class _Names:
    """As `Desk` has them; `categories` are those that are offered, by department."""

    departments: dict[str, str]
    categories: dict[str, dict[str, str]]
    all_categories: dict[str, str]
    retired: frozenset[str]


@stamp.kept
def _names(language: str) -> _Names:
    """Every department and category, in their order; one statement."""
    nowhere = sa.cast(sa.null(), sa.Text).label("within")
    departments = sa.select(Department.code, Department.names, Department.position, nowhere, Department.retired)
    columns = (Category.code, Category.names, Category.position, Category.department_code, Category.retired)
    every = sa.union_all(departments, sa.select(*columns)).subquery()
    rows = db.session.execute(sa.select(every).order_by(every.c.position)).all()
    categories: dict[str, dict[str, str]] = {}
    for row in rows:
        if row.within is not None and not row.retired:
            categories.setdefault(row.within, {})[row.code] = in_language(row.names, language)
    return _Names(
        departments={row.code: in_language(row.names, language) for row in rows if row.within is None},
        categories=categories,
        all_categories={row.code: in_language(row.names, language) for row in rows if row.within is not None},
        retired=frozenset(row.code for row in rows if row.retired),
    )


@cache
def _beside() -> Prepared:
    """Colleagues, drafts and steps, each as one value."""
    parts = (
        directory.colleagues_there(THIS, TODAY),
        drafts.in_case(THIS, anyone("caseworker")),
        checklists.of(THIS),
    )
    return Prepared(sa.select(*map(_listed, parts)))


def department_names(language: str) -> dict[str, str]:
    """Every department's code and name."""
    return _names(language).departments


def _listed(query: sa.Select[Any]) -> sa.ScalarSelect[Any]:
    """All rows of a query, in its order, as one value: a list of lists."""
    rows = query.subquery()
    listed = sa.func.jsonb_agg(sa.func.jsonb_build_array(*rows.c), type_=JSONB)
    return sa.select(listed).select_from(rows).scalar_subquery()
