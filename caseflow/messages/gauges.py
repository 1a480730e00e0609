"""What the outbox holds and how it fares, in one statement: for /readyz and /metrics.

Everything is counted through an index that holds only what is alive, or over the last hour. What was accepted by a
provider or has reached its resident is never counted: it grows for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from caseflow.database import db
from caseflow.messages.limits import IN_HAND, IN_HOUSE, IN_TROUBLE, QUEUE, in_hand_too_long
from caseflow.messages.models import Attempt, IncomingMail, LetterBatch, Message, Pulse

RECENT = timedelta(hours=1)
# A sweep that lives has taken up by then what lost its worker.
GRACE = timedelta(seconds=60)
Text = sa.ColumnElement[Any] | sa.orm.InstrumentedAttribute[Any]


class Gauge(NamedTuple):
    """One figure: its name, what it is about (`first` and `second`: see `read`), and its value."""

    name: str
    first: str
    second: str
    value: float


def read(now: datetime) -> list[Gauge]:
    """All figures as they are now. By name, with what `first` and `second` say:

    messages (channel, status): in the house or in trouble · oldest_due (channel): seconds that it waits past its time ·
    stuck: past their lease · attempts (channel, outcome): ended within RECENT · batches (handover): not posted ·
    mail (outcome): to be read by a worker or a person · pulse (name): seconds since it last beat.
    """
    return [Gauge(*row) for row in db.session.execute(sa.union_all(*parts(now)))]


def parts(now: datetime) -> Sequence[sa.Select[Any]]:
    """The statement's parts; each has the columns of a Gauge."""
    return (*_messages(), _oldest_due(now), _stuck(now), _attempts(now), _batches(), _mail(), _pulses(now))


def _messages() -> Sequence[sa.Select[Any]]:
    """A part for each partial index that holds them."""
    return [
        _counted("messages", Message.channel, Message.status).where(those)
        for those in (QUEUE, IN_HAND, IN_HOUSE, IN_TROUBLE)
    ]


def _oldest_due(now: datetime) -> sa.Select[Any]:
    waits = sa.extract("epoch", sa.literal(now) - sa.func.min(Message.next_attempt_at))
    query = _gauge("oldest_due", waits, Message.channel).where(QUEUE, Message.next_attempt_at <= now)
    return query.group_by(Message.channel)


def _stuck(now: datetime) -> sa.Select[Any]:
    return _gauge("stuck", sa.func.count()).select_from(Message).where(in_hand_too_long(now, GRACE))


def _attempts(now: datetime) -> sa.Select[Any]:
    query = _counted("attempts", Message.channel, Attempt.outcome)
    return query.join(Message, Message.id == Attempt.message_id).where(Attempt.ended_at > now - RECENT)


def _batches() -> sa.Select[Any]:
    return _counted("batches", LetterBatch.handover).where(LetterBatch.posted_at.is_(None))


def _mail() -> sa.Select[Any]:
    unread = IncomingMail.outcome.in_([sa.literal_column("'received'"), sa.literal_column("'held'")])
    return _counted("mail", IncomingMail.outcome).where(unread)


def _pulses(now: datetime) -> sa.Select[Any]:
    return _gauge("pulse", sa.extract("epoch", sa.literal(now) - Pulse.at), Pulse.name)


def _counted(name: str, *by: sa.orm.InstrumentedAttribute[Any]) -> sa.Select[Any]:
    return _gauge(name, sa.func.count(), *by).group_by(*by).select_from(by[-1].class_)


def _gauge(name: str, value: sa.ColumnElement[Any], *by: Text) -> sa.Select[Any]:
    nothing: sa.ColumnElement[Any] = sa.literal_column("''")
    first, second = (*by, nothing, nothing)[:2]
    return sa.select(sa.literal_column(f"'{name}'"), first, second, sa.cast(value, sa.Float))
