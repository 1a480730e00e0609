"""What was said and is not to stand: undone while it is held, taken back before it leaves, sent another way instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from caseflow.audit import Actor, Event
from caseflow.cases import announcements, notices
from caseflow.cases.models import Case, Entry
from caseflow.cases.moving import move
from caseflow.cases.relations import merging
from caseflow.database import db
from caseflow.messages import fate
from caseflow.messages.models import Message


def redirect(case: Case, message: Message, *, channel: str, reason: str, by: Actor, now: datetime) -> None:
    """Send what did not get through by another channel instead."""
    fate.cancel(message)
    move(case, "redirect", by=by, now=now, reason=reason, channel=channel, channel_before=message.channel)
    announcements.again(case, message, channel=channel, now=now)


def unsend(case: Case, entry: Entry, *, by: Actor, now: datetime) -> None:
    """Undo a reply or a question while it is held: nobody has seen it, and its text goes back to its writer.

    The case is again what it was, but for `new` and `planned`, which somebody who writes replies has left.
    """
    before = _status_before(case, entry)
    merging.retract(entry, by=by, now=now)
    for message in _messages_of(entry):
        if message.status != "cancelled":
            fate.cancel(message)
    entry.retracted_at = now
    case.answered_at = db.session.scalar(_first_reply(case))
    still = "answered" if before == "answered" and case.answered_at else None
    back_to = "waiting" if before == "waiting" else still
    move(case, "unsend", by=by, now=now, back_to=back_to, entry=entry.id)


def recall(case: Case, message: Message, *, reason: str, by: Actor, now: datetime) -> None:
    """Take back what waits to leave the house; what the resident may have read on the own page stays said."""
    fate.cancel(message)
    facts: dict[str, Any] = {"message": message.id, "channel": message.channel}
    move(case, "recall", by=by, now=now, reason=reason, back_to=merging.resting(case), **facts)


def _messages_of(entry: Entry) -> Sequence[Message]:
    """The messages that carry the entry or tell of it, locked after their case."""
    query = sa.select(Message).where(notices.told_with(entry)).order_by(Message.id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def _status_before(case: Case, entry: Entry) -> str | None:
    """What the case was when the entry was said; all that was done with it bears its moment."""
    acts = sa.select(Event.data["from"].astext).where(Event.subject == "case", Event.subject_id == case.id)
    return db.session.scalar(acts.where(Event.at == entry.at).order_by(Event.id).limit(1))


def _first_reply(case: Case) -> sa.Select[tuple[datetime]]:
    said = sa.select(sa.func.min(Entry.at)).where(Entry.case_id == case.id, Entry.sort == "reply")
    return said.where(Entry.retracted_at.is_(None))
