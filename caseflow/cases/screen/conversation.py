"""A case as one conversation in time order: what was said, what was sent, and the acts between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from caseflow.cases.models import Case, Entry
from caseflow.cases.relations.relation import Relation
from caseflow.cases.screen.desk import Desk
from caseflow.cases.screen.timeline import Act, Rows, acts, line
from caseflow.cases.this_case import THIS
from caseflow.database import db
from caseflow.messages.models import Attachment, Message

# Which sort of entry an act leaves; the act itself is then not told a second time.
SAID_BY_VERB = {"receive": "first", "hear": "resident", "note": "note", "ask": "question", "reply": "reply"}
SAID_BY_VERB |= {"relay": "reply", "echo": "resident", "not_solved": "resident"}


@dataclass(frozen=True)
class Item:
    """One thing in the conversation.

    `sort` is an entry's (resident, note, question, reply), `first` for the text that the case began with, or `act`
    for a quiet line. `version` is the case's after it, `reason` what the person said about why. `elsewhere` is the
    number of the merged case in which it was said.
    """

    sort: str
    at: datetime
    text: str
    who: str
    version: int
    reason: str | None = None
    entry: Entry | None = None
    messages: Sequence[Message] = field(default_factory=tuple)
    files: Sequence[Attachment] = ()
    elsewhere: str | None = None


def conversation(case: Case, desk: Desk, since: int = 0, asked: Callable[[], Rows] | None = None) -> list[Item]:
    """Everything in the case that happened after version `since`, in time order, in three queries; `asked` is what was
    asked ahead of `timeline`.
    """
    done = acts(case, desk, asked)
    sent = _messages(case)
    said, files = _texts_and_files(case)
    items: list[Item] = []
    version = 0
    for act in done:
        version = act.version or version
        sort = SAID_BY_VERB.get(act.verb, "act")
        entry = _taken(said, act, sort)
        if sort == "first":
            items.append(replace(_first(case, act, sent.get(None, [])), files=files.get(None, ())))
        elif entry and not entry.retracted_at:
            items.append(replace(_said(entry, act, version, sent.get(entry.id, [])), files=files.get(entry.id, ())))
        else:
            items.append(Item("act", act.at, line(act), act.who, version, act.reason))
    return [item for item in items if item.version > since]


def _first(case: Case, act: Act, sent: list[Message]) -> Item:
    who = case.name or ""
    return Item("first", act.at, case.description, who, act.version or 1, line(act), messages=sent)


def _said(entry: Entry, act: Act, version: int, sent: list[Message]) -> Item:
    who = entry.author.name if entry.author else ""
    merged = str(act.data["merged"]) if act.verb == "echo" else None
    reason = line(act) if act.verb == "not_solved" else act.reason
    return Item(entry.sort, entry.at, entry.text, who, version, reason, entry, sent, elsewhere=merged)


def _taken(said: dict[int, Entry], act: Act, sort: str) -> Entry | None:
    """The entry that the act left, taken out of those not yet told: by its number, else by sort and moment."""
    number = act.data.get("entry")
    if isinstance(number, int):
        return said.pop(number, None)
    same = (entry.id for entry in said.values() if (entry.sort, entry.at) == (sort, act.at))
    found = next(same, None)
    return said.pop(found) if found else None


def _texts_and_files(case: Case) -> tuple[dict[int, Entry], dict[int | None, list[Attachment]]]:
    """The entries by id, and the files by the entry that they go with; None holds those of the first text."""
    said: dict[int, Entry] = {}
    files: dict[int | None, list[Attachment]] = {}
    for entry, attached in db.session.execute(_texts_with_files(), {"case_id": case.id}):
        if entry:
            said[entry.id] = entry
        if attached:
            files.setdefault(attached.entry_id, []).append(attached)
    return said, files


@cache
def _texts_with_files() -> sa.Select[tuple[Entry, Attachment]]:
    text = aliased(Entry, _entries().subquery())
    told = sa.or_(Attachment.case_id == THIS.id, Attachment.entry_id.in_(_entries().with_only_columns(Entry.id)))
    file = aliased(Attachment, sa.select(Attachment).where(told).subquery())
    query = sa.select(text, file).join_from(text, file, file.entry_id == text.id, full=True)
    return query.options(joinedload(text.author)).order_by(text.id, file.id)


def _entries() -> sa.Select[tuple[Entry]]:
    """What was said in the case, and what residents said in those merged into it."""
    merged = sa.select(Relation.case_id).where(Relation.other_id == THIS.id, Relation.sort == "duplicate")
    both = sa.union_all(sa.select(cast(Any, THIS.id)), merged).scalar_subquery()
    query = sa.select(Entry).where(Entry.case_id == sa.any_(sa.func.array(both)))
    return query.where(sa.or_(Entry.case_id == THIS.id, Entry.sort == "resident"))


def _messages(case: Case) -> dict[int | None, list[Message]]:
    """The case's messages by the entry that they carry; None holds the receipt."""
    found: dict[int | None, list[Message]] = {}
    for message in db.session.scalars(_sent(), {"case_id": case.id}).unique():
        found.setdefault(message.entry_id, []).append(message)
    return found


@cache
def _sent() -> sa.Select[tuple[Message]]:
    query = sa.select(Message).where(Message.case_id == THIS.id).order_by(Message.id)
    return query.options(joinedload(Message.calls), joinedload(Message.batch))
