"""What lies on the desk beside a case: the day, who can take it over, and where it can go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from caseflow.cases import directory
from caseflow.cases.models import Case, Category, Department, in_language
from caseflow.database import db


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

    @classmethod
    def of(cls, case: Case, *, language: str, today: date, decides: bool) -> Desk:
        named = _named(language)
        people = directory.colleagues_there(case.department_code, today)
        return cls(
            today=today,
            colleagues={person: name for person, name, _until in people},
            away={person: until for person, _name, until in people if until},
            departments={code: name for code, name, within in named if within is None},
            categories={code: name for code, name, within in named if within == case.department_code},
            all_categories={code: name for code, name, within in named if within is not None},
            decides=decides,
        )


def _named(language: str) -> list[tuple[str, str, str | None]]:
    """Code and name of every department and category, with the department that a category lies in; one statement."""
    nowhere = sa.cast(sa.null(), sa.Text).label("within")
    departments = sa.select(Department.code, Department.names, Department.position, nowhere)
    categories = sa.select(Category.code, Category.names, Category.position, Category.department_code)
    every = sa.union_all(departments, categories).subquery()
    rows = db.session.execute(sa.select(every.c.code, every.c.names, every.c.within).order_by(every.c.position))
    return [(code, in_language(names, language), within) for code, names, within in rows]


def department_names(language: str) -> dict[str, str]:
    """Every department's code and name, as columns."""
    rows = db.session.execute(sa.select(Department.code, Department.names).order_by(Department.position))
    return {code: in_language(names, language) for code, names in rows}
