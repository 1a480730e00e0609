"""Batches on their way to whoever prints them: an outbox of its own, with the same promises as the messages' one.

Claim and record are two short transactions and none is open while the other side is called. `calling` is committed
before the call; after a crash the adapter looks whether the batch is there (see messages.handover).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from caseflow import broker, clock
from caseflow.audit import SYSTEM
from caseflow.cases.models import Municipality
from caseflow.cases.post import letters
from caseflow.cases.post.letter_rules import LetterRules
from caseflow.database import after_commit, db, unit_of_work
from caseflow.messages import handover
from caseflow.messages.handover import Batch, Handed, Missing, Refused, Unclear
from caseflow.messages.models import LetterBatch

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=100)
LADDER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
Outcome = Handed | Refused | Unclear | Missing


class MovedOn(Exception):
    """The batch is no longer in the state that the act is for."""


def put(batch: LetterBatch, *, now: datetime) -> None:
    """Hand it over as soon as the running unit of work is committed."""
    batch.handover, batch.handover_next_at, batch.handover_attempts, batch.handover_error = "waiting", now, 0, None
    after_commit(lambda: broker.ring("hand_over", batch.id))


def again(batch: LetterBatch, *, now: datetime) -> None:
    """A person has it handed over once more. Raises `MovedOn`."""
    if batch.handover not in ("failed", "unknown", "by_hand") or batch.posted_at:
        raise MovedOn
    put(batch, now=now)


def by_hand(batch: LetterBatch) -> None:
    """A person prints it instead, or has found that it is printed. Raises `MovedOn` while it is being handed over."""
    if batch.handover not in ("waiting", "failed", "unknown"):
        raise MovedOn
    batch.handover, batch.handover_next_at, batch.handover_error = "by_hand", None, None


def hand_over(batch_id: int, config: letters.Config) -> None:
    """Hand one batch over if it is due and nobody else has it."""
    if not _claim(batch_id, clock.now()):
        return
    _record(batch_id, _called(batch_id, config), config)


def sweep(config: letters.Config) -> None:
    """Take up what a crash or a lost ring left behind."""
    now = clock.now()
    expired = db.session.scalars(sa.select(LetterBatch.id).where(LetterBatch.handover_lease < now)).all()
    waits = (LetterBatch.handover == "waiting", LetterBatch.handover_next_at <= now)
    due = db.session.scalars(sa.select(LetterBatch.id).where(*waits).order_by(LetterBatch.handover_next_at)).all()
    db.session.rollback()
    for batch_id in expired:
        _record(batch_id, _looked_for(batch_id, config), config)
    for batch_id in due:
        broker.ring("hand_over", batch_id)


def name_of(batch: LetterBatch) -> str:
    """The batch's stable name on the other side."""
    department = re.sub(r"[^a-z0-9]+", "-", batch.department_code.lower()).strip("-") or "x"
    return f"caseflow-{batch.created_at:%Y-%m-%d}-{department}-{batch.id}"


def _claim(batch_id: int, now: datetime) -> bool:
    """Compare and set: one worker gets the row. No worker calls a batch twice in a lease."""
    with unit_of_work() as session:
        claim = (
            sa.update(LetterBatch)
            .where(LetterBatch.id == batch_id, LetterBatch.handover == "waiting", LetterBatch.handover_next_at <= now)
            .values(
                handover="calling",
                handover_lease=now + LEASE,
                handover_attempts=LetterBatch.handover_attempts + 1,
            )
            .returning(LetterBatch.id)
            .execution_options(synchronize_session=False)
        )
        return session.scalar(claim) is not None


def _called(batch_id: int, config: letters.Config) -> Outcome:
    try:
        return handover.hand_over(_drawn(batch_id, config), config)
    except letters.Altered as error:
        return Refused(True, f"the letter of {error} can no longer be drawn as it was")
    except Exception as error:  # one batch's fault stops no other; whether it is there, the adapter can find out
        log.error("handover_crashed", batch=batch_id, error=type(error).__name__)
        found = _looked_for(batch_id, config)
        return Refused(False, f"an error of ours: {type(error).__name__}") if found == Missing() else found


def _looked_for(batch_id: int, config: letters.Config) -> Outcome:
    try:
        return handover.reconcile(_drawn(batch_id, config), config)
    except Exception as error:
        log.error("handover_reconciling_crashed", batch=batch_id, error=type(error).__name__)
        return Unclear(f"an error of ours: {type(error).__name__}")


def _drawn(batch_id: int, config: letters.Config) -> Batch:
    """The batch as it leaves, the same bytes at each try; no transaction stays open."""
    row = db.session.get_one(LetterBatch, batch_id, populate_existing=True)
    try:
        return Batch.of(name_of(row), letters.printed(row, config), letters.lines_of(row))
    finally:
        db.session.rollback()


def _record(batch_id: int, outcome: Outcome, config: letters.Config) -> None:
    """Write what became of it, unless somebody else has. One unit of work."""
    with unit_of_work() as session:
        batch = session.get_one(LetterBatch, batch_id, with_for_update=True, populate_existing=True)
        if batch.handover != "calling":
            return
        now, batch.handover_lease = clock.now(), None
        match outcome:
            case Handed(reference):
                batch.handover, batch.handover_ref, batch.handover_error = "handed", reference, None
                batch.handed_at = now
                if LetterRules.from_dict(session.get_one(Municipality, 1).letters).posted_when_handed_over:
                    letters.post(batch, by=SYSTEM, now=now)
            case Unclear(reason):
                batch.handover, batch.handover_error = "unknown", reason
            case Refused(True, reason):
                batch.handover, batch.handover_error = "failed", reason
            case Refused(False, reason):
                _later(batch, reason, now)
            case Missing():
                _later(batch, "interrupted before it was handed over", now, wait=timedelta())
        log.info("batch_" + batch.handover, batch=batch_id, attempt=batch.handover_attempts)


def _later(batch: LetterBatch, reason: str, now: datetime, wait: timedelta | None = None) -> None:
    batch.handover_error = reason
    if batch.handover_attempts > len(LADDER):
        batch.handover = "failed"
        return
    batch.handover = "waiting"
    batch.handover_next_at = now + (LADDER[batch.handover_attempts - 1] if wait is None else wait)
