"""Cases that belong together without being one: found by number, related, parent and children."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.cases.relations import family
from caseflow.cases.scope import handled_by, handles
from caseflow.cases.triage import queue


def named(staff: Staff, typed: str, today: date) -> Case | None:
    """The case with this number, locked beside the one that is acted on; None when this person has none to act on.

    Raises `family.Busy`: both are locked one after the other, and so the second must not be waited for.
    """
    number = queue.number_of(staff, typed, today)
    cases = family.locked(sa.and_(Case.number == number, handled_by(staff)), wait=False) if number else []
    return next((case for case in cases if case.number == number and handles(staff, case)), None)
