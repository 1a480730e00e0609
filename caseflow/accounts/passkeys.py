"""Passkeys (WebAuthn): the ceremonies, by the `webauthn` package; what is kept of a key stands in factors.py."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

import sqlalchemy as sa
import webauthn
from flask import current_app
from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from caseflow.accounts import factors, journal
from caseflow.accounts.factors import Passkey
from caseflow.accounts.models import Staff
from caseflow.database import db

NAME_LENGTH = 60


class House(NamedTuple):
    """Whom a passkey is for: the relying party's id and the origin of its pages."""

    id: str
    origin: str


def house() -> House | None:
    """None where passkeys cannot be: they are bound to a name, and an IP address is none (WebAuthn, 5.1.3)."""
    url = current_app.config["BASE_URL"]
    host = urlsplit(url).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return House(host, url)
    return None


def options_to_add(staff: Staff, name: str, at: House) -> tuple[str, bytes]:
    """What the browser is told to make a key, and the challenge. The key itself asks for finger, face or PIN."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    options = webauthn.generate_registration_options(
        rp_id=at.id,
        rp_name=name,
        user_id=hmac.digest(key, f"passkey {staff.id}".encode(), hashlib.sha256),
        user_name=staff.email,
        user_display_name=staff.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in factors.passkeys_of(staff)],
    )
    return webauthn.options_to_json(options), options.challenge


def add(staff: Staff, answer: str, challenge: bytes, name: str, at: House, now: datetime) -> bool:
    """Keep the key that the browser made; False when its answer is not to be believed."""
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=at.id,
            expected_origin=at.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return False
    known = sa.select(Passkey.id).where(Passkey.credential_id == made.credential_id)
    if db.session.scalar(known) is not None:
        return False
    key = {"credential_id": made.credential_id, "public_key": made.credential_public_key}
    db.session.add(Passkey(staff_id=staff.id, sign_count=made.sign_count, name=name[:NAME_LENGTH], made_at=now, **key))
    journal.record("passkey_added", staff.id, by=staff.as_actor(), at=now)
    return True


def options_to_enter(at: House) -> tuple[str, bytes]:
    """What the browser is told to show a key; the person picks which."""
    options = webauthn.generate_authentication_options(
        rp_id=at.id, user_verification=UserVerificationRequirement.REQUIRED
    )
    return webauthn.options_to_json(options), options.challenge


def holder(answer: str, challenge: bytes, at: House, now: datetime) -> Staff | None:
    """Whose key has answered; None when the answer is not to be believed, or the person may not sign in."""
    try:
        given = parse_authentication_credential_json(answer)
        mine = sa.select(Passkey).where(Passkey.credential_id == given.raw_id).with_for_update()
        key = db.session.scalar(mine.execution_options(populate_existing=True))
        if key is None:
            return None
        seen = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=at.id,
            expected_origin=at.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None
    key.sign_count, key.used_at = seen.new_sign_count, now
    staff = db.session.get_one(Staff, key.staff_id)
    return staff if staff.active and not staff.demo else None


def packed(challenge: bytes) -> str:
    """As it is kept in the signed cookie until the browser answers."""
    return bytes_to_base64url(challenge)
