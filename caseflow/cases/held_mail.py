"""Mails that came in and that a person must look at: to be read, and put aside when nothing is to be done."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.audit import Actor, record
from caseflow.cases.queue import LAST_ID
from caseflow.cases.worklist import mail_within
from caseflow.database import db
from caseflow.messages.models import IncomingMail


def find(staff: Staff, mail_id: int, *, for_act: bool = False) -> IncomingMail | None:
    """A mail that a person was to look at, or None when there is none for this one."""
    if abs(mail_id) > LAST_ID:
        return None
    query = sa.select(IncomingMail).where(IncomingMail.id == mail_id, mail_within(staff))
    if for_act:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def put_aside(mail: IncomingMail, *, by: Actor, now: datetime) -> bool:
    """Nothing is to be done about it; False when it was not waiting any more."""
    if mail.outcome != "held":
        return False
    mail.outcome = "ignored"
    record("mail", mail.id, "put_aside", by=by, at=now)
    return True
