"""What becomes of a message otherwise than by a worker: what people decide, and what is learnt after acceptance."""

from __future__ import annotations

from datetime import datetime

import structlog

from caseflow import broker, clock
from caseflow.database import after_commit, db, unit_of_work
from caseflow.messages.channels.port import Delivered, Lost
from caseflow.messages.models import TROUBLE, Message
from caseflow.messages.outbox import Failed, lock_case

log = structlog.get_logger(__name__)


def report(message_id: int, news: Delivered | Lost, failed: Failed) -> bool:
    """What a provider, a bounce or the post tells after acceptance; told twice it changes nothing. One unit of work.

    False while a worker has the message in hand, because the news came before the worker's own record of the call: the
    teller is to come again. News of a message that nobody has accepted, or that has ended otherwise, is only logged.
    """
    with unit_of_work():
        lock_case(message_id)
        message = db.session.get(Message, message_id, with_for_update=True, populate_existing=True)
        if message is not None and message.status in ("claimed", "calling"):
            return False
        if message is None or not _take_in(message, news, clock.now()):
            log.info("news_ignored", message=message_id, news=type(news).__name__.lower())
        elif isinstance(news, Lost):
            failed(message, clock.now())
        return True


def settle(message: Message, *, arrived: bool, now: datetime) -> None:
    """A person decides an `unknown`: it arrived, or it is to be sent again."""
    _expect(message, "unknown")
    if arrived:
        message.status, message.accepted_at, message.error = "accepted", now, None
        return
    requeue(message, now=now)


def requeue(message: Message, *, now: datetime) -> None:
    """Send it again from the start of the ladder, by the same channel."""
    _expect(message, *TROUBLE)
    log.info("message_requeued", message=message.id, channel=message.channel)
    message.status, message.attempts, message.next_attempt_at, message.error = "queued", 0, now, None
    message.handled_at = message.handled_by = message.batch_id = None
    after_commit(lambda: broker.ring("deliver", message.id))


def hasten(message: Message, *, now: datetime) -> None:
    """What waits for its next try is tried at once."""
    _expect(message, "queued")
    message.next_attempt_at = now
    after_commit(lambda: broker.ring("deliver", message.id))


def recallable(message: Message) -> bool:
    """Whether no provider has it: so it is also while it waits in the call list or the letter pile."""
    in_house = message.status == "accepted" and message.channel in ("phone", "letter") and message.batch_id is None
    return in_house or message.status in ("queued", *TROUBLE)


def undoable(message: Message, now: datetime) -> bool:
    """Whether it is still held: nobody but the sender has seen it."""
    return message.status == "queued" and message.hold_until is not None and now < message.hold_until


def cancel(message: Message) -> None:
    """Take a message back that is `recallable`."""
    if not recallable(message):
        raise ValueError(f"a {message.channel} message that is {message.status} cannot be taken back")
    message.status, message.taken_by, message.taken_until = "cancelled", None, None


def handle(message: Message, *, by: int, now: datetime) -> None:
    """A person of this id has seen to what went wrong, in whatever way: it is off the worklist."""
    _expect(message, *TROUBLE)
    message.handled_at, message.handled_by = now, by


def arrived(message: Message, *, now: datetime) -> None:
    """A person has brought it there: the resident was reached by phone, or the letter is posted."""
    _expect(message, "accepted")
    message.status, message.delivered_at = "delivered", now
    message.taken_by = message.taken_until = None


def unreachable(message: Message, *, reason: str) -> None:
    """A person has found that it cannot be brought there; the caller gives its case back."""
    _expect(message, "accepted")
    message.status, message.error = "failed", reason
    message.taken_by = message.taken_until = None


def came_back(message: Message, *, reason: str) -> None:
    """The post has brought a letter back; the caller gives its case back."""
    _expect(message, "delivered")
    message.status, message.error, message.delivered_at = "returned", reason, None


def _take_in(message: Message, news: Delivered | Lost, now: datetime) -> bool:
    """Whether the news changes anything. That it arrived is believed of whatever could have gone out."""
    match news:
        case Delivered(at) if message.status in ("accepted", "unknown", "queued", "failed") and message.attempts:
            message.status, message.delivered_at, message.error = "delivered", at or now, None
            message.accepted_at = message.accepted_at or at or now
        case Lost(how, reason) if message.status in ("accepted", "unknown", "delivered"):
            message.status, message.error, message.delivered_at = how, reason, None
        case _:
            return False
    log.info("message_" + message.status, message=message.id, channel=message.channel)
    return True


def _expect(message: Message, *statuses: str) -> None:
    if message.status not in statuses:
        raise ValueError(f"a message that is {message.status} cannot do this")
