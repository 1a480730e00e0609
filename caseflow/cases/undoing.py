"""Undo after sending: for a moment a reply or a question waits in the house, and its writer can have it back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.audit import Actor
from caseflow.cases import lifecycle
from caseflow.cases.models import Case, Entry
from caseflow.cases.relations import merging
from caseflow.database import db
from caseflow.messages import fate
from caseflow.messages.models import Message


class TooLate(Exception):
    """It has left, or is just leaving."""


def own(case: Case, entry_id: int, staff: Staff) -> Entry | None:
    """What this person said to the resident in this case."""
    said = sa.select(Entry).where(Entry.id == entry_id, Entry.case_id == case.id, Entry.author_id == staff.id)
    return db.session.scalar(said.where(Entry.sort.in_(("reply", "question")), Entry.copy_of.is_(None)))


def held(said: Iterable[Entry], staff: Staff, now: datetime) -> Entry | None:
    """What this person said last, of all that is said in a case, and can still undo."""
    own = (entry for entry in said if entry.author_id == staff.id and entry.copy_of is None)
    still = (entry for entry in own if entry.held_until and entry.held_until > now and not entry.retracted_at)
    return max(still, key=lambda entry: entry.id, default=None)


def undo(case: Case, entry: Entry, *, by: Actor, now: datetime) -> None:
    """Take it back; a second time changes nothing. Raises `TooLate`."""
    if entry.retracted_at:
        return
    if entry.held_until is None or entry.held_until <= now or not all(fate.undoable(m, now) for m in _sent(entry)):
        raise TooLate
    lifecycle.unsend(case, entry, by=by, now=now)


def channel_of(entry: Entry) -> str:
    """How it was to be sent; `none` where only the own page was to show it."""
    first = sa.select(Message.channel).where(Message.entry_id == entry.id).order_by(Message.id).limit(1)
    return db.session.scalar(first) or "none"


def _sent(entry: Entry) -> sa.ScalarResult[Message]:
    """Its messages and its copies', locked, so that no worker claims them between the look and the act."""
    alive = sa.select(Message).where(Message.entry_id.in_(merging.with_copies(entry)), Message.status != "cancelled")
    return db.session.scalars(alive.with_for_update().execution_options(populate_existing=True))
