"""What lies on the desk beside a case: the day, who can take it over, and where it can go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from caseflow.cases import directory
from caseflow.cases.models import Case, Department, in_language
from caseflow.database import db


@dataclass(frozen=True)
class Desk:
    """`colleagues` are ids and names, `departments` codes and names in the reader's language, both in their order.

    `decides` is whether the reader may say how a case ended; who only sorts may say that it is registered elsewhere.
    """

    today: date
    colleagues: dict[int, str]
    departments: dict[str, str]
    decides: bool = True

    @classmethod
    def of(cls, case: Case, *, language: str, today: date, decides: bool) -> Desk:
        return cls(
            today=today,
            colleagues={person.id: person.name for person in directory.colleagues(case.department_code)},
            departments=department_names(language),
            decides=decides,
        )


def department_names(language: str) -> dict[str, str]:
    """Every department's code and name, as columns."""
    rows = db.session.execute(sa.select(Department.code, Department.names).order_by(Department.position))
    return {code: in_language(names, language) for code, names in rows}
