"""Plus-addresses of the municipality's mailbox: each says what comes back to it, sealed so that nobody can make one up.

    arende+2026-10023.k3jq5zv7am2xt4bd@kommun.se    answers to a case: Reply-To
    arende+m417.w6tq2a7xkd3nf5yc@kommun.se          bounces of a message: the envelope's sender ("VERP")

The seal is an HMAC-SHA256, cut to 80 bits, under a key of its own derived from the app's secret. A new secret makes the
addresses of older mails strange; their answers are then known by References.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode
from dataclasses import dataclass

import idna

SEAL_LENGTH = 16  # characters of 5 bits each
NAME_LIMIT = 26  # octets of the mailbox's own name: of 64 before the @ (RFC 5321, 4.5.3.1.1) the longest tail takes 38
_NAME = re.compile(r"[a-z0-9!#$%&'*/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*/=?^_`{|}~-]+)*")  # an atom without a plus
_TAIL = re.compile(r"(?P<about>m(?P<message>[1-9][0-9]{0,18})|(?P<case>[0-9]{4}-[0-9]{1,12}))\.(?P<seal>[a-z2-7]{16})")


@dataclass(frozen=True)
class ForCase:
    """An answer to this case."""

    number: str


@dataclass(frozen=True)
class ForMessage:
    """What became of this message."""

    id: int


def reply_address(mailbox: str, case_number: str, secret: str) -> str:
    """Where a resident's mail program sends the answer. ValueError: not a mailbox, or not a case number."""
    return _address(mailbox, case_number, "case", secret)


def bounce_address(mailbox: str, message_id: int, secret: str) -> str:
    """Where mail servers report that the message did not arrive. ValueError: not a mailbox, or not a message's id."""
    return _address(mailbox, f"m{message_id}", "message", secret)


def read(address: str, mailbox: str, secret: str) -> ForCase | ForMessage | None:
    """What the bare address (no name, no brackets) is for; None: not one of ours. Never fails, whatever it is given."""
    try:
        local, domain = _parts(address)
        name, own_domain = _parts(mailbox)
    except ValueError:
        return None
    tail = _TAIL.fullmatch(local.removeprefix(f"{name}+"))
    if tail is None or (local, domain) != (f"{name}+{tail[0]}", own_domain):
        return None
    if not hmac.compare_digest(tail["seal"], _seal(tail["about"], secret)):
        return None
    return ForMessage(int(tail["message"])) if tail["message"] else ForCase(tail["case"])


def ascii_domain(address: str) -> str:
    """The address with its domain as DNS knows it (RFC 5891), so that every server takes it. ValueError: no domain."""
    local, _at, domain = address.rpartition("@")
    return f"{local}@{idna.encode(domain, uts46=True).decode()}"  # idna.IDNAError is a ValueError


def check(mailbox: str) -> None:
    """ValueError, in words, when the mailbox cannot carry plus-addresses."""
    name, _domain = _parts(mailbox)
    if not _NAME.fullmatch(name):
        raise ValueError(f"{mailbox!r} is not a mailbox: before the @ only letters, digits, dots and dashes may stand")
    if len(name) > NAME_LIMIT:
        raise ValueError(f"the name before the @ is longer than {NAME_LIMIT} characters")


def _address(mailbox: str, about: str, sort: str, secret: str) -> str:
    check(mailbox)
    name, domain = _parts(mailbox)
    tail = _TAIL.fullmatch(f"{about}.{_seal(about, secret)}")
    if tail is None or tail[sort] is None:
        raise ValueError(f"{about!r} names no {sort}")
    return f"{name}+{tail[0]}@{domain}"


def _parts(address: str) -> tuple[str, str]:
    """Local part and domain as they compare: some servers write addresses anew, in capitals or as DNS knows them."""
    local, _at, domain = ascii_domain(address).lower().rpartition("@")
    return local, domain


def _seal(about: str, secret: str) -> str:
    """The key serves this purpose alone: whatever else the secret signs, no signature fits here."""
    key = hmac.digest(secret.encode(), b"caseflow plus-address 1", hashlib.sha256)
    sealed = hmac.digest(key, about.encode(), hashlib.sha256)
    return b32encode(sealed)[:SEAL_LENGTH].decode().lower()
