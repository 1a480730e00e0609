"""One mail as anybody may have sent it, read into what the rest of the room needs. Whatever the bytes are, it reads."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Literal

import structlog

from caseflow.mailroom import bounces, headers, robots
from caseflow.mailroom.body import Attached, Body, body
from caseflow.mailroom.bounces import Bounce
from caseflow.mailroom.quoting import Folded, fold

log = structlog.get_logger(__name__)

SIZE = 50 * 1024 * 1024  # bytes of a mail that are taken apart; of a larger one only the headers are read
HEADERS_SIZE = 256 * 1024  # bytes of headers: the library's time grows with the square of their length
SUBJECT_LENGTH = 300
NAME_LENGTH = 100
Sort = Literal["letter", "automatic", "bounce", "read_receipt"]
# Where servers say for whom a mail came in: the address of the envelope before what its writer put into the headers.
RECIPIENTS = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc", "Resent-To")
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_FORWARDS = ("fwd:", "fw:", "vb:", "vl:", "wg:")


@dataclass(frozen=True)
class Incoming:
    """A mail as it is understood.

    `text` are the new words and `quoted` what was folded away; `thread` holds the Message-IDs that it answers, the
    nearest first. `mark` is the same for the same mail, whatever servers on different ways have written around it.
    `because` says what shows that a program wrote it, `forged` that a server on the way did not believe the sender.
    `left_out` counts parts beyond the limits; what is not `readable` was read by its headers alone.
    """

    header_id: str | None
    thread: tuple[str, ...]
    sender: str
    sender_name: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    quoted: str
    attachments: tuple[Attached, ...]
    left_out: int
    readable: bool
    sort: Sort
    because: str | None
    bounce: Bounce | None
    forged: bool
    mark: str
    removed: tuple[str, ...] = ()  # files that were left out because of a virus, by name


def read(raw: bytes) -> Incoming:
    """Read a mail; never fails. What the library cannot take apart is read by its headers alone."""
    if len(raw) <= SIZE and _headers_end(raw) <= HEADERS_SIZE:
        try:
            mail: Message = message_from_bytes(raw)
            return _understood(mail, body(mail))
        except Exception:  # of any sort: a mail that nobody can read must still reach a person
            log.warning("mail_not_taken_apart", size=len(raw))
    found = _understood(BytesHeaderParser().parsebytes(raw[:HEADERS_SIZE]), Body(left_out=1))
    return replace(found, readable=False, mark=hashlib.sha256(raw).hexdigest())


def _headers_end(raw: bytes) -> int:
    found = _EMPTY_LINE.search(raw)
    return found.start() if found else len(raw)


def _understood(mail: Message, said: Body) -> Incoming:
    subject, (name, address) = headers.text(mail, "Subject")[:SUBJECT_LENGTH], headers.sender(mail)
    forwards = subject.lower().startswith(_FORWARDS)
    folded = Folded(said.text.strip(), "") if forwards else fold(said.text)
    bounce = bounces.read(mail, said.text)
    because = robots.why(mail)
    return Incoming(
        header_id=next(iter(headers.ids(mail, "Message-ID")), None),
        thread=tuple(dict.fromkeys((*headers.ids(mail, "In-Reply-To"), *reversed(headers.ids(mail, "References"))))),
        sender=address,
        sender_name=name[:NAME_LENGTH],
        recipients=tuple(dict.fromkeys(headers.addresses(mail, *RECIPIENTS))),
        subject=subject,
        text=folded.new,
        quoted=folded.quoted,
        attachments=tuple(said.files),
        left_out=said.left_out,
        readable=True,
        sort=_sort(mail, bounce, because),
        because=because,
        bounce=bounce,
        forged="dmarc=fail" in headers.text(mail, "Authentication-Results").lower(),
        mark=_mark(mail, address, subject, said),
    )


def _sort(mail: Message, bounce: Bounce | None, because: str | None) -> Sort:
    if bounce:
        return "bounce"
    if bounces.is_read_receipt(mail):
        return "read_receipt"
    return "automatic" if because else "letter"


def _mark(mail: Message, address: str, subject: str, said: Body) -> str:
    """A digest of all that its writer wrote, and of nothing that servers have added."""
    written = [headers.text(mail, "Message-ID"), headers.text(mail, "Date"), address, subject, *said.texts]
    files = [hashlib.sha256(file.content).hexdigest() for file in said.files]
    return hashlib.sha256("\0".join((*written, *files)).encode()).hexdigest()
