"""Letters that the post brings back: found by what stands on them, registered, and their cases given back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.audit import Actor, record
from caseflow.cases import codes, lifecycle
from caseflow.cases.models import Case
from caseflow.cases.relations import family
from caseflow.cases.scope import messages_handled_by
from caseflow.cases.triage.queue import number_of
from caseflow.database import db
from caseflow.messages import fate
from caseflow.messages.models import Message

# Letters of one case that somebody has to choose from, the latest first.
SHOWN = 10
_CODE = re.compile(rf"[{codes.ALPHABET}]{{{codes.LENGTH}}}")


def candidates(staff: Staff, typed: str, today: date) -> Sequence[Message]:
    """The posted letters of the case that somebody means by its number, or by what a scanner reads off the QR code."""
    number = _number(staff, typed, today)
    query = messages_handled_by(staff).where(Case.number == number, Message.channel == "letter")
    query = query.where(Message.status == "delivered").order_by(Message.delivered_at.desc(), Message.id.desc())
    return db.session.scalars(query.limit(SHOWN)).all() if number else ()


def posted(staff: Staff, message_id: int) -> Message | None:
    """One posted letter, locked after its case; None when this person has none such, or when it is back already."""
    owner = messages_handled_by(staff).where(Message.id == message_id).with_only_columns(Message.case_id)
    case_id = db.session.scalar(owner)
    if case_id is None:
        return None
    family.locked(Case.id == case_id)
    query = sa.select(Message).where(Message.id == message_id, Message.channel == "letter")
    query = query.where(Message.status == "delivered")
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def register(message: Message, *, reason: str, by: Actor, now: datetime) -> None:
    """The letter is back: `reason` is one of refusals.RETURNED."""
    fate.came_back(message, reason=reason)
    assert message.case_id is not None
    record("case", message.case_id, "returned", by=by, at=now, message=message.id)
    lifecycle.undelivered(message, now)


def _number(staff: Staff, typed: str, today: date) -> str | None:
    """A QR code holds the address of the own page, and its code the case."""
    found = _CODE.search(codes.normalise(typed.rpartition("/")[2]))
    if found:
        return db.session.scalar(sa.select(Case.number).where(Case.code == found.group()))
    return number_of(staff, typed, today)
