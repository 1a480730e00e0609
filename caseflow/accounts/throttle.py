"""Guessing is slow: who fails to sign in too often waits, and each wait is longer than the one before.

Two counters each time. One is the network address's. The other is the account's, whether there is such an account or
not; but an address from which somebody has signed in to the account before has a counter of its own for it. So a
stranger who guesses on purpose can make the account's owner wait at a new place, for at most the last of DELAYS, and
nowhere else. Counters are hashed: typed addresses may be anything, even a password in the wrong field.

Both counters are locked while the password is looked at, so that a hundred attempts at once are a hundred in a row, and
any number of right passwords at once are right.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import NamedTuple

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.dialects.postgresql import insert

from caseflow.accounts.models import SignInFailure
from caseflow.database import db

WINDOW = timedelta(minutes=15)  # failures further apart than this do not add up
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15))
# Failures until the first wait; a whole office may come from one address. Then requests for a link to a new password,
# which are all counted: each may be a mail that somebody did not ask for.
# And how often one leaves for the identity provider without having come back.
FREE = {"account": 5, "place": 20, "recovery": 4, "asking": 20, "code": 5, "outside": 60}
NETWORK_OF_ONE = 64  # bits of an IPv6 address that one subscriber has


class Counters(NamedTuple):
    """The names of the two counters of an attempt."""

    account: str
    place: str


def counters(email: str, place: str, *, known: bool) -> Counters:
    """The counters of an attempt with this address from this `place_of`; `known`: the account was used there before."""
    account = _hashed("account", email, place if known else "")
    return Counters(f"account:{account}", f"place:{place}")


def codes(email: str, place: str) -> Counters:
    """The counters of a second step. A right password does not clear them: who has it could go on guessing codes."""
    return Counters(f"code:{_hashed('code', email)}", f"place:{place}")


def asking(email: str, place: str) -> Counters:
    """The counters of a request for a link by mail to this address."""
    return Counters(f"recovery:{_hashed('recovery', email)}", f"asking:{place}")


def outside(place: str) -> str:
    """The counter of leaving for the identity provider: one alone, because nobody knows yet who it is."""
    return f"outside:{place}"


def place_of(remote_addr: str | None) -> str:
    """A network address, hashed; those of an IPv6 subscriber are one."""
    try:
        ip = ip_address(remote_addr or "")
    except ValueError:
        return _hashed("place", remote_addr or "")
    return _hashed("place", str(ip_network((ip, NETWORK_OF_ONE), strict=False) if ip.version == 6 else ip))


def lock(names: Iterable[str], now: datetime) -> list[SignInFailure]:
    """The counters, made where they are missing, locked until the transaction ends; in one order, or two attempts
    would wait for one another."""
    first = insert(SignInFailure).values([{"counter": name, "failures": 0, "at": now} for name in sorted(names)])
    same = first.on_conflict_do_update(index_elements=["counter"], set_={"failures": SignInFailure.failures})
    return list(db.session.scalars(same.returning(SignInFailure), execution_options={"populate_existing": True}))


def wait(rows: Iterable[SignInFailure], now: datetime) -> datetime | None:
    """Until when the password may not even be looked at."""
    return max((row.wait_until for row in rows if row.wait_until and row.wait_until > now), default=None)


def count(rows: Iterable[SignInFailure], now: datetime) -> list[str]:
    """One failure more; returns whose next attempt has to wait now: `account`, `place`."""
    kinds = [(row, row.counter.partition(":")[0]) for row in rows]
    waiting = [kind for row, kind in kinds if _add(row, FREE[kind], now)]
    _sweep(now)
    return waiting


def clear(rows: Iterable[SignInFailure]) -> None:
    """The password was right."""
    for row in rows:
        db.session.delete(row)


def _add(row: SignInFailure, free: int, now: datetime) -> bool:
    if now > (row.wait_until or row.at) + WINDOW:
        row.failures, row.wait_until = 0, None
    row.failures, row.at = row.failures + 1, now
    if row.failures < free:
        return False
    row.wait_until = now + DELAYS[min(row.failures - free, len(DELAYS) - 1)]
    return True


def _sweep(now: datetime) -> None:
    """Forget what no longer counts; rows that somebody holds are left for the next time."""
    old = sa.select(SignInFailure.counter).where(SignInFailure.at < now - WINDOW - DELAYS[-1])
    free = old.limit(100).with_for_update(skip_locked=True)
    forget = sa.delete(SignInFailure).where(SignInFailure.counter.in_(free))
    db.session.execute(forget, execution_options={"synchronize_session": False})


def _hashed(*parts: str) -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, "\0".join(parts).encode("utf-8", "surrogatepass"), "sha256").hexdigest()
