"""What every page reads and hardly anybody changes is kept in memory, under a stamp that changes with it.

The stamp is a row that the database's own triggers (`configuration_changes`) write anew, in the same transaction,
whenever a table changes that something kept is read from. Whoever reads the stamp before using what is kept under it
uses nothing older, in whichever process it was changed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import sqlalchemy as sa
from flask import has_request_context
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.database import STAMP, Model, db, in_unit_of_work

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


def was_read(value: uuid.UUID | None) -> None:
    """The stamp as this request's first statement found it; a unit of work forgets it."""
    db.session().info[STAMP] = value


def current() -> uuid.UUID | None:
    """The stamp as this request has read it, else as it is."""
    info = db.session().info
    value: uuid.UUID | None = info.get(STAMP)
    if value is None:
        value = db.session.scalar(_READ)
        if has_request_context() and not in_unit_of_work():
            info[STAMP] = value
    return value


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
