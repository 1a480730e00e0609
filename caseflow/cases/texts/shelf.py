"""Shared words: standard texts and macros. Each belongs to one person, a department or everybody.

Who may use and who may change one is the same for both. What is done to a shared one stands in the history of the
configuration, because it is a part of the municipality's file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any, ClassVar, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import May, departments_of, may, may_in
from caseflow.audit import Actor, record
from caseflow.cases.models import LANGUAGES, Municipality, in_language
from caseflow.cases.municipality import file_codes, places
from caseflow.database import Model, db

Row = dict[str, Any]
T = TypeVar("T", bound="Shelved")


class Shelved(Model):
    """`code` is its name in the municipality's file, under `section`; what belongs to one person has none."""

    __abstract__ = True
    section: ClassVar[str]

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    code: Mapped[str | None] = mapped_column(unique=True)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"))
    department_code: Mapped[str | None] = mapped_column(sa.ForeignKey("department.code", onupdate="CASCADE"))
    titles: Mapped[dict[str, str]]
    uses: Mapped[int] = mapped_column(server_default="0", default=0)
    used_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))

    def title(self, language: str) -> str:
        return in_language(self.titles, language)

    @property
    def coded(self) -> str:
        """Its code; one from before codes were given gets one from its number."""
        return self.code or f"{self.__tablename__.rpartition('_')[2]}-{self.id}"

    def written(self) -> Row:
        """As it stands in the municipality's file."""
        raise NotImplementedError


def in_order(texts: Mapping[str, str]) -> Row:
    """In the languages' order, which JSON in the database does not keep."""
    return {language: texts[language] for language in LANGUAGES if language in texts}


def readable(model: type[Shelved], staff: Staff) -> sa.ColumnElement[bool]:
    """The condition on the model: one's own, those for all, and those of the departments whose cases one sees."""
    shared: sa.ColumnElement[bool] = model.owner_id.is_(None)
    if not may(staff, May.ADMINISTER):
        here = sa.or_(model.department_code.is_(None), model.department_code.in_(departments_of(staff)))
        shared = sa.and_(shared, here)
    return sa.or_(model.owner_id == staff.id, shared)


def editable(model: type[Shelved], staff: Staff) -> sa.ColumnElement[bool]:
    """One's own; those of departments that one leads; all shared ones for who administers."""
    shared: sa.ColumnElement[bool] = model.owner_id.is_(None)
    if not may(staff, May.ADMINISTER):
        shared = sa.and_(shared, model.department_code.in_(departments_of(staff, "lead")))
    return sa.or_(model.owner_id == staff.id, shared)


def may_edit(one: Shelved, staff: Staff) -> bool:
    """The same of one that is at hand."""
    led = one.department_code is not None and may_in(staff, one.department_code, "lead")
    return one.owner_id == staff.id or (one.owner_id is None and (may(staff, May.ADMINISTER) or led))


def all_of(model: type[T], staff: Staff) -> Sequence[T]:
    """All that this person may use anywhere, own first, then by department; one statement."""
    order = (model.owner_id.is_(None), model.department_code.nulls_first(), model.id)
    return db.session.scalars(sa.select(model).where(readable(model, staff)).order_by(*order)).all()


def find(model: type[T], staff: Staff, number: int, *, to_edit: bool = False) -> T | None:
    reach = editable(model, staff) if to_edit else readable(model, staff)
    return db.session.scalar(sa.select(model).where(model.id == number, reach))


def told(one: Shelved) -> Row | None:
    """What the history keeps of it: nothing of what belongs to one person, or is not there yet."""
    return one.written() if one.id and one.owner_id is None else None


def save(one: Shelved, before: Row | None, *, by: Actor, now: datetime) -> None:
    """`before` is what `told` said of it before it was changed."""
    if one.owner_id is not None:
        one.code = None
    elif one.code is None:
        one.code = _new_code(one)
    verb = "change" if one.id else "add"
    db.session.add(one)
    db.session.flush()
    _tell(one, before, told(one), verb, by=by, now=now)


def remove(one: Shelved, *, by: Actor, now: datetime) -> None:
    _tell(one, told(one), None, "remove", by=by, now=now)
    db.session.delete(one)


def _tell(one: Shelved, before: Row | None, after: Row | None, verb: str, *, by: Actor, now: datetime) -> None:
    shown = after or before
    if shown is None:
        record(one.__tablename__, one.id, verb, by=by, at=now)
    elif before != after:
        facts: Mapping[str, Any] = {"place": f"{one.section}/{shown['code']}", "before": before, "after": after}
        done = "change" if after else "remove"
        record(places.SUBJECT, places.SUBJECT_ID, done, by=by, at=now, **facts)


def _new_code(one: Shelved) -> str:
    """From its title, one after the other: the municipality's row is the key, as for every part of the file."""
    db.session.get_one(Municipality, 1, with_for_update=True)
    model = type(one)
    stem = file_codes.stem(in_language(one.titles, LANGUAGES[0])) or model.__tablename__
    stem = f"{one.department_code}.{stem}" if one.department_code else stem
    taken = set(db.session.scalars(sa.select(model.code).where(model.code.startswith(stem, autoescape=True))))
    return next(code for number in count(1) if (code := f"{stem}-{number}" if number > 1 else stem) not in taken)
