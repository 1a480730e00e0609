"""Orders of the queue by what many cases share (department, caseworker, status), the most urgent first within each.

No index holds cases in the order of names. There are few groups: they are put in order, and of each that a page reaches
the first rows are read along an index that begins with the group.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import departments_of
from caseflow.cases.models import OPEN, Case, Department
from caseflow.cases.triage.lookup import ASSIGNED
from caseflow.cases.triage.queue_filter import GROUPED as GROUPED
from caseflow.cases.triage.queue_filter import Condition, Filter

BEFORE_ALL = sa.literal_column("'-infinity'::date", sa.Date)
Key = tuple[str, int]


def spots(
    staff: Staff, chosen: Filter, wanted: Sequence[Condition], key: Key | None, most: int | None
) -> tuple[sa.CTE, sa.ColumnElement[str], list[sa.ColumnElement[Any]]]:
    """The cases' ids, the text of each one's place, and the order, from a key on. `wanted` are scope and filter.

    At most `most`, where it is said: then as many are read of each group.
    """
    name, down = chosen.order
    cell = (_people() if name == "assignee" else _departments_and_statuses(staff, chosen, name)).cte("cell")
    near = sa.select(Case.id, Case.due_on).where(*wanted, *_inside(name, cell))
    near = near.order_by(Case.due_on, Case.id) if most else near
    if key:
        near = near.where(_after(cell, *_read(key[0]), key[1]))
    lying = near.limit(most).correlate(cell).lateral("near")
    found = sa.select(cell.c.rank, cell.c.code, lying.c.id, lying.c.due_on).join_from(cell, lying, sa.true())
    if key:
        began = sa.select(cell.c.rank).where(cell.c.code == _read(key[0])[0]).limit(1).scalar_subquery()
        first = sa.func.coalesce(began, cell.c.rank)  # a group that is no more: all of them
        found = found.where(cell.c.rank <= first if down else cell.c.rank >= first)
    if most:
        found = found.order_by(*_order(cell.c.rank, lying, down)).limit(most)
    spot = found.cte("spot")
    place = sa.func.concat(spot.c.code, sa.literal_column("' '"), spot.c.due_on)
    return spot, place, _order(spot.c.rank, spot, down)


def check(place: str) -> None:
    """Raises ValueError for what is no place."""
    _read(place)


def _read(place: str) -> tuple[str, date]:
    code, _blank, day = place.rpartition(" ")
    if not code or "\x00" in code:
        raise ValueError(place)
    return code, date.fromisoformat(day)


def _order(rank: Any, rows: Any, down: bool) -> list[sa.ColumnElement[Any]]:
    """Downwards the groups are turned round, and still the most urgent of each comes first."""
    return [rank.desc() if down else rank, rows.c.due_on, rows.c.id]


def _people() -> sa.CompoundSelect[Any]:
    """Everybody in the order of the Swedish alphabet, after nobody: who has left may still have cases."""
    alphabet = sa.func.translate(sa.func.lower(Staff.name), "åäö", "{|}").collate("C")
    rank = sa.func.row_number().over(order_by=(alphabet, Staff.id)).label("rank")
    columns = zip(("0", "'0'", "0"), ("rank", "code", "person"), strict=True)
    nobody: sa.Select[Any] = sa.select(*(sa.literal_column(value).label(name) for value, name in columns))
    people = sa.select(rank, sa.cast(Staff.id, sa.Text).label("code"), Staff.id.label("person"))
    return sa.union_all(nobody, people)


def _departments_and_statuses(staff: Staff, chosen: Filter, name: str) -> sa.Select[Any]:
    """Each pair of a department in reach and a status that is asked for, as they lie together in the index."""
    asked = [status for status in OPEN if status in chosen.values("status")] or list(OPEN)
    listed = sa.func.unnest(sa.literal(asked, sa.ARRAY(sa.Text)))
    status = listed.table_valued("status", with_ordinality="place").render_derived("asked")
    by_status = name == "status"
    code = status.c.status if by_status else Department.code
    rank = status.c.place if by_status else sa.func.dense_rank().over(order_by=(Department.position, Department.code))
    columns = (rank.label("rank"), code.label("code"), Department.code.label("department"), status.c.status)
    pairs = sa.select(*columns).join_from(Department, status, sa.true())
    return pairs.where(Department.code.in_(departments_of(staff)))


def _inside(name: str, cell: sa.CTE) -> tuple[Condition, ...]:
    if name == "assignee":
        return (cell.c.person == ASSIGNED,)
    return Case.department_code == cell.c.department, Case.status == cell.c.status


def _after(cell: sa.CTE, code: str, day: date, number: int) -> Condition:
    """Beyond the key in the key's own group; all of the others. As values to compare with an index can be used."""
    here = cell.c.code == code
    due, last = sa.case((here, day), else_=BEFORE_ALL), sa.case((here, sa.literal(number)), else_=0)
    return sa.tuple_(Case.due_on, Case.id) > sa.tuple_(due, last)
