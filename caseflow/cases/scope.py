"""Which cases a member of staff reaches. Every list, count, page, file and act starts from here.

`within` is for what is read, `handled_by` for what is acted on, `led_by` for what is led. A case that a person may read
and not handle is shown without acts, and an act on it is answered as if there were no such case. One of a resident with
protected personal data is there for who leads its department and for those who are named, and for nobody else.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import anyone, departments_of, may_in, protected_of, sees_protected
from caseflow.cases import family
from caseflow.cases.models import Case, Municipality
from caseflow.database import db
from caseflow.messages.models import Message

_NAMES = (
    joinedload(Case.kind, innerjoin=True),
    joinedload(Case.department, innerjoin=True),
    joinedload(Case.category),
    joinedload(Case.assignee),
)


class Stale(Exception):
    """Somebody has acted on the case since the page was read."""

    def __init__(self, case: Case, version: int) -> None:
        super().__init__(f"case {case.number} is at version {case.version}, the page was at {version}")
        self.case, self.version = case, version


def within(staff: Staff) -> sa.ColumnElement[bool]:
    """The condition on `Case` that keeps a query inside what this person may see."""
    return _in_departments(staff, "read")


def handled_by(staff: Staff) -> sa.ColumnElement[bool]:
    """The condition on `Case` that this person may act on it, as far as the role goes."""
    return _in_departments(staff, "handle")


def led_by(staff: Staff) -> sa.ColumnElement[bool]:
    """The condition on `Case` that it lies in a department that this person leads."""
    return _in_departments(staff, "lead")


def handles(staff: Staff, case: Case) -> bool:
    """Whether `handled_by` holds for this case; asks nobody."""
    open_to = not case.protected or sees_protected(staff, case.department_code)
    return open_to and may_in(staff, case.department_code, "handle")


def find(staff: Staff, number: str) -> Case | None:
    """The case with this number, or None when there is none for this person.

    Its names and the municipality come with it, because every page of a case shows them: four statements less.
    """
    if "\x00" in number:  # PostgreSQL takes no NUL in a text, and no number holds one
        return None
    found = db.session.execute(_find(staff.role), {"number": number, "staff_id": staff.id}).one_or_none()
    if found is None:
        return None
    # The session knows only what somebody holds; whoever asks `directory` then needs no query.
    case: Case = found.Case
    db.session().info["municipality"] = found.Municipality
    return case


@lru_cache
def _find(role: str) -> sa.Select[Any]:
    query = sa.select(Case, Municipality).outerjoin(Municipality, sa.true()).options(*_NAMES)
    return query.where(Case.number == sa.bindparam("number", type_=sa.Text), within(anyone(role)))


def find_for_act(staff: Staff, number: str, version: int | None) -> Case | None:
    """The case locked for an act, with what it is merged with, or None when this person has none to act on.

    Raises `Stale` when the page that the act comes from is older than the case.
    """
    if "\x00" in number:
        return None
    cases = family.locked(sa.and_(Case.number == number, handled_by(staff)))
    case = next((case for case in cases if case.number == number and handles(staff, case)), None)
    if case is not None and version is not None and case.version != version:
        raise Stale(case, version)
    return case


def messages_within(staff: Staff) -> sa.Select[tuple[Message]]:
    """The messages of the cases that this person may see."""
    return sa.select(Message).join(Case, Case.id == Message.case_id).where(within(staff))


def messages_handled_by(staff: Staff) -> sa.Select[tuple[Message]]:
    """The messages of the cases that this person may act on."""
    return sa.select(Message).join(Case, Case.id == Message.case_id).where(handled_by(staff))


def _in_departments(staff: Staff, level: str) -> sa.ColumnElement[bool]:
    """As `= ANY (ARRAY(…))` the departments are looked up once and first. As a join PostgreSQL takes them for a few
    cases and walks through all cases of the departments in order to find ten letters. The second array is looked up
    only where a case is protected.
    """
    here = Case.department_code == sa.any_(sa.func.array(departments_of(staff, level).scalar_subquery()))
    named = Case.department_code == sa.any_(sa.func.array(protected_of(staff, level).scalar_subquery()))
    return sa.and_(here, sa.or_(~Case.protected, named))
