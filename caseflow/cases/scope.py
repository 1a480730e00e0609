"""Which cases a member of staff reaches. Every list, count, page, file and act starts from here.

`within` is for what is read, `handled_by` for what is acted on, `led_by` for what is led. A case that a person may read
and not handle is shown without acts, and an act on it is answered as if there were no such case. One of a resident with
protected personal data is there for who leads its department and for those who are named, and for nobody else.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import anyone, departments_of, may_in, protected_of, sees_protected
from caseflow.cases.models import Case
from caseflow.cases.municipality import directory
from caseflow.cases.relations import family
from caseflow.database import Model
from caseflow.messages.models import Message
from caseflow.prepared import Prepared, held


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

    Its names and the municipality come with it, because every page of a case shows them: from memory.
    """
    if "\x00" in number:  # PostgreSQL takes no NUL in a text, and no number holds one
        return None
    return next(map(_as_read, _find(staff.role).all({"number": number, "staff_id": staff.id})), None)


@lru_cache
def _find(role: str) -> Prepared:
    own, theirs = (
        [getattr(kind, attribute.key).label(f"{kind.__name__}_{attribute.key}") for attribute in _columns(kind)]
        for kind in (Case, Staff)
    )
    query = sa.select(*own, *theirs).outerjoin(Staff, Staff.id == Case.assignee_id)
    return Prepared(query.where(Case.number == sa.bindparam("number", type_=sa.Text), within(anyone(role))))


def _columns(kind: type[Model]) -> list[sa.orm.ColumnProperty[Any]]:
    return [attribute for attribute in kind.__mapper__.column_attrs if not attribute.deferred]


def _as_read(row: Any) -> Case:
    told: dict[str, dict[str, Any]] = {"Case": {}, "Staff": {}}
    for name, value in row._asdict().items():
        kind, _of, attribute = name.partition("_")
        told[kind][attribute] = value
    case = held(Case, told["Case"])
    assignee = held(Staff, told["Staff"]) if case.assignee_id is not None else None
    sa.orm.attributes.set_committed_value(case, "assignee", assignee)
    directory.into_session(case)
    return case


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
