"""One try at a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email

from caseflow.accounts import journal, throttle
from caseflow.accounts.actors import SYSTEM
from caseflow.accounts.models import SignInFailure, Staff, StaffSession
from caseflow.database import db


@dataclass(frozen=True)
class Attempt:
    """Whose password is tried (None: nobody's, which must not show), and the minutes to wait if it may not be tried."""

    counters: list[SignInFailure]
    staff: Staff | None
    wait: int | None


def begin(email: str, remote_addr: str | None, now: datetime, *, step: str = "password") -> Attempt:
    """To be ended by `succeeded` or `failed` in the same unit of work, unless it has to wait."""
    address = normalised(email)
    staff = db.session.scalar(sa.select(Staff).where(Staff.email == address)) if address else None
    place = throttle.place_of(remote_addr)
    names = throttle.counters(address or email, place, known=_known(staff, place))
    if step == "code":
        names = throttle.codes(address or email, place)
    counters = throttle.lock(names, now)
    until = throttle.wait(counters, now)
    if until:
        throttle.clear(row for row in counters if not row.failures)
    return Attempt(counters, staff, _minutes(until, now))


def succeeded(attempt: Attempt) -> None:
    throttle.clear(attempt.counters)


def failed(attempt: Attempt, now: datetime) -> None:
    """Write down that it was the wrong password, and who has to wait now. A typed address is never kept."""
    whose = attempt.staff.id if attempt.staff else None
    journal.record("sign_in_failed", whose, by=SYSTEM, at=now)
    for what in throttle.count(attempt.counters, now):
        journal.record("locked", whose, by=SYSTEM, at=now, what=what)


def ask(email: str, remote_addr: str | None, now: datetime) -> int | None:
    """Count a request for a link to this address; the minutes to wait if it is one too many. Nobody is looked up."""
    names = throttle.asking(normalised(email) or email, throttle.place_of(remote_addr))
    counters = throttle.lock(names, now)
    until = throttle.wait(counters, now)
    if until is None:
        throttle.count(counters, now)
    return _minutes(until, now)


def leave(remote_addr: str | None, now: datetime) -> int | None:
    """Count a departure for the identity provider; the minutes to wait if it is one too many."""
    counters = throttle.lock([throttle.outside(throttle.place_of(remote_addr))], now)
    until = throttle.wait(counters, now)
    if until is None:
        throttle.count(counters, now)
    return _minutes(until, now)


def come_back(remote_addr: str | None) -> None:
    """Somebody from there has come back from the provider and is in."""
    mine = SignInFailure.counter == throttle.outside(throttle.place_of(remote_addr))
    db.session.execute(sa.delete(SignInFailure).where(mine), execution_options={"synchronize_session": False})


def _minutes(until: datetime | None, now: datetime) -> int | None:
    return -((now - until) // timedelta(minutes=1)) if until else None


def normalised(email: str) -> str | None:
    """The address as accounts are kept under (one account has one counter, in whatever letters it is typed); None for
    what is no address, which the database is never asked about: it may hold signs that no text there can."""
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


def _known(staff: Staff | None, place: str) -> bool:
    """Whether this person has signed in from there before. Nobody is looked for too: it must not take less time."""
    mine = sa.exists().where(StaffSession.staff_id == (staff.id if staff else 0), StaffSession.place == place)
    return bool(db.session.scalar(sa.select(mine)))
