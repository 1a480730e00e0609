"""Files that go with what is said in a case: who may have them, and what a caseworker may send."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from caseflow import files
from caseflow.accounts.models import Staff
from caseflow.cases.models import Case, Entry
from caseflow.cases.scope import within
from caseflow.database import LAST_ID, db
from caseflow.messages.models import Attachment

# What every mail program opens and every printer prints: the beginning of the content and what it then is.
KINDS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n": "image/png"}
# Bytes of one file and of all that go with one text (many mail servers take no more), and how many there may be.
LARGEST, IN_ALL, MOST = 10 * 1024 * 1024, 15 * 1024 * 1024, 10
NAME_LENGTH = 120


@dataclass(frozen=True)
class Upload:
    """A file that is kept and not yet said: its content lies under `sha256`."""

    name: str
    media_type: str
    size: int
    sha256: str

    def facts(self) -> dict[str, object]:
        return asdict(self)


def kind_of(content: bytes) -> str | None:
    """What the content is, whatever its name says; None when it is nothing that we send."""
    return next((media_type for start, media_type in KINDS.items() if content.startswith(start)), None)


def clean_name(name: str) -> str:
    """The name without a path and without characters that end a line or hide something; never empty."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(letter for letter in " ".join(last.split()) if letter.isprintable())
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > NAME_LENGTH and dot:
        plain = stem[: NAME_LENGTH - 1 - len(ending[:10])] + dot + ending[:10]
    return plain[:NAME_LENGTH] or "file"


def attach(said: Entry | Case, uploads: Collection[Upload], *, now: datetime) -> None:
    """They go with what was said: with an entry, or with the case's first text."""
    place = {"case_id": said.id} if isinstance(said, Case) else {"case_id": said.case_id, "entry_id": said.id}
    db.session.add_all(Attachment(at=now, **place, **upload.facts()) for upload in uploads)
    db.session.flush()


def of_entry(entry: Entry) -> list[Upload]:
    """The files that go with what was said, in the order in which they were chosen."""
    query = sa.select(Attachment).where(Attachment.entry_id == entry.id).order_by(Attachment.id)
    return [Upload(row.name, row.media_type, row.size, row.sha256) for row in db.session.scalars(query)]


def of_case(case: Case) -> Mapping[int | None, Sequence[Attachment]]:
    """All files of the case by the entry that they go with; None holds those of its first text."""
    found: dict[int | None, list[Attachment]] = {}
    query = sa.select(Attachment).where(Attachment.case_id == case.id).order_by(Attachment.id)
    for row in db.session.scalars(query):
        found.setdefault(row.entry_id, []).append(row)
    return found


def find(staff: Staff, number: str, attachment_id: int) -> Attachment | None:
    """A file of a case within the person's scope."""
    query = _one(attachment_id).join(Case, Case.id == Attachment.case_id)
    return db.session.scalar(query.where(Case.number == number, within(staff))) if "\x00" not in number else None


def find_for_resident(case: Case, attachment_id: int, shown: Collection[int]) -> Attachment | None:
    """A file of the case that its resident may have: their own, or one that goes with an entry that is `shown`."""
    visible = Attachment.entry_id.in_(shown) | Attachment.entry_id.is_(None)
    return db.session.scalar(_one(attachment_id).where(Attachment.case_id == case.id, visible))


def read(row: Attachment, config: Mapping[str, Any]) -> bytes:
    """The content; FileNotFoundError when it is gone."""
    return files.read(row.sha256, config)


def _one(attachment_id: int) -> sa.Select[tuple[Attachment]]:
    return sa.select(Attachment).where(Attachment.id == min(attachment_id, LAST_ID))
