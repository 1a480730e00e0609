"""What lies on the desk beside a case: the day, who can take it over, and where it can go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from caseflow.cases import directory
from caseflow.cases.models import Case, Department, in_language
from caseflow.database import db


@dataclass(frozen=True)
class Desk:
    """`colleagues` are ids and names, `departments` codes and names in the reader's language, both in their order.

    `away` holds until when, for the colleagues who are away today.
    `decides` is whether the reader may say how a case ended; who only sorts may say that it is registered elsewhere.
    """

    today: date
    colleagues: dict[int, str]
    departments: dict[str, str]
    decides: bool = True
    away: Mapping[int, date] = field(default_factory=dict)

    @classmethod
    def of(cls, case: Case, *, language: str, today: date, decides: bool) -> Desk:
        people = directory.colleagues_there(case.department_code, today)
        return cls(
            today=today,
            colleagues={person: name for person, name, _until in people},
            away={person: until for person, _name, until in people if until},
            departments=department_names(language),
            decides=decides,
        )


def department_names(language: str) -> dict[str, str]:
    """Every department's code and name, as columns."""
    rows = db.session.execute(sa.select(Department.code, Department.names).order_by(Department.position))
    return {code: in_language(names, language) for code, names in rows}
