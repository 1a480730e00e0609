"""What the queue's filter can be set to, and the names that its rows show: all of it in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from caseflow.accounts.models import Membership, Staff
from caseflow.accounts.permissions import ASSIGNABLE, departments_of, reaches
from caseflow.cases.models import Category, Department, Kind, in_language
from caseflow.database import db

Names = dict[str, str]


@dataclass(frozen=True)
class Choices:
    """Names by code, in their order: what this person may choose from. `people` are colleagues by id."""

    departments: Names
    kinds: Names
    categories: Names
    people: Names


def within_reach(staff: Staff, language: str) -> Choices:
    """The departments of the person's scope with their categories and people, and all kinds."""
    own = departments_of(staff)
    nouns = sa.case((Kind.nouns == sa.text("'{}'::jsonb"), Kind.names), else_=Kind.nouns)
    person = sa.func.jsonb_build_object("sv", Staff.name, type_=JSONB)
    here = sa.select(Membership.staff_id).where(Membership.department_code.in_(own), reaches("handle"))
    parts = (
        _part("departments", Department.code, Department.names, Department.position).where(Department.code.in_(own)),
        _part("kinds", Kind.code, nouns, Kind.position),
        _part("categories", Category.code, Category.names, Category.position).where(Category.department_code.in_(own)),
        _part("people", sa.cast(Staff.id, sa.Text), person, sa.literal_column("0")).where(
            Staff.id.in_(here), Staff.active, Staff.role.in_(ASSIGNABLE)
        ),
    )
    every = sa.union_all(*parts).subquery()
    found: dict[str, Names] = {name: {} for name in Choices.__dataclass_fields__}
    for row in db.session.execute(sa.select(every).order_by(every.c.position)):
        found[row.what][row.code] = in_language(row.names, language)
    found["categories"] = _by_name(found["categories"])
    return Choices(**{**found, "people": _by_name(found["people"])})


def _part(what: str, code: Any, names: Any, position: Any) -> sa.Select[Any]:
    columns = (code.label("code"), names.label("names"), position.label("position"))
    return sa.select(sa.literal_column(f"'{what}'").label("what"), *columns)


def _by_name(names: Names) -> Names:
    """In the order of the Swedish alphabet."""
    alphabet = str.maketrans("åäö", "{|}")
    return dict(sorted(names.items(), key=lambda item: item[1].lower().translate(alphabet)))
