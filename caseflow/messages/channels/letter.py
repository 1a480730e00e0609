"""Letter: the message becomes a PDF in the letter pile, to be printed in a batch and posted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from caseflow import files
from caseflow.messages.channels.port import Absent, Accepted, Rejected
from caseflow.messages.enclosures import MARGIN, printable
from caseflow.messages.models import Message
from caseflow.messages.typesetting import Envelope, Language, Letter, Logo, Words, picture, typeset


def send(message: Message, config: Mapping[str, Any]) -> Accepted | Rejected:
    """Draw the letter and keep it under the data folder; its SHA-256 is the reference."""
    try:
        pdf = draw(message, config)
        enclosed(message, config)
    except (ValueError, KeyError, TypeError, FileNotFoundError) as error:
        return Rejected(permanent=True, reason=f"{type(error).__name__}: {error}")
    files.write_whole(path_of(message.id, config), pdf, durable=False)
    return Accepted(reference=_digest(pdf))


def reconcile(message: Message, config: Mapping[str, Any]) -> Absent:
    """Drawing is repeatable and leaves the house only in a batch, so a crash left nothing outside."""
    return Absent()


def path_of(message_id: int, config: Mapping[str, Any]) -> Path:
    """Where the PDF of a letter lies."""
    return Path(config["DATA"]) / "letters" / f"{message_id // 1000:06d}" / f"{message_id}.pdf"


def fetch(message: Message, config: Mapping[str, Any]) -> bytes:
    """The letter as PDF: its file, or drawn anew where that is missing, because the database is the truth.

    A file with another SHA-256 than the message's reference is another letter's (a data folder of another database).
    """
    path = path_of(message.id, config)
    pdf = path.read_bytes() if path.exists() else b""
    if _digest(pdf) == message.provider_ref:
        return pdf
    pdf = draw(message, config)
    if _digest(pdf) == message.provider_ref:
        files.write_whole(path, pdf, durable=False)
    return pdf


def enclosed(message: Message, config: Mapping[str, Any]) -> list[bytes]:
    """What lies in the envelope besides the letter, as pages for the printer. Raises `Refused`, FileNotFoundError."""
    listed: Any = message.frame.get("enclosed") or ()
    language = cast(Language, message.language)
    drawn: dict[str, Any] = {"language": language, "at": message.created_at}
    return [
        printable(one["name"], files.read(one["sha256"], config), **drawn, margin=one.get("margin", MARGIN))
        for one in listed
    ]


def draw(message: Message, config: Mapping[str, Any]) -> bytes:
    """The letter as PDF: the same bytes each time, because all that it says is frozen in the message."""
    return typeset(*_letter(message, config), at=message.created_at)


def thumbnail(message: Message, config: Mapping[str, Any]) -> bytes:
    """The first page as a small PNG."""
    return picture(*_letter(message, config))


def _letter(message: Message, config: Mapping[str, Any]) -> tuple[Letter, Envelope]:
    frame: dict[str, Any] = {name: value for name, value in message.frame.items() if name != "enclosed"}
    frame["attachments"] = tuple(frame.pop("attachments", ()))
    if logo := frame.pop("logo", None):
        frame["logo"] = Logo(files.read(logo["file"], config), logo["alt"], logo["names"])
    envelope = Envelope.from_dict(frame.pop("envelope"))
    recipient: dict[str, Any] = dict(message.recipient)
    letter = Letter(
        language=cast(Language, message.language),
        recipient=tuple(recipient["lines"]),
        subject=message.subject,
        body=message.body,
        words=Words(**frame.pop("words")),
        sender_lines=tuple(frame.pop("sender_lines")),
        sender_contact=tuple(frame.pop("sender_contact")),
        **frame,
    )
    return letter, envelope


def _digest(pdf: bytes) -> str:
    return hashlib.sha256(pdf).hexdigest()
