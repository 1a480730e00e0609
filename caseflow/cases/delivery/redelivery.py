"""What a person does about a message that has not arrived: another way, once more, or "it did arrive"."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from psycopg.errors import LockNotAvailable

from caseflow.accounts.models import Staff
from caseflow.audit import Actor, Event, record
from caseflow.cases import lifecycle
from caseflow.cases.models import Case
from caseflow.cases.scope import messages_within, within
from caseflow.database import LAST_ID, db
from caseflow.messages import fate
from caseflow.messages.models import TROUBLE, Message


class MovedOn(Exception):
    """The message is no longer in the state that the act is for: somebody, or a worker, was there before."""


class AlreadyDone(Exception):
    """This person has done exactly this already: a double click."""


def locked(staff: Staff, case: Case, message_id: int) -> Message | None:
    """A message of the case, locked after its case. Raises `MovedOn` while a worker holds it.

    It does not wait: who holds the message is just deciding its fate, so the act is for a state that has passed.
    """
    query = messages_within(staff).where(Message.id == message_id, Message.case_id == case.id)
    query = query.with_for_update(of=Message, nowait=True)
    try:
        return db.session.scalar(query.execution_options(populate_existing=True))
    except sa.exc.OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise MovedOn from error
        raise


def redirect(case: Case, message: Message, *, channel: str, reason: str, by: Actor, now: datetime) -> None:
    """The same words by another channel. Raises `MovedOn` when a provider has it."""
    if message.entry_id is None or not fate.recallable(message):
        raise MovedOn
    lifecycle.redirect(case, message, channel=channel, reason=reason, by=by, now=now)


def recall(case: Case, message: Message, *, reason: str, by: Actor, now: datetime) -> None:
    """Not to be sent after all. Raises `MovedOn` when a provider has it."""
    if message.entry_id is None or not fate.recallable(message):
        raise MovedOn
    lifecycle.recall(case, message, reason=reason, by=by, now=now)


def settle(case: Case, message: Message, *, arrived: bool, by: Actor, now: datetime) -> None:
    """A person found out what became of an `unknown` message. Raises `MovedOn`, `AlreadyDone`."""
    _expect(("unknown",), case, message, "settle", by, {"message": message.id, "arrived": arrived})
    fate.settle(message, arrived=arrived, now=now)
    record("case", case.id, "settle", by=by, at=now, message=message.id, channel=message.channel, arrived=arrived)


def resend(case: Case, message: Message, *, by: Actor, now: datetime) -> None:
    """Send it again, by the same channel to the same address; what waits for its next try is tried at once.

    Raises `MovedOn`, `AlreadyDone`.
    """
    before = message.status
    if waits_for_next_try(message, now):
        fate.hasten(message, now=now)
    else:
        _expect(TROUBLE, case, message, "resend", by, {"message": message.id})
        fate.requeue(message, now=now)
    facts: dict[str, Any] = {"message": message.id, "channel": message.channel, "outcome": before}
    record("case", case.id, "resend", by=by, at=now, **facts)


def handle(case: Case, message: Message, *, note: str, by: Actor, now: datetime) -> None:
    """A person has seen to it in some other way, which the note tells. Raises `MovedOn`, `AlreadyDone`."""
    if message.handled_at is not None and message.handled_by == by.staff_id:
        raise AlreadyDone
    if message.status not in TROUBLE or message.handled_at is not None or by.staff_id is None:
        raise MovedOn
    fate.handle(message, by=by.staff_id, now=now)
    facts: dict[str, Any] = {"message": message.id, "channel": message.channel, "outcome": message.status}
    record("case", case.id, "handled", by=by, at=now, reason=note, **facts)


def waits_for_next_try(message: Message, now: datetime) -> bool:
    """Whether a try has failed and the next is still to come."""
    return message.status == "queued" and message.attempts > 0 and message.next_attempt_at > now


def number_of(staff: Staff, message_id: int) -> str | None:
    """The number of the message's case, or None when there is no such message for this person."""
    if abs(message_id) > LAST_ID:
        return None
    query = sa.select(Case.number).join(Message, Message.case_id == Case.id)
    return db.session.scalar(query.where(Message.id == message_id, within(staff)))


def _expect(
    statuses: Collection[str], case: Case, message: Message, verb: str, by: Actor, facts: dict[str, object]
) -> None:
    """The message is in a state that the act is for; these acts leave the case's version as it is."""
    if message.status in statuses:
        return
    last = sa.select(Event).where(Event.subject == "case", Event.subject_id == case.id, Event.verb == verb)
    event = db.session.scalar(last.order_by(Event.id.desc()).limit(1))
    if event is not None and event.staff_id == by.staff_id and facts.items() <= event.data.items():
        raise AlreadyDone
    raise MovedOn
