"""What somebody has begun to write in a case, kept until it is sent or its writer throws it away.

A draft belongs to its writer alone: it outlives every change of the case, and the scope does not hide it from who wrote
it. Others see only that there is one. Where two windows write the same draft, a window may only write over what it has
shown: it says by `seen` which state that was.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.accounts.models import Staff
from caseflow.cases.models import Case, Entry
from caseflow.cases.scope import handled_by, within
from caseflow.database import Model, db

SORTS = ("reply", "note", "question")
SORT_OF = {"reply": "reply", "note": "note", "ask": "question"}  # by the verb that says it
LONGEST = 100_000  # characters; what is too long to be sent is kept all the same


class Draft(Model):
    """One text under way. `revision` is new with each save, `submission` names the page that saved last."""

    __tablename__ = "draft"
    __table_args__ = (
        sa.CheckConstraint(f"sort IN {SORTS}", name="sort"),
        sa.Index("draft_case_id_idx", "case_id"),
    )

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id", ondelete="CASCADE"), primary_key=True)
    sort: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    revision: Mapped[str]
    submission: Mapped[str]
    saved_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


class Newer(Exception):
    """Another window has saved this draft since the page saw it; nothing was written."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(draft.revision)
        self.draft = draft


class Said(Exception):
    """The text was sent already: what comes late is no draft any more."""


class Begun(NamedTuple):
    """One draft in a case as its page shows it; `text` is empty when it is somebody else's."""

    staff_id: int
    sort: str
    text: str
    revision: str
    saved_at: datetime
    name: str

    @classmethod
    def read(cls, row: Sequence[Any]) -> Begun:
        """From JSON, which knows no moments."""
        staff_id, sort, text, revision, saved_at, name = row
        return cls(staff_id, sort, text, revision, datetime.fromisoformat(saved_at), name)


@dataclass(frozen=True)
class Drafts:
    """The drafts in one case: one's own by sort, and the names of others who have one."""

    own: Mapping[str, Begun] = field(default_factory=dict)
    others: tuple[str, ...] = ()

    @classmethod
    def of(cls, rows: Sequence[Begun], staff: Staff) -> Drafts:
        own = {row.sort: row for row in rows if row.staff_id == staff.id}
        return cls(own, tuple(dict.fromkeys(row.name for row in rows if row.staff_id != staff.id)))

    @property
    def latest(self) -> str | None:
        """The sort that was written last."""
        return max(self.own, key=lambda sort: self.own[sort].saved_at, default=None)


def in_case(case: Case, staff: Staff) -> sa.Select[Any]:
    """Columns as `Begun` has them; the texts of others stay where they are."""
    text = sa.case((Draft.staff_id == staff.id, Draft.text), else_="").label("text")
    columns = (Draft.staff_id, Draft.sort, text, Draft.revision, Draft.saved_at, Staff.name)
    query = sa.select(*columns).join(Staff, Staff.id == Draft.staff_id).where(Draft.case_id == case.id, Staff.active)
    return query.order_by(Draft.saved_at)


def place(staff: Staff, number: str, sort: str) -> int | None:
    """The id of the case in which this person may keep a draft: one to act on, or where one of theirs lies already.

    Locked against whoever sends in this case just now, so that no save comes after the sending and before its commit.
    """
    if "\x00" in number or sort not in SORTS:
        return None
    own = sa.exists().where(Draft.case_id == Case.id, Draft.staff_id == staff.id, Draft.sort == sort)
    query = sa.select(Case.id).where(Case.number == number, sa.or_(handled_by(staff), own))
    return db.session.scalar(query.with_for_update(read=True, key_share=True))


def save(
    staff: Staff, case_id: int, sort: str, text: str, *, seen: str, submission: str, now: datetime
) -> Draft | None:
    """Keep the text to the letter; an empty one is no draft. Raises `Newer` or `Said`."""
    sent = sa.select(Entry.id).where(Entry.submission == submission, Entry.case_id == case_id)
    if submission and db.session.scalar(sent) is not None:
        raise Said
    if not text.strip():
        throw_away(staff, case_id, sort, seen=seen, submission=submission)
        return None
    facts = {"text": text, "revision": uuid.uuid4().hex, "submission": submission, "saved_at": now}
    put = insert(Draft).values(staff_id=staff.id, case_id=case_id, sort=sort, **facts)
    put = put.on_conflict_do_update(
        index_elements=["staff_id", "case_id", "sort"], set_=facts, where=_shown(seen, submission)
    )
    fresh = {"populate_existing": True}
    kept = db.session.scalar(put.returning(Draft), execution_options=fresh)
    if kept is None:
        raise Newer(db.session.get_one(Draft, (staff.id, case_id, sort), populate_existing=True))
    return kept


def throw_away(staff: Staff, case_id: int, sort: str, *, seen: str, submission: str) -> None:
    """Remove what the page has shown; what another window has written since stays."""
    mine = (Draft.staff_id == staff.id, Draft.case_id == case_id, Draft.sort == sort)
    _remove(*mine, _shown(seen, submission))


def sent(case: Case, staff: Staff, verb: str, *, seen: str, submission: str) -> None:
    """The text was said: its draft goes with it. A draft that another window has written since stays."""
    same_page = Draft.submission == submission if submission else sa.false()
    this_sort = sa.and_(Draft.sort == SORT_OF[verb], Draft.revision == seen)
    _remove(Draft.staff_id == staff.id, Draft.case_id == case.id, sa.or_(same_page, this_sort))


def restore(entry: Entry, now: datetime) -> None:
    """What was said and undone is a draft again, unless its writer has begun another one."""
    facts = {"text": entry.text, "revision": uuid.uuid4().hex, "submission": "", "saved_at": now}
    put = insert(Draft).values(staff_id=entry.author_id, case_id=entry.case_id, sort=entry.sort, **facts)
    db.session.execute(put.on_conflict_do_nothing())


def append(staff: Staff, case: Case, sort: str, more: str, *, now: datetime) -> None:
    """Put a text after what is there; nothing of it is lost."""
    mine = (Draft.staff_id == staff.id, Draft.case_id == case.id, Draft.sort == sort)
    before = db.session.scalar(sa.select(Draft.text).where(*mine)) or ""
    facts = {"text": more, "revision": uuid.uuid4().hex, "submission": "", "saved_at": now}
    put = insert(Draft).values(staff_id=staff.id, case_id=case.id, sort=sort, **facts)
    longer = {**facts, "text": Draft.text + ("\n\n" if before.strip() else "") + more}
    db.session.execute(put.on_conflict_do_update(index_elements=["staff_id", "case_id", "sort"], set_=longer))


def of(staff: Staff) -> Sequence[sa.Row[Any]]:
    """All of a person's drafts, the latest first; `subject` is empty where the case is no longer theirs to see."""
    subject = sa.case((within(staff), Case.subject), else_=None).label("subject")
    columns = (Case.number, subject, Draft.sort, Draft.text, Draft.revision, Draft.saved_at)
    query = sa.select(*columns).join(Case, Case.id == Draft.case_id).where(Draft.staff_id == staff.id)
    return db.session.execute(query.order_by(Draft.saved_at.desc())).all()


def _shown(seen: str, submission: str) -> sa.ColumnElement[bool]:
    """Whether the page that asks has shown, or has itself written, what stands there."""
    own = Draft.submission == submission if submission else sa.false()
    return sa.or_(Draft.revision == seen, own)


def _remove(*which: sa.ColumnElement[bool]) -> None:
    db.session.execute(sa.delete(Draft).where(*which), execution_options={"synchronize_session": False})
