"""IPP requests and answers as bytes (RFC 8010), as far as handing over one file and asking after it needs.

Written here because nothing ready fits: pyipp 0.17 (aiohttp and ten packages more) hides whether the document had left
when the line broke and what the printer gave as its reason; `lpstat` does not show jobs' names; pycups has no wheel.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

# Operations (RFC 8011, 5.4.15) and groups (RFC 8010, 3.5.1).
PRINT_JOB, GET_JOBS, GET_PRINTER_ATTRIBUTES = 0x0002, 0x000A, 0x000B
OPERATION, JOB, END, PRINTER = 0x01, 0x02, 0x03, 0x04
# Kinds of values (RFC 8010, 3.5.2).
INTEGER, BOOLEAN, ENUM, TEXT_WITH_LANGUAGE, NAME_WITH_LANGUAGE = 0x21, 0x22, 0x23, 0x35, 0x36
NAME, KEYWORD, URI, CHARSET, LANGUAGE, MEDIA_TYPE = 0x42, 0x44, 0x45, 0x47, 0x48, 0x49
KINDS = {
    "attributes-charset": CHARSET,
    "attributes-natural-language": LANGUAGE,
    "printer-uri": URI,
    "requesting-user-name": NAME,
    "job-name": NAME,
    "document-format": MEDIA_TYPE,
    "which-jobs": KEYWORD,
    "requested-attributes": KEYWORD,
    "sides": KEYWORD,
    "media": KEYWORD,
}
_numbers = count(1)

Value = str | int | bool | None
Attributes = dict[str, list[Value]]
Sent = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Answer:
    """What a printer said: its status, and one dictionary an attribute group, in order."""

    status: int
    groups: tuple[tuple[int, Attributes], ...]

    def of(self, group: int) -> list[Attributes]:
        return [attributes for tag, attributes in self.groups if tag == group]

    @property
    def successful(self) -> bool:
        """RFC 8011, appendix B."""
        return self.status < 0x100

    @property
    def message(self) -> str:
        """What the printer says of the status, in one short line."""
        said = next((attributes.get("status-message") for attributes in self.of(OPERATION)), None)
        return " ".join(str(said[0]).split())[:120] if said else ""


def request(operation: int, attributes: Sent, job: Sent | None = None) -> bytes:
    """IPP 1.1, which every printer speaks; a document follows it as it is. KeyError: an attribute not in KINDS."""
    message = struct.pack(">BBHIB", 1, 1, operation, next(_numbers), OPERATION)
    message += b"".join(_attribute(name, value) for name, value in attributes.items())
    if job:
        message += bytes([JOB]) + b"".join(_attribute(name, value) for name, value in job.items())
    return message + bytes([END])


def _attribute(name: str, value: str | Sequence[str]) -> bytes:
    """The second and later values of an attribute have no name."""
    values = [value] if isinstance(value, str) else value
    kind = bytes([KINDS[name]])
    return b"".join(kind + _counted("" if place else name) + _counted(text) for place, text in enumerate(values))


def _counted(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw


def answer(raw: bytes) -> Answer:
    """ValueError: it is no IPP. A collection comes out flat, as further values: nothing here asks for one."""
    try:
        _version, status, _number = struct.unpack_from(">HHI", raw)
        return Answer(status, tuple(_groups(raw)))
    except (struct.error, IndexError, KeyError) as error:
        raise ValueError("what the printer answers is not IPP") from error


def _groups(raw: bytes) -> list[tuple[int, Attributes]]:
    groups: list[tuple[int, Attributes]] = []
    name, at = "", 8
    while (tag := raw[at]) != END:
        at += 1
        if tag < 0x10:  # a delimiter: a new group begins
            groups.append((tag, {}))
            continue
        label, at = _field(raw, at)
        value, at = _field(raw, at)
        name = label.decode("utf-8", "replace") or name
        values = groups[-1][1].setdefault(name, [])
        values.append(_value(tag, value))
    return groups


def _field(raw: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from(">H", raw, at)
    end = at + 2 + length
    if end > len(raw):
        raise IndexError(end)
    return raw[at + 2 : end], end


def _value(tag: int, raw: bytes) -> Value:
    if tag in (INTEGER, ENUM):
        return int(struct.unpack(">i", raw)[0])
    if tag == BOOLEAN:
        return raw != b"\0"
    if tag < INTEGER:  # no value, or one that the printer does not know
        return None
    if tag in (TEXT_WITH_LANGUAGE, NAME_WITH_LANGUAGE):
        _language, at = _field(raw, 0)
        raw, _at = _field(raw, at)
    return raw.decode("utf-8", "replace")
