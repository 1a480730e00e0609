"""The call list: whose turn it is, when the others' turn comes, and who is calling whom. One caller at a time per call.

A claim is a compare-and-set on the message that lasts CLAIM and is renewed while the card is open. Nothing ends it when
its time is up: it is simply free for whoever takes it next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.cases.municipality import directory
from caseflow.cases.scope import handled_by
from caseflow.cases.telephone import call_windows
from caseflow.cases.telephone.call_hours import CallHours
from caseflow.database import db
from caseflow.messages.models import Call, Message

CLAIM = timedelta(minutes=15)
# The longest due of a list that is longer than anybody's day.
CONSIDERED = 1000
WAITS = (Message.channel == "phone", Message.status == "accepted")


@dataclass(frozen=True)
class Waiting:
    """One call to make. `turn` is when: now, or later when the resident, the ladder or the hours say so; `comes_back`
    when the ladder does. `taker` is the name of who else is calling just now, `mine` whether the person is."""

    id: int
    number: str
    subject: str
    due_on: date
    name: str | None
    best_time: str | None
    tries: int
    turn: datetime
    now: bool
    comes_back: bool
    taker: str | None
    mine: bool


def waiting(staff: Staff, now: datetime) -> list[Waiting]:
    """The calls that this person can make: whose turn it is by due date, then the others by when theirs comes."""
    hours = CallHours.of(directory.municipality())
    found = [_waiting(row, hours, staff, now) for row in db.session.execute(_rows(staff, now))]
    return sorted(found, key=lambda one: (not one.now, now if one.now else one.turn, one.due_on, one.id))


def take_next(staff: Staff, now: datetime) -> int | None:
    """Claim the first call whose turn it is and that nobody has; the one in hand, where there is one; else None."""
    in_hand = held(staff, now)
    if in_hand is not None:
        return in_hand
    free = (one.id for one in waiting(staff, now) if one.now and one.taker is None)
    return next((message_id for message_id in free if take(staff, message_id, now)), None)


def take(staff: Staff, message_id: int, now: datetime) -> bool:
    """Claim this call, unless somebody else has it; whichever the person had before is let go."""
    free = sa.or_(Message.taken_until.is_(None), Message.taken_until <= now, Message.taken_by == staff.id)
    if not _claim(staff, message_id, free, now):
        return False
    # Only what is surely ours: a claim that has run out may be somebody else's by now, and waiting for it a deadlock.
    others = (*_mine(staff, now), Message.id != message_id)
    db.session.execute(_let_go(*others))
    return True


def renew(staff: Staff, message_id: int, now: datetime) -> bool:
    """Go on calling; False when the call is not the person's any more."""
    return _claim(staff, message_id, Message.taken_by == staff.id, now)


def release(staff: Staff, message_id: int) -> None:
    """Leave the call to others."""
    db.session.execute(_let_go(Message.id == message_id, Message.taken_by == staff.id))


def held(staff: Staff, now: datetime) -> int | None:
    """The call that the person has in hand."""
    mine = sa.select(Message.id).join(Case, Case.id == Message.case_id).where(handled_by(staff), *_mine(staff, now))
    return db.session.scalar(mine.order_by(Message.taken_until.desc()).limit(1))


def _mine(staff: Staff, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (*WAITS, Message.taken_by == staff.id, Message.taken_until > now)


def _claim(staff: Staff, message_id: int, may: sa.ColumnElement[bool], now: datetime) -> bool:
    """Compare and set: of several who come at once, one gets it."""
    in_scope = Message.case_id.in_(sa.select(Case.id).where(handled_by(staff)))
    claim = sa.update(Message).where(Message.id == message_id, *WAITS, in_scope, may)
    claim = claim.values(taken_by=staff.id, taken_until=now + CLAIM).returning(Message.id)
    return db.session.scalar(claim.execution_options(synchronize_session=False)) is not None


def _let_go(*which: sa.ColumnElement[bool]) -> sa.Update:
    free = sa.update(Message).where(*WAITS, *which).values(taken_by=None, taken_until=None)
    return free.execution_options(synchronize_session=False)


def _rows(staff: Staff, now: datetime) -> sa.Select[tuple[object, ...]]:
    tries = sa.select(sa.func.count()).where(Call.message_id == Message.id).scalar_subquery()
    columns = (
        Message.id,
        Case.number,
        Case.subject,
        Case.due_on,
        Message.recipient["name"].astext.label("name"),
        Message.recipient["best_time"].astext.label("best_time"),
        Message.next_attempt_at,
        tries.label("tries"),
        sa.case((Message.taken_until > now, Message.taken_by)).label("taken_by"),
        sa.case((Message.taken_until > now, Staff.name)).label("taker"),
    )
    query = sa.select(*columns).select_from(Message).join(Case, Case.id == Message.case_id)
    query = query.outerjoin(Staff, Staff.id == Message.taken_by).where(*WAITS, handled_by(staff))
    return query.order_by(Message.next_attempt_at > now, Case.due_on, Message.id).limit(CONSIDERED)


def _waiting(row: sa.Row[tuple[object, ...]], hours: CallHours, staff: Staff, now: datetime) -> Waiting:
    turn = hours.next_turn(max(now, row.next_attempt_at), call_windows.read(row.best_time))
    return Waiting(
        id=row.id,
        number=row.number,
        subject=row.subject,
        due_on=row.due_on,
        name=row.name,
        best_time=row.best_time,
        tries=row.tries,
        turn=turn,
        now=turn <= now,
        comes_back=row.next_attempt_at > now,
        taker=None if row.taken_by == staff.id else row.taker,
        mine=row.taken_by == staff.id,
    )
