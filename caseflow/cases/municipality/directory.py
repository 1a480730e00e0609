"""The municipality and its departments, kinds and categories, as the pages list them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from caseflow import stamp
from caseflow.accounts.models import Membership, Staff
from caseflow.accounts.permissions import ASSIGNABLE, PERMISSIONS, May, departments_of, reaches
from caseflow.cases.models import Case, Category, Department, Kind, Municipality
from caseflow.cases.watch import absence
from caseflow.database import Model, db
from caseflow.prepared import held

T = TypeVar("T", Department, Kind, Category)

# The roles whose leading opens what is protected.
LEADERS = tuple(role for role, acts in PERMISSIONS.items() if May.SEE_PROTECTED in acts)


class NotSetUp(LookupError):
    """No municipality is loaded yet."""


def municipality() -> Municipality:
    """The one municipality; raises NotSetUp before `flask --app wsgi load-municipality FILE`."""
    found = db.session.get(Municipality, 1)
    if found is None:
        raise NotSetUp("no municipality is loaded")
    return found


@stamp.kept
def known() -> Municipality:
    """The same as pages show it, kept in memory: for reading only, and no part of any session."""
    row = db.session.execute(sa.select(Municipality.__table__)).mappings().one_or_none()
    if row is None:
        raise NotSetUp("no municipality is loaded")
    return Municipality(**row)


def department(code: str) -> Department:
    """Kept in memory, likewise, and without its categories."""
    return _by_code(Department)[code]


def kind(code: str) -> Kind:
    """Kept in memory, likewise."""
    return _by_code(Kind)[code]


@stamp.kept
def _by_code(sort: type[T]) -> dict[str, T]:
    rows = db.session.execute(sa.select(sort.__table__)).mappings()
    return {row["code"]: sort(**row) for row in rows}


def into_session(case: Case) -> None:
    """Gives the case its names and the session the municipality, as if they had been read: from memory."""
    name = sa.orm.attributes.set_committed_value
    name(case, "kind", held(Kind, told_by(kind(case.kind_code))))
    name(case, "department", held(Department, told_by(department(case.department_code))))
    topic = _by_code(Category)[case.category_code] if case.category_code else None
    name(case, "category", topic and held(Category, told_by(topic)))
    # The session knows only what somebody holds.
    db.session().info["municipality"] = held(Municipality, told_by(known()))


def told_by(thing: Model) -> dict[str, object]:
    return {name: value for name, value in vars(thing).items() if name != "_sa_instance_state"}


def kinds(*, listed_only: bool = False) -> Sequence[Kind]:
    """All kinds in their order."""
    query = sa.select(Kind).order_by(Kind.position)
    return db.session.scalars(query.where(Kind.listed) if listed_only else query).all()


def departments() -> Sequence[Department]:
    """All departments in their order, with their categories, in two queries."""
    query = sa.select(Department).options(selectinload(Department.categories)).order_by(Department.position)
    return db.session.scalars(query).all()


def offered() -> Sequence[Department]:
    """The departments that take new cases, with the categories that are offered in them."""
    return [one for one in departments() if not one.retired]


def departments_within(staff: Staff) -> Sequence[Department]:
    """The departments whose cases this person sees."""
    query = sa.select(Department).where(Department.code.in_(departments_of(staff))).order_by(Department.position)
    return db.session.scalars(query).all()


def colleagues(department_code: str) -> Sequence[Staff]:
    """Who handles a department's cases and can be given them, by name."""
    return db.session.scalars(handlers().where(Membership.department_code == department_code)).all()


def colleagues_there(case: Case, day: date) -> sa.Select[tuple[int, str, date | None]]:
    """Of the case's department, as far as they reach it: id, name, and for who is away until when (absence.until)."""
    columns = (Staff.id, Staff.name, absence.until(Staff.id.expression, day))
    here = handlers().where(Membership.department_code == case.department_code, open_to_member(case))
    return here.with_only_columns(*columns)


def open_to_member(case: Case) -> sa.ColumnElement[bool]:
    """The condition on Staff and Membership in the case's department that protected personal data keep nobody out."""
    leads = sa.and_(Staff.role.in_(LEADERS), reaches("lead"))
    return sa.or_(sa.literal(value=False) == case.protected, Staff.sees_protected, leads)


def handlers() -> sa.Select[tuple[Staff]]:
    """Who can be given cases, once for each department that they handle, in the order of the Swedish alphabet."""
    alphabet = sa.func.translate(sa.func.lower(Staff.name), "åäö", "{|}").collate("C")
    query = sa.select(Staff).join(Membership, Membership.staff_id == Staff.id)
    return query.where(reaches("handle"), Staff.active, Staff.role.in_(ASSIGNABLE)).order_by(alphabet, Staff.id)
