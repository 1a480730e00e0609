"""SMS to send, and what a worker leaves behind that died over one."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from caseflow import clock
from caseflow.cases.models import Case
from caseflow.database import db, unit_of_work
from caseflow.messages import fate, outbox
from caseflow.messages.models import Attempt, Message

NUMBER = "+46701740605"
LATELY = timedelta(minutes=2)


def text(case: Case, body: str = "Vi sökte dig. Ring 0122-850 00.", number: str = NUMBER) -> Message:
    """A notice by SMS that waits in the outbox; it ends with the case's number, as all of them do."""
    now = clock.now()
    with unit_of_work():
        return outbox.put(
            Message(
                case_id=case.id,
                channel="sms",
                purpose="notice",
                language="sv",
                recipient={"name": case.name, "phone": number},
                subject=case.subject,
                body=f"{body} {case.number}",
                frame={"case_number": case.number},
                next_attempt_at=now,
                created_at=now,
            )
        )


def attempted(message: Message, outcome: str | None = None, ago: timedelta = LATELY, ref: str | None = None) -> None:
    """One more attempt of the past. Without an outcome its worker died calling, and the lease is over now.

    The outcome becomes the message's status when it is one; `ref` is the provider's name for what was accepted.
    """
    now = clock.now()
    with unit_of_work() as session:
        row = session.get_one(Message, message.id, with_for_update=True, populate_existing=True)
        last = session.scalar(sa.select(sa.func.max(Attempt.number)).where(Attempt.message_id == row.id)) or 0
        ended = None if outcome is None else now - ago + timedelta(seconds=1)
        session.add(Attempt(message_id=row.id, number=last + 1, started_at=now - ago, ended_at=ended, outcome=outcome))
        row.attempts, row.provider_ref = row.attempts + 1, ref or row.provider_ref
        row.status = {None: "calling", "accepted": "accepted", "unknown": "unknown"}.get(outcome, "queued")
        row.lease_until = now - timedelta(seconds=1) if outcome is None else None


def begun(message: Message, ago: timedelta) -> None:
    """Let all attempts of the message have begun so much earlier."""
    with unit_of_work() as session:
        earlier = sa.update(Attempt).where(Attempt.message_id == message.id)
        session.execute(earlier.values(started_at=Attempt.started_at - ago))
        leased = sa.update(Message).where(Message.id == message.id, Message.lease_until.is_not(None))
        session.execute(leased.values(lease_until=Message.lease_until - ago))


def again(message: Message) -> None:
    """A person wants it sent once more."""
    with unit_of_work():
        fate.requeue(db.session.get_one(Message, message.id, with_for_update=True), now=clock.now())
