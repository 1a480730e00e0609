"""The headers of a mail that anybody may have written: each is cut, cleaned and read without ever failing."""

from __future__ import annotations

import re
from email.message import Message
from email.policy import default

# Characters of one header that are read, and how many headers of one name.
LENGTH, COUNT = 8_000, 20
# What no text of ours may hold: controls (PostgreSQL refuses NUL), halves of characters, and the signs that turn the
# direction of writing and so disguise a name (Unicode TR 36).
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_ID = re.compile(r"<[^<>\s]{1,250}>")
_ADDRESS = re.compile(r"[^\s<>@\"(),;:]{1,64}@[^\s<>@\"(),;:]{1,255}")


def clean(text: str) -> str:
    """The text with Unix line ends and without what nobody can see and databases refuse."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def sources(mail: Message, name: str) -> list[str]:
    """The headers of this name as they were sent, unfolded."""
    found = [str(value) for key, value in mail.raw_items() if key.lower() == name.lower()]
    return [" ".join(_as_text(value).split()) for value in found[:COUNT]]


def text(mail: Message, name: str) -> str:
    """The first header of this name in words, on one line; "" when there is none."""
    return decoded(next(iter(sources(mail, name)), ""))


def decoded(value: str) -> str:
    """Words as a header holds them (RFC 2047), in letters and on one line."""
    value = _as_text(value)
    try:
        return _one_line(str(default.header_factory("Subject", value)))
    except Exception:  # the library stumbles over some of what people send; as it was sent it can still be read
        return _one_line(value)


def ids(mail: Message, *names: str) -> tuple[str, ...]:
    """The Message-IDs in the headers of these names, in their order."""
    return tuple(found for name in names for value in sources(mail, name) for found in ids_in(value))


def ids_in(words: str) -> list[str]:
    """All that looks like a Message-ID in a text."""
    return _ID.findall(clean(words))


def addresses(mail: Message, *names: str) -> tuple[str, ...]:
    """The bare addresses in the headers of these names, in lower case."""
    return tuple(address for name in names for value in sources(mail, name) for _, address in _people(value))


def sender(mail: Message) -> tuple[str, str]:
    """Who says to have written it: the name, and the bare address in lower case; "" for what is not said."""
    for name in ("From", "Sender"):
        for value in sources(mail, name):
            for person in _people(value):
                return person
    return "", ""


def _people(value: str) -> list[tuple[str, str]]:
    """Names and addresses of one header; from wreckage at least what looks like an address."""
    try:
        found = [(one.display_name, one.addr_spec) for one in default.header_factory("To", value).addresses]
    except Exception:  # as in decoded()
        found = []
    people = [(_one_line(who), clean(address).strip().lower()) for who, address in found]
    sound = [(who, address) for who, address in people if _ADDRESS.fullmatch(address)]
    return sound or [("", address.lower()) for address in _ADDRESS.findall(clean(value))]


def _one_line(words: str) -> str:
    return " ".join(clean(words).split())


def _as_text(value: str) -> str:
    """Bytes that were sent as they are (no encoded words) are UTF-8, else what Windows wrote."""
    value = value[:LENGTH]
    if value.isascii():
        return value
    sent = value.encode("utf-8", "surrogateescape")
    try:
        return sent.decode("utf-8")
    except UnicodeDecodeError:
        return sent.decode("windows-1252", "replace")
