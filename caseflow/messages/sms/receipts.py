"""Where the provider tells what became of an SMS: an address of ours that only we can have given it."""

from __future__ import annotations

import hashlib
import hmac
import re

PATH = "/hooks/sms"
_TOKEN = re.compile(r"([1-9][0-9]{0,18})\.([0-9a-f]{32})")


def address(message_id: int, base_url: str, secret: str) -> str:
    """The address for this message's receipts. A new secret makes the addresses of older ones strange."""
    return f"{base_url}{PATH}/{message_id}.{_seal(message_id, secret)}"


def read(token: str, secret: str) -> int | None:
    """The message that the last part of such an address is for; None: it is none of ours."""
    found = _TOKEN.fullmatch(token)
    if found is None or not hmac.compare_digest(found[2], _seal(int(found[1]), secret)):
        return None
    return int(found[1])


def _seal(message_id: int, secret: str) -> str:
    """The key serves this purpose alone: whatever else the secret signs, no signature fits here."""
    key = hmac.digest(secret.encode(), b"caseflow sms receipt 1", hashlib.sha256)
    return hmac.digest(key, str(message_id).encode(), hashlib.sha256).hex()[:32]
