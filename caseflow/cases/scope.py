"""Which cases a member of staff reaches. Every list, count, page and file starts from here."""

from __future__ import annotations

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import departments_of
from caseflow.cases.models import Case
from caseflow.database import db
from caseflow.messages.models import Message


class Stale(Exception):
    """Somebody has acted on the case since the page was read."""

    def __init__(self, case: Case, version: int) -> None:
        super().__init__(f"case {case.number} is at version {case.version}, the page was at {version}")
        self.case, self.version = case, version


def within(staff: Staff) -> sa.ColumnElement[bool]:
    """The condition on `Case` that keeps a query inside what this person may see.

    As `= ANY (ARRAY(…))` the departments are looked up once and first. As a join PostgreSQL takes them for a few cases
    and walks through all cases of the departments in order to find ten letters.
    """
    return Case.department_code == sa.any_(sa.func.array(departments_of(staff).scalar_subquery()))


def find(staff: Staff, number: str) -> Case | None:
    """The case with this number, or None when there is none for this person."""
    if "\x00" in number:  # PostgreSQL takes no NUL in a text, and no number holds one
        return None
    return db.session.scalar(sa.select(Case).where(Case.number == number, within(staff)))


def find_for_act(staff: Staff, number: str, version: int | None) -> Case | None:
    """The case locked for an act; raises `Stale` when the page that the act comes from is older than the case."""
    if "\x00" in number:
        return None
    query = sa.select(Case).where(Case.number == number, within(staff)).with_for_update()
    case = db.session.scalar(query.execution_options(populate_existing=True))
    if case is not None and version is not None and case.version != version:
        raise Stale(case, version)
    return case


def messages_within(staff: Staff) -> sa.Select[tuple[Message]]:
    """The messages of the cases that this person may see."""
    return sa.select(Message).join(Case, Case.id == Message.case_id).where(within(staff))
