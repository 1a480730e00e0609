"""Links that open something once: what the outbox keeps of one is not enough to open it.

Frozen in the message stands a nonce; the token in the link is its HMAC, made when the mail is made. So a copy of the
database holds no link that works: tokens are kept hashed where they are looked up, and the secret is not in there.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode


def nonce() -> str:
    """128 random bits."""
    return secrets.token_urlsafe(16)


def token(nonce: str, secret: str) -> str:
    """What stands in the link: 256 bits, as 43 letters that an address may hold."""
    key = hmac.digest(secret.encode(), b"caseflow link 1", hashlib.sha256)
    return urlsafe_b64encode(hmac.digest(key, nonce.encode(), hashlib.sha256)).decode().rstrip("=")


def kept(token: str) -> str:
    """What is stored of a token, to know it again."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
