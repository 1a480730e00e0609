"""Mails that came in and that a person must look at: to be read, and put aside when nothing is to be done."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import may_in
from caseflow.audit import Actor, record
from caseflow.cases.delivery.worklist import mail_within
from caseflow.cases.models import Case
from caseflow.cases.routing import triage_department
from caseflow.database import LAST_ID, db
from caseflow.messages.models import IncomingMail


def find(staff: Staff, mail_id: int, *, to_read: bool = False, for_act: bool = False) -> IncomingMail | None:
    """A mail that a person was to look at, or None when there is none for this one to decide on, or `to_read`.

    `for_act` locks it.
    """
    if abs(mail_id) > LAST_ID:
        return None
    level = "read" if to_read else "handle"
    query = sa.select(IncomingMail).where(IncomingMail.id == mail_id, mail_within(staff, level=level))
    if for_act:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def decides(staff: Staff, case: Case | None) -> bool:
    """Whether this person decides on mails of this case, or on those that have none."""
    return may_in(staff, case.department_code if case else triage_department(), "handle")


def put_aside(mail: IncomingMail, *, by: Actor, now: datetime) -> bool:
    """Nothing is to be done about it; False when it was not waiting any more."""
    if mail.outcome != "held":
        return False
    mail.outcome = "ignored"
    record("mail", mail.id, "put_aside", by=by, at=now)
    return True
