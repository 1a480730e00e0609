"""Who else has a case open just now and what is begun in it, as its row in a list shows it.

Two columns of the list's own statement, looked up by key for the rows of the page. Where nobody is, or the presence
table was emptied by a crash, there is no mark and nothing else is different.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from caseflow import database
from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.cases.screen.drafts import Draft
from caseflow.cases.screen.presence import GONE_AFTER, Presence

_ME = database.unseen("me", sa.BigInteger)
_SEEN_AFTER = database.unseen("seen_after", sa.DateTime(timezone=True))
_THEM = aliased(Staff)


def _listed(flag: Any) -> sa.ColumnElement[Any]:
    return sa.func.jsonb_agg(sa.func.jsonb_build_array(flag, _THEM.name), type_=JSONB)


_HERE = (
    sa.select(_listed(Presence.writing))
    .join_from(Presence, _THEM, _THEM.id == Presence.staff_id)
    .where(Presence.case_id == Case.id, Presence.staff_id != _ME, Presence.seen_at > _SEEN_AFTER)
)
_BEGUN = (
    sa.select(_listed(Draft.staff_id == _ME))
    .join_from(Draft, _THEM, _THEM.id == Draft.staff_id)
    .where(Draft.case_id == Case.id, _THEM.active)
)
COLUMNS = (_HERE.scalar_subquery().label("here"), _BEGUN.scalar_subquery().label("begun"))


def given(staff: Staff, now: datetime) -> dict[str, Any]:
    """What the columns have to be told when the statement runs."""
    return {"me": staff.id, "seen_after": now - GONE_AFTER}


@dataclass(frozen=True)
class Marks:
    """First names: of who reads, who writes, and who has begun a text; `draft` is whether one of these is one's own."""

    reading: tuple[str, ...]
    writing: tuple[str, ...]
    draft: bool
    others: tuple[str, ...]

    @classmethod
    def of(cls, row: sa.Row[Any]) -> Marks:
        if not (row.here or row.begun):
            return NONE
        here, begun = row.here or (), row.begun or ()
        writing = _names(name for writes, name in here if writes)
        return cls(
            reading=_names(name for writes, name in here if not writes),
            writing=writing,
            draft=any(mine for mine, _name in begun),
            others=tuple(name for name in _names(name for mine, name in begun if not mine) if name not in writing),
        )


# Of nearly every row.
NONE = Marks((), (), False, ())


def _names(names: Any) -> tuple[str, ...]:
    return tuple(sorted({name.split()[0] for name in names}))
