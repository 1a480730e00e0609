"""What the queue's filter can be set to, and the names that its rows show; kept in memory until something changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from caseflow import stamp
from caseflow.accounts.models import Membership, Staff
from caseflow.accounts.permissions import ASSIGNABLE, may_in, reaches
from caseflow.cases.models import Category, Department, Kind, in_language
from caseflow.database import db

Names = dict[str, str]
# The department, the code and the name.
Row = tuple[str, str, str]


@dataclass(frozen=True)
class Choices:
    """Names by code, in their order: what this person may choose from. `people` are colleagues by id."""

    departments: Names
    kinds: Names
    categories: Names
    people: Names


@dataclass(frozen=True)
class _All:
    """Everything that there is, in the order of lists. Categories and people are by department, people by id."""

    departments: Names
    kinds: Names
    categories: list[Row]
    people: list[Row]


def within_reach(staff: Staff, language: str) -> Choices:
    """The departments of the person's scope with their categories and people, and all kinds."""
    every = _all(language)
    own = {code: name for code, name in every.departments.items() if may_in(staff, code, "read")}
    return Choices(
        departments=own,
        kinds=every.kinds,
        categories={code: name for home, code, name in every.categories if home in own},
        people={person: name for home, person, name in every.people if home in own},
    )


@stamp.kept
def _all(language: str) -> _All:
    """In one statement."""
    nouns = sa.case((Kind.nouns == sa.text("'{}'::jsonb"), Kind.names), else_=Kind.nouns)
    handles = (reaches("handle"), Membership.staff_id == Staff.id, Staff.active, Staff.role.in_(ASSIGNABLE))
    person = sa.func.jsonb_build_object("sv", Staff.name, type_=JSONB)
    nowhere, last = sa.cast(sa.null(), sa.Text), sa.literal_column("0", sa.Integer)
    every = sa.union_all(
        _part("departments", nowhere, Department.code, Department.names, Department.position),
        _part("kinds", nowhere, Kind.code, nouns, Kind.position),
        _part("categories", Category.department_code, Category.code, Category.names, last),
        _part("people", Membership.department_code, sa.cast(Staff.id, sa.Text), person, last).where(*handles),
    ).subquery()
    found: dict[str, list[Row]] = {"departments": [], "kinds": [], "categories": [], "people": []}
    for what, home, code, names, _position in db.session.execute(sa.select(every).order_by(every.c.position)):
        found[what].append((home, code, in_language(names, language)))
    return _All(
        departments={code: name for _home, code, name in found["departments"]},
        kinds={code: name for _home, code, name in found["kinds"]},
        categories=_by_name(found["categories"]),
        people=_by_name(found["people"]),
    )


def _part(what: str, home: Any, code: Any, names: Any, position: Any) -> sa.Select[Any]:
    columns = (home.label("home"), code.label("code"), names.label("names"), position.label("position"))
    return sa.select(sa.literal_column(f"'{what}'").label("what"), *columns)


def _by_name(rows: list[Row]) -> list[Row]:
    """In the order of the Swedish alphabet."""
    alphabet = str.maketrans("åäö", "{|}")
    return sorted(rows, key=lambda row: row[2].lower().translate(alphabet))
