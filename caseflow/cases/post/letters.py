"""The letter pile and its batches: letters are printed together and marked as posted when they are in the mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, cast

import sqlalchemy as sa
from pypdf import PdfReader

from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import departments_of, protected_of
from caseflow.audit import Actor, record
from caseflow.cases.models import Case
from caseflow.cases.scope import handled_by, messages_within
from caseflow.database import LAST_ID, db
from caseflow.messages import fate
from caseflow.messages.binding import Binding, bind
from caseflow.messages.channels import letter
from caseflow.messages.models import LetterBatch, Message

# As many as a person looks through at a time, and as one PDF is comfortable to print.
PILE = 60
POSTED = 20
WAITS = (Message.channel == "letter", Message.status == "accepted", Message.batch_id.is_(None))
Config = Mapping[str, Any]


class Posted(Exception):
    """The batch is in the mail: nothing in it can be changed."""


class OnItsWay(Exception):
    """The batch is with whoever prints it, or may be: nothing in it can be changed."""


class Altered(Exception):
    """A letter can no longer be drawn as it was when its batch was made; says the case's number."""


@dataclass(frozen=True)
class Sheet:
    """A letter as the pile and the batches show it. `lines` is the address, the name first."""

    message_id: int
    case_number: str
    case_subject: str
    caseworker: str | None
    lines: list[str]
    pages: int


@dataclass(frozen=True)
class Batch:
    """A batch and its letters in printing order; `pages` counts the printed file's, blank ones included."""

    row: LetterBatch
    maker: str | None
    letters: list[Sheet]

    @property
    def sheets_of_paper(self) -> int:
        return sum((sheet.pages + 1) // 2 for sheet in self.letters)


def pile(staff: Staff, config: Config) -> tuple[list[Sheet], int]:
    """The letters that wait to be printed, oldest first, at most PILE; and how many there are in all."""
    total = sa.func.count().over()
    query = _drawn(staff).where(*WAITS).order_by(Message.id).limit(PILE).add_columns(total)
    rows = db.session.execute(query).all()
    return [_sheet(row, _count_pages(letter.fetch(row.Message, config))) for row in rows], rows[0][-1] if rows else 0


def find(staff: Staff, message_id: int) -> Message | None:
    """A letter in any state, or None when there is none for this person."""
    if message_id > LAST_ID:
        return None
    return db.session.scalar(messages_within(staff).where(Message.id == message_id, Message.channel == "letter"))


def make_batches(staff: Staff, chosen: Sequence[int], *, config: Config, now: datetime) -> list[LetterBatch]:
    """Put the chosen letters that still wait into new batches, one for each department that they belong to; those to
    residents with protected personal data have one of their own.

    The rows are locked in the order of their ids: of two people who press at once the second waits, and then finds
    what the first has left.
    """
    keys = [key for key in chosen if abs(key) <= LAST_ID]
    query = sa.select(Message, Case.department_code, Case.protected).join(Case, Case.id == Message.case_id)
    locked = (
        query.where(handled_by(staff), *WAITS, Message.id.in_(keys)).order_by(Message.id).with_for_update(of=Message)
    )
    letters: dict[tuple[str, bool], list[Message]] = {}
    for message, *place in db.session.execute(locked.execution_options(populate_existing=True)):
        letters.setdefault((place[0], place[1]), []).append(message)
    return [
        put_together(department, one, config=config, now=now, created_by=staff.id, protected=protected)
        for (department, protected), one in letters.items()
    ]


def put_together(
    department: str, letters: Sequence[Message], *, config: Config, now: datetime, **maker: Any
) -> LetterBatch:
    """One department's letters as a new batch; `maker` says who or which cut-off made it."""
    batch = LetterBatch(department_code=department, created_at=now, manifest=_manifest(letters, config), **maker)
    db.session.add(batch)
    db.session.flush()
    for message in letters:
        message.batch_id = batch.id
    return batch


def batches(staff: Staff) -> list[Batch]:
    """Batches to print, oldest first, then the POSTED latest in the mail: where the person handles cases."""
    query = sa.select(LetterBatch, Staff.name).outerjoin(Staff, Staff.id == LetterBatch.created_by)
    query = query.where(batches_within(staff, "handle"))
    to_print = query.where(LetterBatch.posted_at.is_(None)).order_by(LetterBatch.id)
    posted = query.where(LetterBatch.posted_at.is_not(None)).order_by(LetterBatch.posted_at.desc()).limit(POSTED)
    found = [*db.session.execute(to_print), *db.session.execute(posted)]
    sheets = _sheets_of(staff, [batch for batch, _name in found])
    return [Batch(batch, name, [sheets[key] for key in _keys(batch) if key in sheets]) for batch, name in found]


def find_batch(staff: Staff, batch_id: int, *, for_act: bool = False) -> LetterBatch | None:
    """A batch, or None when this person does not handle its department. `for_act` locks it."""
    if batch_id > LAST_ID:
        return None
    query = sa.select(LetterBatch).where(LetterBatch.id == batch_id, batches_within(staff, "handle"))
    if for_act:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def batches_within(staff: Staff, level: str = "read") -> sa.ColumnElement[bool]:
    """The condition on LetterBatch that this person reaches all that is in it."""
    here = LetterBatch.department_code.in_(departments_of(staff, level))
    return sa.and_(here, sa.or_(~LetterBatch.protected, LetterBatch.department_code.in_(protected_of(staff, level))))


def lines_of(batch: LetterBatch) -> list[dict[str, Any]]:
    """The manifest's lines in printing order: message, case, first_page, pages, sha256."""
    return cast(list[dict[str, Any]], batch.manifest["letters"])


def printed(batch: LetterBatch, config: Config) -> bytes:
    """The batch as one PDF, each letter on sheets of its own; the same bytes each time. Raises `Altered`."""
    letters = _letters_of(batch)
    binding = _bound([letters[line["message"]] for line in lines_of(batch)], config)
    for line, entry in zip(lines_of(batch), binding.entries, strict=True):
        if line["sha256"] != entry.sha256:
            raise Altered(line["case"])
    return binding.pdf


def take_out(batch: LetterBatch, message_id: int, config: Config) -> None:
    """Put one letter back into the pile; a batch that is empty then goes. Raises `Posted`, `OnItsWay`."""
    if batch.posted_at:
        raise Posted
    if batch.handover not in ("by_hand", "failed"):
        raise OnItsWay
    letters = _letters_of(batch, for_act=True)
    if message_id not in letters:
        return
    letters.pop(message_id).batch_id = None
    if letters:
        batch.manifest = _manifest([letters[key] for key in sorted(letters)], config)
    else:
        db.session.flush()
        db.session.delete(batch)


def post(batch: LetterBatch, *, by: Actor, now: datetime) -> None:
    """All letters of the batch are in the mail; a second time changes nothing."""
    if batch.posted_at:
        return
    for message in _letters_of(batch, for_act=True).values():
        fate.arrived(message, now=now)
        assert message.case_id is not None
        record("case", message.case_id, "posted", by=by, at=now, message=message.id, batch=batch.id)
    batch.posted_at = now


def _manifest(letters: Sequence[Message], config: Config) -> dict[str, object]:
    """Lines as the binding counts their pages; drawn once here, so that a letter that cannot be bound is found now."""
    binding = _bound(letters, config)
    lines = [
        {
            "message": message.id,
            "case": message.frame["case_number"],
            "first_page": entry.first_page,
            "pages": entry.pages,
            "sha256": entry.sha256,
        }
        for message, entry in zip(letters, binding.entries, strict=True)
    ]
    return {"letters": lines}


def _bound(letters: Sequence[Message], config: Config) -> Binding:
    enclosed = {str(message.id): letter.enclosed(message, config) for message in letters}
    return bind([(str(message.id), letter.fetch(message, config)) for message in letters], enclosed=enclosed)


def _keys(batch: LetterBatch) -> list[int]:
    return [line["message"] for line in lines_of(batch)]


def _letters_of(batch: LetterBatch, *, for_act: bool = False) -> dict[int, Message]:
    query = sa.select(Message).where(Message.batch_id == batch.id).order_by(Message.id)
    if for_act:
        query = query.with_for_update().execution_options(populate_existing=True)
    return {message.id: message for message in db.session.scalars(query)}


def _sheets_of(staff: Staff, found: Sequence[LetterBatch]) -> dict[int, Sheet]:
    pages = {line["message"]: line["pages"] for batch in found for line in lines_of(batch)}
    rows = db.session.execute(_drawn(staff).where(Message.id.in_(pages)))
    return {row.Message.id: _sheet(row, pages[row.Message.id]) for row in rows}


def _drawn(staff: Staff) -> sa.Select[Any]:
    """Letters with what is shown beside them."""
    query = sa.select(Message, Case.number, Case.subject, Staff.name.label("caseworker"))
    query = query.join(Case, Case.id == Message.case_id).outerjoin(Staff, Staff.id == Case.assignee_id)
    return query.where(handled_by(staff))


def _sheet(row: sa.Row[Any], pages: int) -> Sheet:
    return Sheet(row.Message.id, row.number, row.subject, row.caseworker, row.Message.recipient["lines"], pages)


def _count_pages(pdf: bytes) -> int:
    return len(PdfReader(BytesIO(pdf)).pages)
