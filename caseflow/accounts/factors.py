"""Second steps of signing in: codes of an authenticator app, recovery codes; where passkeys are kept (see passkeys.py).

The app's secret is encrypted with a key derived from CASEFLOW_SECRET_KEY; of recovery codes only hashes are kept.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from passlib.totp import TOTP, TokenError
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.accounts import journal
from caseflow.accounts.actors import Actor
from caseflow.accounts.models import Staff
from caseflow.database import Model, db

CODES = 10
CODE_BYTES = 10  # 80 random bits, as 16 letters
WINDOW = 30  # seconds that a telephone's clock may be wrong


class LastOne(ValueError):
    """The role needs a second step, and this is the only one."""


class AuthenticatorApp(Model):
    """The person's app; `last_counter` so that no code works twice."""

    __tablename__ = "authenticator_app"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str]
    last_counter: Mapped[int | None] = mapped_column(sa.BigInteger)
    made_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


class RecoveryCode(Model):
    """One code for the day when the telephone is lost; a used one is deleted."""

    __tablename__ = "recovery_code"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(primary_key=True)


class Passkey(Model):
    """One WebAuthn credential: a key in a telephone, a computer or a security key."""

    __tablename__ = "passkey"
    __table_args__ = (sa.Index("passkey_staff_id_idx", "staff_id", "id"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"))
    credential_id: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sign_count: Mapped[int] = mapped_column(sa.BigInteger)
    name: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


def has_any(staff: Staff) -> bool:
    """Whether the person has a second step, so that a password alone opens nothing."""
    app = sa.exists().where(AuthenticatorApp.staff_id == staff.id)
    return bool(db.session.scalar(sa.select(sa.or_(app, sa.exists().where(Passkey.staff_id == staff.id)))))


def must_have(staff: Staff) -> bool:
    """Whether the installation wants one of this role. A demonstration account is everybody's and has none."""
    return not staff.demo and staff.role in current_app.config["SECOND_FACTOR_ROLES"]


def app_of(staff: Staff) -> AuthenticatorApp | None:
    return db.session.get(AuthenticatorApp, staff.id)


def passkeys_of(staff: Staff) -> Sequence[Passkey]:
    return db.session.scalars(sa.select(Passkey).where(Passkey.staff_id == staff.id).order_by(Passkey.id)).all()


def codes_left(staff: Staff) -> int:
    query = sa.select(sa.func.count()).where(RecoveryCode.staff_id == staff.id)
    return db.session.scalar(query) or 0


@dataclass(frozen=True)
class Told:
    """What second steps a person has, without their secrets."""

    app: bool
    passkeys: int
    codes: int


def told(staff: Staff) -> Told:
    passkeys = sa.select(sa.func.count()).where(Passkey.staff_id == staff.id).scalar_subquery()
    codes = sa.select(sa.func.count()).where(RecoveryCode.staff_id == staff.id).scalar_subquery()
    app = sa.exists().where(AuthenticatorApp.staff_id == staff.id)
    return Told(*db.session.execute(sa.select(app, passkeys, codes)).one())


def new_secret() -> str:
    """A secret for an app, encrypted."""
    return str(_totp().new().to_json(encrypt=True))


def provisioning(secret: str, staff: Staff, issuer: str) -> tuple[str, str]:
    """What the QR code says, and the key in groups of four for who cannot scan it."""
    totp = _totp().from_source(secret)
    return str(totp.to_uri(label=staff.email, issuer=issuer)), str(totp.pretty_key())


def add_app(staff: Staff, secret: str, typed: str, now: datetime) -> list[str] | None:
    """Take the app into use if its code is right; returns recovery codes, or None for a wrong code."""
    counter = _counter(secret, typed, None, now)
    if counter is None:
        return None
    db.session.execute(sa.delete(AuthenticatorApp).where(AuthenticatorApp.staff_id == staff.id))
    db.session.add(AuthenticatorApp(staff_id=staff.id, secret=secret, last_counter=counter, made_at=now))
    journal.record("app_added", staff.id, by=staff.as_actor(), at=now)
    return new_codes(staff, now)


def new_codes(staff: Staff, now: datetime) -> list[str]:
    """New recovery codes in the place of the old ones; shown once, as they are not kept."""
    codes = [b32encode(secrets.token_bytes(CODE_BYTES)).decode() for _ in range(CODES)]
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id))
    db.session.add_all(RecoveryCode(staff_id=staff.id, code_hash=_hashed(code)) for code in codes)
    journal.record("recovery_codes_made", staff.id, by=staff.as_actor(), at=now)
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)).lower() for code in codes]


def proves(staff: Staff, typed: str, now: datetime) -> bool:
    """Whether this is a code of the person's app, or a recovery code; neither works twice."""
    plain = "".join(letter for letter in typed if letter.isalnum()).upper()
    if plain.isascii() and plain.isdigit():
        return _app_proves(staff, plain, now)
    mine = (RecoveryCode.staff_id == staff.id, RecoveryCode.code_hash == _hashed(plain))
    used = db.session.scalar(sa.delete(RecoveryCode).where(*mine).returning(RecoveryCode.staff_id))
    if used is not None:
        journal.record("recovery_code_used", staff.id, by=staff.as_actor(), at=now)
    return used is not None


def remove_app(staff: Staff, now: datetime) -> bool:
    """False when there is none. Raises LastOne."""
    if app_of(staff) is None:
        return False
    _keep_one(staff, len(passkeys_of(staff)))
    db.session.execute(sa.delete(AuthenticatorApp).where(AuthenticatorApp.staff_id == staff.id))
    _removed(staff, "app_removed", now)
    return True


def remove_passkey(staff: Staff, passkey_id: int, now: datetime) -> bool:
    """False when the person has no such passkey. Raises LastOne."""
    mine = passkeys_of(staff)
    if passkey_id not in [one.id for one in mine]:
        return False
    _keep_one(staff, len(mine) - 1 + (app_of(staff) is not None))
    db.session.execute(sa.delete(Passkey).where(Passkey.id == passkey_id))
    _removed(staff, "passkey_removed", now)
    return True


def reset(staff: Staff, *, by: Actor, now: datetime) -> None:
    """All second steps away: the person has lost them, and whoever manages accounts has made sure who it is."""
    for model in (AuthenticatorApp, RecoveryCode, Passkey):
        db.session.execute(sa.delete(model).where(model.staff_id == staff.id))
    journal.record("second_step_reset", staff.id, by=by, at=now)


def _keep_one(staff: Staff, left: int) -> None:
    if not left and must_have(staff):
        raise LastOne


def _removed(staff: Staff, verb: str, now: datetime) -> None:
    journal.record(verb, staff.id, by=staff.as_actor(), at=now)
    if not has_any(staff):
        db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id))


def _app_proves(staff: Staff, typed: str, now: datetime) -> bool:
    app = db.session.get(AuthenticatorApp, staff.id, with_for_update=True, populate_existing=True)
    if app is None:
        return False
    counter = _counter(app.secret, typed, app.last_counter, now)
    if counter is None:
        return False
    app.last_counter = counter
    return True


def _counter(secret: str, typed: str, last: int | None, now: datetime) -> int | None:
    """Which half minute the code is of; None when it is wrong or was used."""
    plain = "".join(letter for letter in typed if letter.isdigit() and letter.isascii())
    try:
        return int(_totp().verify(plain, secret, time=now, window=WINDOW, last_counter=last).counter)
    except (TokenError, ValueError):
        return None


def _totp() -> type[TOTP]:
    key = hmac.digest(str(current_app.config["SECRET_KEY"]).encode(), b"caseflow authenticator 1", hashlib.sha256)
    return TOTP.using(secrets={"1": key.hex()})  # type: ignore[no-any-return]


def _hashed(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()
