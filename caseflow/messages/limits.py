"""How old is too old: what waits longer than its limit is shown to people, beside what went wrong.

The statuses stand in these conditions as constants, so that PostgreSQL can prove that a partial index holds them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import accumulate

import sqlalchemy as sa

from caseflow.messages.models import TROUBLE, LetterBatch, Message
from caseflow.messages.outbox import RETRY_LADDER

# After the time at which a worker should have taken it, or in tries that failed.
QUEUED = dict.fromkeys(("email", "sms", "phone", "letter"), timedelta(hours=1))
# A sweep takes up what has lost its worker within seconds.
PAST_LEASE = timedelta(minutes=5)
# In working days: after the time at which the call was to be made, and after the letter came into the pile.
TO_CALL = TO_BATCH = 2
# In working days: after the batch was made.
TO_POST = 2

Condition = sa.ColumnElement[bool]
# The moment that lies so many working days back.
WorkingDaysAgo = Callable[[int], datetime]


def one_of(column: sa.orm.InstrumentedAttribute[str], *values: str) -> Condition:
    known = [sa.literal_column(f"'{value}'", sa.Text) for value in values]
    return column.in_(known) if len(known) > 1 else column == known[0]


# Something did not arrive, or nobody knows, and nobody has dealt with it yet.
IN_TROUBLE: Condition = sa.and_(one_of(Message.status, *TROUBLE), Message.handled_at.is_(None))
QUEUE: Condition = Message.status == sa.literal_column("'queued'")
IN_HAND: Condition = Message.lease_until.is_not(None)
# What waits for a person of ours: a call to be made, a letter to be printed and posted.
IN_HOUSE: Condition = sa.and_(
    Message.status == sa.literal_column("'accepted'"), one_of(Message.channel, "phone", "letter")
)


def queued_too_long(now: datetime) -> Condition:
    """Nobody has taken it up for so long, or it has been tried for so long."""
    alike: dict[timedelta, list[str]] = {}
    for channel, limit in QUEUED.items():
        alike.setdefault(limit, []).append(channel)
    late = [
        sa.and_(
            one_of(Message.channel, *channels) if len(alike) > 1 else sa.true(),
            sa.or_(Message.next_attempt_at < now - limit, Message.attempts >= _tries_in(limit)),
        )
        for limit, channels in alike.items()
    ]
    return sa.and_(QUEUE, sa.or_(*late))


def in_hand_too_long(now: datetime, grace: timedelta = PAST_LEASE) -> Condition:
    """Its worker is gone, and no sweep has noticed."""
    return sa.and_(IN_HAND, Message.lease_until < now - grace)


def in_house_too_long(ago: WorkingDaysAgo) -> Condition:
    """Not called, or not put into a batch; a letter in a batch is the batch's business."""
    not_called = sa.and_(one_of(Message.channel, "phone"), Message.next_attempt_at < ago(TO_CALL))
    not_printed = sa.and_(
        one_of(Message.channel, "letter"), Message.batch_id.is_(None), Message.accepted_at < ago(TO_BATCH)
    )
    return sa.and_(IN_HOUSE, sa.or_(not_called, not_printed))


def batch_too_long(now: datetime, ago: WorkingDaysAgo) -> Condition:
    """Not posted, or its hand-over does not get on."""
    waits = sa.and_(one_of(LetterBatch.handover, "waiting"), LetterBatch.handover_next_at < now - QUEUED["letter"])
    return sa.or_(LetterBatch.created_at < ago(TO_POST), waits, LetterBatch.handover_lease < now - PAST_LEASE)


def _tries_in(limit: timedelta) -> int:
    """The try at which the ladder has lasted longer than the limit."""
    lasted = accumulate(step.total_seconds() for step in RETRY_LADDER)
    return 2 + next(number for number, seconds in enumerate(lasted) if seconds > limit.total_seconds())
