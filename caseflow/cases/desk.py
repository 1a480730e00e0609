"""What lies on the desk beside a case: the day, who can take it over, where it can go, and what is begun there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from caseflow.accounts.models import Staff
from caseflow.cases import checklists, directory, drafts
from caseflow.cases.checklists import Shown
from caseflow.cases.drafts import Begun, Drafts
from caseflow.cases.models import Case, Category, Department, in_language
from caseflow.database import db

_DEPARTMENTS = sa.select(Department.code, Department.names).order_by(Department.position)


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
        colleagues = directory.colleagues_there(case.department_code, today)
        parts = (
            _listed(colleagues),
            _listed(_named()),
            _listed(drafts.in_case(case, staff)),
            _listed(checklists.of(case)),
        )
        people, places, texts, steps = db.session.execute(sa.select(*parts)).one()
        named = [(code, in_language(names, language), within) for code, names, within, _retired in places or ()]
        retired = frozenset(code for code, _names, _within, retired in places or () if retired)
        return cls(
            today=today,
            colleagues={person: name for person, name, _until in people or ()},
            away={person: date.fromisoformat(until) for person, _name, until in people or () if until},
            departments={code: name for code, name, within in named if within is None},
            categories={
                code: name for code, name, within in named if within == case.department_code and code not in retired
            },
            all_categories={code: name for code, name, within in named if within is not None},
            decides=decides,
            retired=retired,
            all_steps=tuple(Shown.read(row) for row in steps or ()),
            begun=Drafts.of([Begun.read(row) for row in texts or ()], staff),
        )

    @property
    def steps(self) -> list[Shown]:
        """The case's checklist; `all_steps` also holds what was taken from it."""
        return [step for step in self.all_steps if not step.removed]


def _named() -> sa.Select[Any]:
    """Code and names of every department and category, with the department that a category lies in."""
    nowhere = sa.cast(sa.null(), sa.Text).label("within")
    departments = sa.select(Department.code, Department.names, Department.position, nowhere, Department.retired)
    columns = (Category.code, Category.names, Category.position, Category.department_code, Category.retired)
    every = sa.union_all(departments, sa.select(*columns)).subquery()
    return sa.select(every.c.code, every.c.names, every.c.within, every.c.retired).order_by(every.c.position)


def department_names(language: str) -> dict[str, str]:
    """Every department's code and name, as columns."""
    return {code: in_language(names, language) for code, names in db.session.execute(_DEPARTMENTS)}


def _listed(query: sa.Select[Any]) -> sa.ScalarSelect[Any]:
    """All rows of a query, in its order, as one value: a list of lists."""
    rows = query.subquery()
    listed = sa.func.jsonb_agg(sa.func.jsonb_build_array(*rows.c), type_=JSONB)
    return sa.select(listed).select_from(rows).scalar_subquery()
