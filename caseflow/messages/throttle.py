"""How many messages of a channel may be in hand at once, and how many may begin in a minute.

A provider that hangs then holds a few workers and not all, and a relay with a limit is not overrun. Config's LIMITS
says so by channel; the counting is in the database, so that it holds for all workers on all machines together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from caseflow.database import db
from caseflow.messages.models import Message, Throttle


class Limit(NamedTuple):
    """At most `parallel` messages in hand, and `per_minute` begun; None is no limit."""

    parallel: int | None
    per_minute: int | None


def limited(channel: str, config: Mapping[str, Any]) -> bool:
    """Whether the channel has any limit."""
    return channel in config.get("LIMITS", {})


def worth_ringing(due: Sequence[tuple[int, str]], config: Mapping[str, Any]) -> list[int]:
    """Of the messages (id, channel) that are due, those that may find room: each of them rings for the next when it is
    done (outbox.deliver), so that a long line of a slow channel does not ring in vain all the time."""
    limits: Mapping[str, tuple[int | None, int | None]] = config.get("LIMITS", {})
    places = {channel: parallel or per_minute or 0 for channel, (parallel, per_minute) in limits.items()}
    chosen = []
    for message_id, channel in due:
        if channel in places:
            places[channel] -= 1
        if places.get(channel, 0) >= 0:
            chosen.append(message_id)
    return chosen


@dataclass
class Turn:
    """Whether a message may begin now; `row` is locked until the claiming transaction ends."""

    has_come: bool
    row: Throttle | None = None

    def take(self) -> None:
        """It begins."""
        if self.row is not None:
            self.row.tokens -= 1


def turn_of(message_id: int, config: Mapping[str, Any], now: datetime) -> Turn:
    """Is there room in the message's channel? To be asked inside the claiming transaction."""
    limits: Mapping[str, tuple[int | None, int | None]] = config.get("LIMITS", {})
    waits = sa.select(Message.channel).where(Message.id == message_id, Message.status == "queued")
    channel = db.session.scalar(waits) if limits else None
    if channel is None or channel not in limits:
        return Turn(True)
    limit = Limit(*limits[channel])
    row = _locked(channel, limit, now)
    _refill(row, limit, now)
    return Turn(_room(row, limit), row)


def _locked(channel: str, limit: Limit, now: datetime) -> Throttle:
    first = insert(Throttle).values(channel=channel, tokens=limit.per_minute or 0, filled_at=now)
    db.session.execute(first.on_conflict_do_nothing())
    return db.session.get_one(Throttle, channel, with_for_update=True, populate_existing=True)


def _refill(row: Throttle, limit: Limit, now: datetime) -> None:
    """A minute's worth at most is saved up."""
    if limit.per_minute is None:
        return
    minutes = max(0.0, (now - row.filled_at).total_seconds() / 60)
    row.tokens = min(float(limit.per_minute), row.tokens + minutes * limit.per_minute)
    row.filled_at = now


def _room(row: Throttle, limit: Limit) -> bool:
    if limit.per_minute is not None and row.tokens < 1:
        return False
    if limit.parallel is None:
        return True
    in_hand = sa.select(sa.func.count()).where(
        Message.channel == row.channel, Message.status.in_(("claimed", "calling"))
    )
    return db.session.scalars(in_hand).one() < limit.parallel
