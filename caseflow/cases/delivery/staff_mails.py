"""Mail to colleagues that has not arrived, and what who manages accounts does about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.audit import record
from caseflow.database import LAST_ID, db
from caseflow.messages import fate, limits
from caseflow.messages.models import TROUBLE, Message

MOST = 100


def waiting(now: datetime) -> Sequence[Message]:
    """What did not arrive or waits too long, the oldest first."""
    return db.session.scalars(sa.select(Message).where(*_waits(now)).order_by(Message.id).limit(MOST)).all()


def count(now: datetime) -> int:
    """How many there are of them."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Message).where(*_waits(now))) or 0


def find(message_id: int) -> Message | None:
    """A mail to staff, locked; None when there is none of this id."""
    if abs(message_id) > LAST_ID:
        return None
    query = sa.select(Message).where(Message.id == message_id, Message.staff_id.is_not(None)).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def send_again(message: Message, *, by: Staff, now: datetime) -> bool:
    """By the same way to the same address; False when it has moved on meanwhile."""
    before = message.status
    if waits_for_next_try(message, now):
        fate.hasten(message, now=now)
    elif before in TROUBLE and message.handled_at is None:
        fate.requeue(message, now=now)
    else:
        return False
    _record("mail_sent_again", message, by, now, outcome=before)
    return True


def handle(message: Message, *, note: str, by: Staff, now: datetime) -> bool:
    """Seen to in some other way; False when somebody was there before."""
    if message.status not in TROUBLE or message.handled_at is not None:
        return False
    fate.handle(message, by=by.id, now=now)
    _record("mail_handled", message, by, now, reason=note, outcome=message.status)
    return True


def waits_for_next_try(message: Message, now: datetime) -> bool:
    """Whether a try has failed and the next is still to come."""
    return message.status == "queued" and message.attempts > 0 and message.next_attempt_at > now


def _waits(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    late = sa.or_(limits.queued_too_long(now), limits.in_hand_too_long(now))
    return Message.staff_id.is_not(None), sa.or_(limits.IN_TROUBLE, late)


def _record(verb: str, message: Message, by: Staff, now: datetime, **facts: Any) -> None:
    assert message.staff_id is not None
    record("staff", message.staff_id, verb, by=by.as_actor(), at=now, message=message.id, **facts)
