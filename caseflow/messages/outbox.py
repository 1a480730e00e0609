"""The outbox: put, claim, deliver, sweep. The table is the queue; a ring to a worker only saves waiting.

Claim, call and record are three short transactions and none is open while a provider is called. `calling` is
committed before the call, so after a crash the row says whether the provider may have the message.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert

from caseflow import broker, clock
from caseflow.database import after_commit, db, unit_of_work
from caseflow.messages.channels import REGISTRY
from caseflow.messages.channels.port import Absent, Accepted, Rejected, Unknown
from caseflow.messages.models import MAX_ATTEMPTS, Attempt, Message, Pulse
from caseflow.messages.throttle import limited, turn_of, worth_ringing

log = structlog.get_logger(__name__)

# Longer than a task may live (broker.init_app), so no worker records after its lease is gone. A config's
# OUTBOX_LEASE says another one.
LEASE = timedelta(seconds=100)
# How long after each refusal that is not final it is tried again. A config's OUTBOX_LADDER says other ones.
RETRY_LADDER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
# Messages that one sweep sees to, at most.
SWEEP_LIMIT = 1000
# Seconds between tries to write down what became of a call, while the database is away.
RECORD_PAUSES = (0.2, 1, 3, 5)

Config = Mapping[str, Any]
Outcome = Accepted | Rejected | Unknown | Absent
# Told in the recording transaction when a message has ended badly, so that its case can be given back.
Failed = Callable[[Message, datetime], None]

_CASE = sa.table("case", sa.column("id"))


def put(message: Message) -> Message:
    """Add a message to the running unit of work and ring a worker once that is committed.

    For one that is held nobody is rung: when its time has come a sweep finds it, and until then nothing waits anywhere.
    """
    db.session.add(message)
    db.session.flush()
    if message.hold_until is None:
        after_commit(lambda: broker.ring("deliver", message.id))
    return message


def deliver(message_id: int, config: Config, failed: Failed) -> None:
    """Send one message if it is due, nobody else has it and its channel has room; a second ring finds nothing to do."""
    lease = config.get("OUTBOX_LEASE", LEASE)
    number = _claim(message_id, clock.now(), lease, config)
    message = number and _begin_call(message_id, number, clock.now(), lease)
    if not number or not message:
        return
    outcome = _send(message, config)
    ladder = config.get("OUTBOX_LADDER", RETRY_LADDER)
    if isinstance(outcome, Unknown) and outcome.ask_again:
        _record_surely(partial(_leave_open, message_id, number, outcome.ask_again))
    else:
        _record_surely(partial(_record, message_id, number, "calling", outcome, failed, ladder))
    if limited(message.channel, config):
        _ring_next(message.channel)


def sweep(config: Config, failed: Failed) -> int:
    """Take up what a crash or a lost ring left behind; returns how many messages were rung for.

    The broker does not say for whom it holds rings. So as many are added as it has too few, the longest due first;
    a stalled worker then does not make it fill up, and every lost ring has its turn.
    """
    _take_up_expired(config, failed)
    with unit_of_work():
        beat("sweep", clock.now())
    query = sa.select(Message.id, Message.channel).where(
        Message.status == "queued", Message.next_attempt_at <= clock.now()
    )
    found = db.session.execute(query.order_by(Message.next_attempt_at, Message.id).limit(SWEEP_LIMIT)).all()
    db.session.rollback()
    due = worth_ringing([(message_id, channel) for message_id, channel in found], config)
    unheard = due[: max(0, len(due) - (broker.waiting() or 0))]
    for message_id in unheard:
        if not broker.ring("deliver", message_id):
            break
    return len(unheard)


def beat(name: str, now: datetime) -> None:
    """Write that something is alive, for /readyz."""
    statement = insert(Pulse).values(name=name, at=now)
    db.session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": now}))


def _claim(message_id: int, now: datetime, lease: timedelta, config: Config) -> int | None:
    """Compare and set: one worker gets the row and the number of the attempt that it makes, or nobody does."""
    with unit_of_work() as session:
        turn = turn_of(message_id, config, now)
        if not turn.has_come:
            return None
        claim = (
            sa.update(Message)
            .where(Message.id == message_id, Message.status == "queued", Message.next_attempt_at <= now)
            .values(status="claimed", attempts=Message.attempts + 1, lease_until=now + lease)
            .returning(Message.id)
            .execution_options(synchronize_session=False)
        )
        if session.scalar(claim) is None:
            return None
        turn.take()
        last = sa.select(sa.func.coalesce(sa.func.max(Attempt.number), 0)).where(Attempt.message_id == message_id)
        number = session.scalars(last).one() + 1
        session.add(Attempt(message_id=message_id, number=number, started_at=now))
        return number


def _ring_next(channel: str) -> None:
    """Of a channel with limits, rings that found no room came to nothing: whoever makes room rings for the next."""
    due = sa.select(Message.id).where(Message.status == "queued", Message.next_attempt_at <= clock.now())
    following = due.where(Message.channel == channel).order_by(Message.next_attempt_at, Message.id).limit(1)
    message_id = db.session.scalar(following)
    db.session.rollback()
    if message_id is not None:
        broker.ring("deliver", message_id)


def _begin_call(message_id: int, number: int, now: datetime, lease: timedelta) -> Message | None:
    """Commit `calling`, then hand back the message detached: no transaction is open during the call.

    None when the sweep has taken the claim away meanwhile, because this worker slept past its lease.
    """
    with unit_of_work() as session:
        message = _in_attempt(message_id, number, "claimed")
        if message is None:
            return None
        message.status, message.lease_until = "calling", now + lease
        session.flush()
        session.expunge_all()
    return message


def _send(message: Message, config: Config) -> Outcome:
    """A channel's fault must not stop other messages; what it left outside, the channel can sometimes say."""
    try:
        return REGISTRY[message.channel].send(message, config)
    except Exception as error:
        reason = _fault("channel_crashed", message, error)
        unsent = isinstance(_reconcile(message, config), Absent)
        return Rejected(permanent=False, reason=reason) if unsent else Unknown(reason)


def _reconcile(message: Message, config: Config) -> Outcome:
    """After a crash while calling: what the channel can find out."""
    try:
        return REGISTRY[message.channel].reconcile(message, config)
    except Exception as error:
        return Unknown(_fault("reconciling_crashed", message, error))


def _fault(event: str, message: Message, error: Exception) -> str:
    """Log it without the error's own words, which may hold what a resident wrote."""
    log.error(event, message=message.id, channel=message.channel, error=type(error).__name__)
    return f"{type(error).__name__}: {error}"[:200]


def _record_surely(record: Callable[[], None]) -> None:
    """A database that restarts, or ends us to end a deadlock, must not make `unknown` of what we know."""
    for pause in RECORD_PAUSES:
        try:
            return record()
        except sa.exc.OperationalError as error:
            log.warning("recording_again", error=type(error.orig).__name__)
            time.sleep(pause)
    return record()


def _record(
    message_id: int,
    number: int,
    expected: str,
    outcome: Outcome,
    failed: Failed,
    ladder: Sequence[timedelta] = RETRY_LADDER,
) -> None:
    """Write what became of an attempt, unless somebody else has ended it. One unit of work."""
    with unit_of_work():
        if not isinstance(outcome, Accepted):
            lock_case(message_id)
        message = _in_attempt(message_id, number, expected)
        if message is None:
            log.warning("attempt_was_over", message=message_id, attempt=number, outcome=_name(outcome))
            return
        now = clock.now()
        _apply(message, outcome, now, ladder)
        _close_attempt(message, number, "died" if expected == "claimed" else _name(outcome), now)
        log.info("message_" + message.status, message=message_id, channel=message.channel, attempt=number)
        if message.status in ("failed", "unknown"):
            failed(message, now)


def _leave_open(message_id: int, number: int, wait: timedelta) -> None:
    """The channel may know more later: until then the row stays in hand, and then the sweep asks, as after a crash."""
    with unit_of_work():
        message = _in_attempt(message_id, number, "calling")
        if message is not None:
            message.lease_until = clock.now() + wait
            log.info("asking_later", message=message_id, channel=message.channel, attempt=number)


def _apply(message: Message, outcome: Outcome, now: datetime, ladder: Sequence[timedelta] = RETRY_LADDER) -> None:
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
            _retry_later(message, reason, now, ladder)
        case Absent(at_once):
            waits = (timedelta(),) * MAX_ATTEMPTS if at_once else ladder
            _retry_later(message, "interrupted before it was sent", now, waits)


def _name(outcome: Outcome) -> str:
    return type(outcome).__name__.lower()


def _in_attempt(message_id: int, number: int, status: str) -> Message | None:
    """The message, locked, if it still is in this state of this attempt."""
    message = db.session.get_one(Message, message_id, with_for_update=True, populate_existing=True)
    still_open = sa.select(Attempt.number).where(Attempt.message_id == message_id, Attempt.ended_at.is_(None))
    return message if message.status == status and db.session.scalar(still_open) == number else None


def lock_case(message_id: int) -> None:
    """The case before its message, in the order in which staff lock them: the other way round is a deadlock."""
    owner = sa.select(Message.case_id).where(Message.id == message_id).scalar_subquery()
    db.session.execute(sa.select(_CASE.c.id).where(_CASE.c.id == owner).with_for_update())


def _retry_later(message: Message, reason: str, now: datetime, ladder: Sequence[timedelta]) -> None:
    message.error = reason
    if message.attempts >= MAX_ATTEMPTS:
        message.status = "failed"
        return
    message.status = "queued"
    message.next_attempt_at = now + ladder[message.attempts - 1]


def _close_attempt(message: Message, number: int, outcome: str, now: datetime) -> None:
    db.session.execute(
        sa.update(Attempt)
        .where(Attempt.message_id == message.id, Attempt.number == number)
        .values(ended_at=now, outcome=outcome, detail=message.error)
    )


def _take_up_expired(config: Config, failed: Failed) -> None:
    """Workers died. Before the call nothing went out, so the row simply waits again; during it the channel says what
    it can, else a person must. Each message is for itself: one that cannot be settled holds up no other."""
    held = sa.and_(Attempt.message_id == Message.id, Attempt.ended_at.is_(None))
    expired = sa.select(Message, Attempt.number).join(Attempt, held).where(Message.lease_until < clock.now())
    fresh = expired.order_by(Message.lease_until).limit(SWEEP_LIMIT).execution_options(populate_existing=True)
    rows = db.session.execute(fresh).all()
    db.session.expunge_all()
    db.session.rollback()
    for message, number in rows:
        outcome = Absent() if message.status == "claimed" else _reconcile(message, config)
        try:
            _record(message.id, number, message.status, outcome, failed, config.get("OUTBOX_LADDER", RETRY_LADDER))
        except Exception as error:
            _fault("sweep_stumbled", message, error)
