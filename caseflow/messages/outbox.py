"""The outbox: put, claim, deliver, sweep. The table is the queue; a ring to a worker only saves waiting.

Claim, call and record are three short transactions and none is open while a provider is called. `calling` is
committed before the call, so after a crash the row says whether the provider may have the message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert

from caseflow import broker, clock
from caseflow.database import after_commit, db, unit_of_work
from caseflow.messages.channels import REGISTRY
from caseflow.messages.channels.port import Absent, Accepted, Rejected, Unknown
from caseflow.messages.models import MAX_ATTEMPTS, Attempt, Message, Pulse

log = structlog.get_logger(__name__)

# Longer than a task may live (broker.init_app), so no worker records after its lease is gone.
LEASE = timedelta(seconds=100)
RETRY_LADDER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
SWEEP_LIMIT = 200

Outcome = Accepted | Rejected | Unknown
# Told in the recording transaction when a message has ended badly, so that its case can be given back.
Failed = Callable[[Message, datetime], None]


def put(message: Message) -> Message:
    """Add a message to the running unit of work and ring a worker once that is committed."""
    db.session.add(message)
    db.session.flush()
    after_commit(lambda: broker.ring("deliver", message.id))
    return message


def deliver(message_id: int, config: Mapping[str, Any], failed: Failed) -> None:
    """Send one message if it is due and nobody else has it; a second ring finds nothing to do."""
    attempts = _claim(message_id, clock.now())
    message = attempts and _begin_call(message_id, attempts, clock.now())
    if not message:
        return
    outcome = _send(message, config)
    with unit_of_work():
        _record(message_id, outcome, clock.now(), failed)


def sweep(config: Mapping[str, Any], failed: Failed) -> int:
    """Take up what a crash or a lost ring left behind; returns how many due messages were rung for."""
    _requeue_expired_claims(failed)
    _settle_expired_calls(config, failed)
    with unit_of_work():
        beat("sweep", clock.now())
    due = sa.select(Message.id).where(Message.status == "queued", Message.next_attempt_at <= clock.now())
    waiting = db.session.scalars(due.order_by(Message.next_attempt_at).limit(SWEEP_LIMIT)).all()
    db.session.rollback()
    for message_id in waiting:
        if not broker.ring("deliver", message_id):
            break
    return len(waiting)


def settle(message: Message, *, arrived: bool, now: datetime) -> None:
    """A person decides an `unknown`: it arrived, or it is to be sent again."""
    _expect(message, "unknown")
    if arrived:
        message.status, message.accepted_at, message.error = "accepted", now, None
        return
    requeue(message, now=now)


def requeue(message: Message, *, now: datetime) -> None:
    """Send it again from the start of the ladder, by the same channel."""
    _expect(message, "unknown", "failed")
    first = sa.select(sa.func.coalesce(sa.func.max(Attempt.number), 0)).where(Attempt.message_id == message.id)
    log.info("message_requeued", message=message.id, earlier_attempts=db.session.scalar(first))
    message.status, message.attempts, message.next_attempt_at, message.error = "queued", 0, now, None
    after_commit(lambda: broker.ring("deliver", message.id))


def cancel(message: Message) -> None:
    """Take a message back that no provider has; one that waits in the call list or the letter pile still can be."""
    in_house = message.status == "accepted" and message.channel in ("phone", "letter") and message.batch_id is None
    if not in_house:
        _expect(message, "queued", "failed", "unknown")
    message.status = "cancelled"


def arrived(message: Message, *, now: datetime) -> None:
    """A person has brought it there: the resident was reached by phone, or the letter is posted."""
    _expect(message, "accepted")
    message.status, message.delivered_at = "delivered", now


def unreachable(message: Message, *, reason: str) -> None:
    """A person has found that it cannot be brought there; the caller gives its case back."""
    _expect(message, "accepted")
    message.status, message.error = "failed", reason


def beat(name: str, now: datetime) -> None:
    """Write that something is alive, for /readyz."""
    statement = insert(Pulse).values(name=name, at=now)
    db.session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": now}))


def _expect(message: Message, *statuses: str) -> None:
    if message.status not in statuses:
        raise ValueError(f"a message that is {message.status} cannot do this")


def _claim(message_id: int, now: datetime) -> int | None:
    """Compare and set: one worker gets the row and learns which attempt it makes, or nobody does."""
    with unit_of_work() as session:
        claim = (
            sa.update(Message)
            .where(Message.id == message_id, Message.status == "queued", Message.next_attempt_at <= now)
            .values(status="claimed", attempts=Message.attempts + 1, lease_until=now + LEASE)
            .returning(Message.attempts)
            .execution_options(synchronize_session=False)
        )
        attempts = session.scalar(claim)
        if attempts is None:
            return None
        number = sa.select(sa.func.coalesce(sa.func.max(Attempt.number), 0) + 1).where(Attempt.message_id == message_id)
        session.add(Attempt(message_id=message_id, number=session.scalar(number), started_at=now))
        return attempts


def _begin_call(message_id: int, attempts: int, now: datetime) -> Message | None:
    """Commit `calling`, then hand back the message detached: no transaction is open during the call.

    None when the sweep has taken the claim away meanwhile, because this worker slept past its lease.
    """
    with unit_of_work() as session:
        message = session.get_one(Message, message_id, with_for_update=True, populate_existing=True)
        if message.status != "claimed" or message.attempts != attempts:
            return None
        message.status, message.lease_until = "calling", now + LEASE
    db.session.expunge_all()
    return message


def _send(message: Message, config: Mapping[str, Any]) -> Outcome:
    try:
        return REGISTRY[message.channel].send(message, config)
    except Exception as error:  # a channel's fault must not stop the others; whether it sent, nobody knows
        log.exception("channel_crashed", message=message.id, channel=message.channel)
        return Unknown(f"{type(error).__name__}: {error}"[:200])


def _record(message_id: int, outcome: Outcome | Absent, now: datetime, failed: Failed) -> None:
    """Write what became of a call; called inside a unit of work."""
    message = db.session.get_one(Message, message_id, with_for_update=True, populate_existing=True)
    if message.status != "calling":
        return
    message.lease_until = None
    match outcome:
        case Accepted(reference):
            message.status, message.accepted_at = "accepted", now
            message.provider_ref, message.error = reference, None
        case Unknown(reason):
            message.status, message.error = "unknown", reason
        case Rejected(True, reason):
            message.status, message.error = "failed", reason
        case Rejected(False, reason):
            _retry_later(message, reason, now)
        case Absent():
            _retry_later(message, "interrupted before it was sent", now, wait=timedelta())
    _close_attempt(message, type(outcome).__name__.lower(), now)
    log.info("message_" + message.status, message=message.id, channel=message.channel, attempt=message.attempts)
    if message.status in ("failed", "unknown"):
        failed(message, now)


def _retry_later(message: Message, reason: str, now: datetime, wait: timedelta | None = None) -> None:
    message.error = reason
    if message.attempts >= MAX_ATTEMPTS:
        message.status = "failed"
        return
    message.status = "queued"
    message.next_attempt_at = now + (RETRY_LADDER[message.attempts - 1] if wait is None else wait)


def _close_attempt(message: Message, outcome: str, now: datetime) -> None:
    db.session.execute(
        sa.update(Attempt)
        .where(Attempt.message_id == message.id, Attempt.ended_at.is_(None))
        .values(ended_at=now, outcome=outcome, detail=message.error)
    )


def _requeue_expired_claims(failed: Failed) -> None:
    """A worker died before it called: nothing went out, so the row simply waits again."""
    with unit_of_work() as session:
        now = clock.now()
        for message in session.scalars(_expired("claimed", now)):
            message.lease_until = None
            _retry_later(message, "the worker died before sending", now, wait=timedelta())
            _close_attempt(message, "died", now)
            if message.status == "failed":
                failed(message, now)


def _settle_expired_calls(config: Mapping[str, Any], failed: Failed) -> None:
    """A worker died while it called: the channel says what it can, else a person must."""
    stuck = list(db.session.scalars(_expired("calling", clock.now(), lock=False)))
    db.session.expunge_all()
    db.session.rollback()
    for message in stuck:
        outcome = REGISTRY[message.channel].reconcile(message, config)
        with unit_of_work():
            _record(message.id, outcome, clock.now(), failed)


def _expired(status: str, now: datetime, lock: bool = True) -> sa.Select[tuple[Message]]:
    query = sa.select(Message).where(Message.status == status, Message.lease_until < now).limit(SWEEP_LIMIT)
    return query.with_for_update(skip_locked=True) if lock else query
