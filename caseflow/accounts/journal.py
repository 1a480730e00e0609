"""What happens to accounts, written into the audit's event table.

By its columns and not by its model: the audit room stands above this one, because it knows who acts.
"""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa

from caseflow.accounts.actors import Actor
from caseflow.database import db

NOBODY = 0  # the subject of a sign-in with an address that no account has
WRITE = sa.text(
    "INSERT INTO event (at, subject, subject_id, verb, actor, staff_id, data)"
    " VALUES (:at, 'staff', :subject_id, :verb, :actor, :staff_id, CAST(:data AS jsonb))"
)


def record(verb: str, staff_id: int | None, *, by: Actor, at: datetime, **data: object) -> None:
    """One event about one account, or about none that there is, in the running unit of work."""
    facts = {"verb": verb, "subject_id": staff_id or NOBODY, "at": at, "data": json.dumps(data)}
    db.session.execute(WRITE, {**facts, "actor": by.role, "staff_id": by.staff_id})
