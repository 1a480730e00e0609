"""Cases that belong together without being one: found by number, related, parent and children."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from psycopg.errors import LockNotAvailable

from caseflow.accounts.models import Staff
from caseflow.cases import queue
from caseflow.cases.models import Case
from caseflow.cases.scope import handled_by
from caseflow.database import db


class Busy(Exception):
    """Somebody is acting on the other case; waiting for them could be waiting for each other."""


def named(staff: Staff, typed: str, today: date) -> Case | None:
    """The case with this number, locked beside the one that is acted on; None when this person has none to act on."""
    number = queue.number_of(staff, typed, today)
    query = sa.select(Case).where(Case.number == number, handled_by(staff)).with_for_update(of=Case, nowait=True)
    try:
        return db.session.scalar(query.execution_options(populate_existing=True)) if number else None
    except sa.exc.OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise Busy from error
        raise
