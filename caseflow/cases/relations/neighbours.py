"""The cases around a case: merged, split, parent, children, related, and others of the same resident; one statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import anyone
from caseflow.cases.models import OPEN, Case
from caseflow.cases.relations.relation import Relation
from caseflow.cases.scope import within
from caseflow.cases.screen.mention import Following
from caseflow.cases.this_case import THIS, given
from caseflow.database import LAST_ID, constant, db, unseen
from caseflow.prepared import Prepared

EARLIER, ENOUGH, MOST, PAGE = 5, 100, 200, 50
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
    def earlier_said(self) -> str:
        """How many, as the page says it."""
        return f"{ENOUGH - 1}+" if self.earlier_count >= ENOUGH else str(self.earlier_count)

    @property
    def open_children(self) -> list[sa.Row[Any]]:
        return [row for row in self.children if row.status in OPEN]

    @property
    def count(self) -> int:
        """How many cases belong to this one, besides those merged into it."""
        return len(self.related) + len(self.children) + len(self.parts) + bool(self.parent) + bool(self.origin)


def of(staff: Staff, case: Case) -> Neighbours:
    """All within the person's scope."""
    return ahead(staff, case)()


def ahead(staff: Staff, case: Case) -> Callable[[], Neighbours]:
    """The same, asked at once and told when it is called."""
    arrived = _around(staff.role, *map(bool, _ways(case))).later({**given(case, staff), **_traits(case)})

    def told() -> Neighbours:
        found: dict[str, list[sa.Row[Any]]] = {}
        for row in arrived():
            found.setdefault(row.how, []).append(row)
        return _sorted(found)

    return told


@cache
def _around(role: str, by_email: bool, by_phone: bool, by_address: bool) -> Prepared:
    """`by_…`: in which of the ways the case says who the resident is."""
    where = within(anyone(role))
    near = [_joined(forth=True), _joined(forth=False), _following(anyone(role))]
    parts = [sa.select(query.where(where).subquery()) for query in near]
    ways = [way for way, told in zip(_SAME, (by_email, by_phone, by_address), strict=True) if told]
    return Prepared(sa.union_all(*parts, *([_earlier(where, ways)] if ways else [])))


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
    ways = [way for way, told in zip(_SAME, _ways(case), strict=True) if told]
    return sa.or_(*ways).params(_traits(case)) if ways else None


_NAMES = ("email", "phone", "name", "street", "postcode")
_EMAIL, _PHONE, _NAME, _STREET, _POSTCODE = (unseen(f"same_{name}", sa.Text) for name in _NAMES)
# In the order of `_ways`.
_SAME = (
    Case.email == _EMAIL,
    Case.phone == _PHONE,
    sa.and_(
        sa.func.lower(Case.name) == sa.func.lower(_NAME),
        sa.func.lower(Case.street) == sa.func.lower(_STREET),
        Case.postcode == _POSTCODE,
        Case.street.is_not(None),
    ),
)


def _ways(case: Case) -> tuple[object, object, object]:
    return case.email, case.phone, case.name and case.street and case.postcode


def _traits(case: Case) -> dict[str, str | None]:
    return {f"same_{name}": getattr(case, name) for name in _NAMES}


def _joined(*, forth: bool) -> sa.Select[Any]:
    """The other ends of the case's relations. What it is read as from here: `duplicate` forth is the main case."""
    here, there = (Relation.case_id, Relation.other_id) if forth else (Relation.other_id, Relation.case_id)
    how = Relation.sort if not forth else sa.func.concat(Relation.sort, sa.literal_column("'>'"))
    query = sa.select(how.label("how"), sa.literal(0).label("total"), *COLUMNS)
    return query.select_from(Relation).join(Case, Case.id == there).where(here == THIS.id).limit(constant(MOST))


def _following(staff: Staff) -> sa.Select[Any]:
    """The case itself, when this person follows it."""
    query = sa.select(sa.literal_column("'following'").label("how"), sa.literal(0).label("total"), *COLUMNS)
    query = query.join(Following, Following.case_id == Case.id)
    return query.where(Following.staff_id == staff.id, Case.id == THIS.id)


def _earlier(where: sa.ColumnElement[bool], ways: Sequence[sa.ColumnElement[bool]]) -> sa.Select[Any]:
    """The newest, and how many there are: ENOUGH at most in each way, along an index, since a company's switchboard may
    have filed thousands."""
    each = (sa.select(Case.id).where(where, way, Case.id != THIS.id) for way in ways)
    newest = [sa.select(one.order_by(Case.id.desc()).limit(constant(ENOUGH)).subquery()) for one in each]
    same = sa.union(*newest).subquery()
    total = sa.func.count().over().label("total")
    found = sa.select(same.c.id, total).order_by(same.c.id.desc()).limit(constant(EARLIER)).subquery()
    query = sa.select(sa.literal_column("'earlier'").label("how"), found.c.total, *COLUMNS)
    return query.join(found, found.c.id == Case.id).order_by(Case.id.desc())


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
