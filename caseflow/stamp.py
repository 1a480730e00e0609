"""What every page reads and hardly anybody changes is kept in memory, under a stamp that changes with it.

The stamp is a row that the database's own triggers (`configuration_changes`) write anew, in the same transaction,
whenever a table changes that something kept is read from. Whoever reads the stamp before using what is kept under it
uses nothing older, in whichever process it was changed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

import sqlalchemy as sa
from flask import has_request_context
from flask.ctx import RequestContext
from flask.globals import request_ctx
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column

from caseflow.database import Model, db

if TYPE_CHECKING:
    from werkzeug.local import LocalProxy

P = ParamSpec("P")
R = TypeVar("R")


class Stamp(Model):
    """A single row. Where there is none, nothing is kept."""

    __tablename__ = "configuration_stamp"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    value: Mapped[uuid.UUID]


# To be read together with something else: most requests begin with who is signed in.
VALUE = sa.select(Stamp.value).scalar_subquery()
_READ = sa.select(Stamp.value)
_STAMP = "stamp"
# The tables whose triggers write the stamp.
WATCHED = frozenset(
    (
        *("municipality", "kind", "department", "category", "routing_rule", "membership", "saved_view", "staff"),
        "open_data_choice",
    )
)


def was_read(value: uuid.UUID | None) -> None:
    """The stamp as this request's first statement found it."""
    db.session().info[_STAMP] = (_here(), value)


def current() -> uuid.UUID | None:
    """The stamp as this request (elsewhere: this transaction) has read it, else as it is."""
    where, value = db.session().info.get(_STAMP, (None, None))
    if value is None or where is not _here():
        value = db.session.connection().scalar(_READ)
        was_read(value)
    known: uuid.UUID | None = value
    return known


def _here() -> object:
    if has_request_context():
        return cast("LocalProxy[RequestContext]", request_ctx)._get_current_object()
    return db.session().get_transaction()


@sa.event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, *_more: object) -> None:
    session.info.pop(_STAMP, None)


@sa.event.listens_for(Session, "before_flush")
def _forget_when_changing(session: Session, *_more: object) -> None:
    if any(one.__tablename__ in WATCHED for one in (*session.new, *session.dirty, *session.deleted)):
        _forget(session)


@sa.event.listens_for(Session, "do_orm_execute")
def _forget_when_writing(state: ORMExecuteState) -> None:
    """Statements without a mapper are plain SQL, which may write anything."""
    if state.is_select:
        return
    table = getattr(state.bind_mapper, "local_table", None)
    if table is None or table.name in WATCHED:
        _forget(state.session)


def kept(read: Callable[P, R]) -> Callable[P, R]:
    """Ask the database again only when the stamp has changed since. What is given back is shared: for reading only.

    The arguments must be few (a language). Nothing may be read from a table without the triggers.
    """
    memory: dict[object, tuple[uuid.UUID, R]] = {}

    @wraps(read)
    def known(*args: P.args, **kwargs: P.kwargs) -> R:
        now, key = current(), (args, *kwargs.items())
        if now is None:
            return read(*args, **kwargs)
        found = memory.get(key)
        if found is None or found[0] != now:
            found = memory[key] = (now, read(*args, **kwargs))
        return found[1]

    return known
