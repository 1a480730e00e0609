"""What SMS_URL says: whose account SMS go by, and under which name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

LOCAL = ("localhost", "127.0.0.1", "::1")
SCHEMES = {"46elks": True, "46elks+http": False}  # with TLS?
MISSHAPEN = "SMS_URL must look like 46elks://user:password@api.46elks.com?from=Sender, special characters as %XX."
SENDERLESS = "SMS_URL needs from=: 3 to 11 letters a-z and digits, a letter first, or a number like +46701740605."
# A name as telephones show it, or a number in E.164.
SENDER = re.compile(r"[A-Za-z][A-Za-z0-9]{2,10}|\+[1-9][0-9]{6,14}")


@dataclass(frozen=True)
class Account:
    """46elks://user:password@host?from=Sender, user and password percent-encoded.

    `46elks+http` is for a server on the same machine, in tests. `ca` in the query names a PEM file of the authorities
    to trust instead of the system's.
    """

    tls: bool
    host: str
    port: int
    user: str = field(repr=False)
    password: str = field(repr=False)
    sender: str
    ca: str | None = None

    @classmethod
    def of(cls, url: str) -> Account:
        """ValueError, in one sentence that quotes no part of the address, when it cannot be understood."""
        scheme, _, rest = url.partition("://")
        if scheme not in SCHEMES:
            raise ValueError("SMS_URL must begin with 46elks://.")
        parts, port, query = _taken_apart(rest)
        host, user, password = parts.hostname, unquote(parts.username or ""), unquote(parts.password or "")
        surplus = parts.path.strip("/") or parts.fragment or query.keys() - {"from", "ca"}
        if not (host and user and password) or ":" in user or surplus:
            raise ValueError(MISSHAPEN)
        tls = SCHEMES[scheme]
        if not tls and host not in LOCAL:
            raise ValueError("SMS_URL may begin with 46elks+http:// only for a server on this machine.")
        sender = query.get("from", [""])[0]
        if not SENDER.fullmatch(sender):
            raise ValueError(SENDERLESS)
        return cls(tls, host, port or (443 if tls else 80), user, password, sender, query.get("ca", [None])[0])


def _taken_apart(rest: str) -> tuple[SplitResult, int | None, dict[str, list[str]]]:
    """Python takes no scheme that begins with a digit, and a plus in a query for a space: here it begins a number."""
    try:
        parts = urlsplit(f"//{rest}")
        broken = any(sign.isspace() or not sign.isprintable() for sign in rest) or parts.port == 0
        query = parse_qs(parts.query.replace("+", "%2B"), strict_parsing=True) if parts.query else {}
        if not broken:
            return parts, parts.port, query
    except ValueError:
        pass
    raise ValueError(MISSHAPEN) from None
