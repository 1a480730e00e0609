"""The cases around a case: merged, split, parent, children, related, and others of the same resident; one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.cases.mention import Following
from caseflow.cases.models import OPEN, Case
from caseflow.cases.queue import LAST_ID
from caseflow.cases.relation import Relation
from caseflow.cases.scope import within
from caseflow.database import db

EARLIER, MOST, PAGE = 5, 200, 50
COLUMNS = (
    Case.id,
    Case.number,
    Case.subject,
    Case.status,
    Case.resolution,
    Case.received_at,
    Case.department_code,
    Case.reply_by,
    Case.language,
)
Rows = Sequence[sa.Row[Any]]


@dataclass(frozen=True)
class Neighbours:
    """Rows of COLUMNS. `merged` went into this case and `main` is where this one went; `earlier_count` counts all other
    cases of the resident, of which `earlier` has the newest."""

    main: sa.Row[Any] | None
    merged: Rows
    parent: sa.Row[Any] | None
    children: Rows
    related: Rows
    origin: sa.Row[Any] | None
    parts: Rows
    earlier: Rows
    earlier_count: int
    following: bool

    @property
    def open_children(self) -> list[sa.Row[Any]]:
        return [row for row in self.children if row.status in OPEN]

    @property
    def count(self) -> int:
        """How many cases belong to this one, besides those merged into it."""
        return len(self.related) + len(self.children) + len(self.parts) + bool(self.parent) + bool(self.origin)


def of(staff: Staff, case: Case) -> Neighbours:
    """All within the person's scope."""
    near = [_joined(case, forth=True), _joined(case, forth=False), _following(case, staff)]
    same = same_resident(case)
    if same is not None:
        near.append(_earlier(case, same))
    where = within(staff)
    parts = [sa.select(part.subquery()) for part in (query.where(where) for query in near[:3])]
    parts += [sa.select(query.where(where).order_by(Case.id.desc()).limit(EARLIER).subquery()) for query in near[3:]]
    found: dict[str, list[sa.Row[Any]]] = {}
    for row in db.session.execute(sa.union_all(*parts)):
        found.setdefault(row.how, []).append(row)
    return _sorted(found)


def history(staff: Staff, case: Case, before: int | None) -> tuple[Rows, bool]:
    """A page of the resident's other cases, the newest first, from an id on; and whether there are older ones."""
    same = same_resident(case)
    if same is None:
        return (), False
    query = sa.select(*COLUMNS).where(within(staff), same, Case.id != case.id)
    query = query.where(Case.id < min(before, LAST_ID)) if before is not None else query
    rows = db.session.execute(query.order_by(Case.id.desc()).limit(PAGE + 1)).all()
    return rows[:PAGE], len(rows) > PAGE


def same_resident(case: Case) -> sa.ColumnElement[bool] | None:
    """The condition that a case is of the same resident: the same e-mail address or phone number, or the same name at
    the same postal address; None where the case tells none of them."""
    same = [column == value for column, value in ((Case.email, case.email), (Case.phone, case.phone)) if value]
    if case.name and case.street and case.postcode:
        name, street = sa.func.lower(Case.name) == case.name.lower(), sa.func.lower(Case.street) == case.street.lower()
        same.append(sa.and_(name, street, Case.postcode == case.postcode, Case.street.is_not(None)))
    return sa.or_(*same) if same else None


def _joined(case: Case, *, forth: bool) -> sa.Select[Any]:
    """The other ends of the case's relations. What it is read as from here: `duplicate` forth is the main case."""
    here, there = (Relation.case_id, Relation.other_id) if forth else (Relation.other_id, Relation.case_id)
    how = Relation.sort if not forth else sa.func.concat(Relation.sort, sa.literal_column("'>'"))
    query = sa.select(how.label("how"), sa.literal(0).label("total"), *COLUMNS)
    return query.select_from(Relation).join(Case, Case.id == there).where(here == case.id).limit(MOST)


def _following(case: Case, staff: Staff) -> sa.Select[Any]:
    """The case itself, when this person follows it."""
    query = sa.select(sa.literal_column("'following'").label("how"), sa.literal(0).label("total"), *COLUMNS)
    query = query.join(Following, Following.case_id == Case.id)
    return query.where(Following.staff_id == staff.id, Case.id == case.id)


def _earlier(case: Case, same: sa.ColumnElement[bool]) -> sa.Select[Any]:
    total = sa.func.count().over().label("total")
    return sa.select(sa.literal_column("'earlier'").label("how"), total, *COLUMNS).where(same, Case.id != case.id)


def _sorted(found: dict[str, list[sa.Row[Any]]]) -> Neighbours:
    earlier = found.get("earlier", [])
    return Neighbours(
        main=next(iter(found.get("duplicate>", ())), None),
        merged=_by_number(found.get("duplicate", [])),
        parent=next(iter(found.get("child>", ())), None),
        children=_by_number(found.get("child", [])),
        related=_by_number([*found.get("related", ()), *found.get("related>", ())]),
        origin=next(iter(found.get("split>", ())), None),
        parts=_by_number(found.get("split", [])),
        earlier=earlier,
        earlier_count=earlier[0].total if earlier else 0,
        following="following" in found,
    )


def _by_number(rows: Rows) -> Rows:
    return sorted(rows, key=lambda row: row.id)
