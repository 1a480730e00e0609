"""Sessions of staff: begun by a sign-in, seen now and then, ended by the person, by time or by a new password."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa

from caseflow import stamp
from caseflow.accounts import devices, journal
from caseflow.accounts.models import Staff, StaffSession
from caseflow.database import db
from caseflow.prepared import Prepared, held

IDLE = timedelta(hours=12)  # a night at home ends a session
LONGEST = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)  # how exact `seen_at` is
KEPT = timedelta(days=90)  # after its end, for the places that an account is known at


_HOLDER = Prepared(
    sa.select(*Staff.__table__.columns, Staff.levels.label("levels"), stamp.VALUE.label("stamp"))
    .join(StaffSession, StaffSession.staff_id == Staff.id)
    .where(
        StaffSession.token == sa.bindparam("token"),
        StaffSession.ended_at.is_(None),
        StaffSession.seen_at > sa.bindparam("idle"),
        StaffSession.began_at > sa.bindparam("longest"),
        Staff.fs_uniquifier == sa.bindparam("uniquifier"),
        Staff.active,
    )
)


def begin(staff_id: int, user_agent: str, place: str, now: datetime) -> str:
    """A new session; returns its token, 256 random bits for the signed cookie."""
    token = secrets.token_urlsafe(32)
    device = devices.in_words(user_agent)
    moments = {"began_at": now, "seen_at": now}
    db.session.add(StaffSession(staff_id=staff_id, token=token, device=device, place=place, **moments))
    old = (
        sa.select(StaffSession.id).where(StaffSession.seen_at < now - KEPT).limit(100).with_for_update(skip_locked=True)
    )
    db.session.execute(
        sa.delete(StaffSession).where(StaffSession.id.in_(old)), execution_options={"synchronize_session": False}
    )
    return token


def holder(uniquifier: str, token: str, now: datetime) -> Staff | None:
    """Who this cookie signs in, in one statement: an open account with a session that goes on. The stamp of the
    configuration is read with it."""
    given = {"token": token, "uniquifier": uniquifier, "idle": now - IDLE, "longest": now - LONGEST}
    for row in _HOLDER.all(given):
        found = row._asdict()
        stamp.was_read(found.pop("stamp"))
        return held(Staff, found)
    stamp.was_read(None)
    return None


def of(staff: Staff, now: datetime) -> list[StaffSession]:
    """The person's sessions that go on, the last seen first."""
    mine = sa.select(StaffSession).where(StaffSession.staff_id == staff.id, _goes_on(now))
    return list(db.session.scalars(mine.order_by(StaffSession.seen_at.desc(), StaffSession.id.desc())))


def see(token: str, now: datetime) -> None:
    """The session was used."""
    _update(StaffSession.token == token, _goes_on(now), seen_at=now)


def sign_out(token: str, now: datetime) -> None:
    """The person signs out in this browser."""
    _update(StaffSession.token == token, StaffSession.ended_at.is_(None), ended_at=now)


def end(staff: Staff, session_id: int, now: datetime) -> StaffSession | None:
    """End one of the person's own sessions; None when they have no such session. Ending it twice ends it once."""
    session = db.session.get(StaffSession, session_id, with_for_update=True)
    if session is None or session.staff_id != staff.id:
        return None
    if session.ended_at is None:
        session.ended_at = now
        journal.record("session_ended", staff.id, by=staff.as_actor(), at=now)
    return session


def end_all(staff: Staff, now: datetime, *, but: str = "") -> None:
    """End the person's sessions, all but the one with the token `but`, and whatever else the old cookies opened."""
    mine = (StaffSession.staff_id == staff.id, StaffSession.ended_at.is_(None))
    _update(*mine, StaffSession.token != but, ended_at=now)
    db.session.get_one(Staff, staff.id).fs_uniquifier = uuid.uuid4().hex


def _goes_on(now: datetime) -> sa.ColumnElement[bool]:
    recent = sa.and_(StaffSession.seen_at > now - IDLE, StaffSession.began_at > now - LONGEST)
    return sa.and_(StaffSession.ended_at.is_(None), recent)


def _update(*which: sa.ColumnElement[bool], **values: datetime) -> None:
    change = sa.update(StaffSession).where(*which).values(values)
    db.session.execute(change, execution_options={"synchronize_session": False})
