"""The staff queue: one keyset-paged query over columns, and one that counts the views."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from caseflow import page_key
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import anyone
from caseflow.cases.delivery import worklist
from caseflow.cases.models import OPEN, Case
from caseflow.cases.scope import handled_by, within
from caseflow.cases.screen import held_filing, mentions
from caseflow.cases.triage import queue_groups, row_marks, search
from caseflow.cases.triage.lookup import IS_OPEN, RANK, SERIAL, Lookup
from caseflow.cases.triage.queue_filter import ESCALATED, VIEWS, conditions, of_view
from caseflow.cases.triage.queue_filter import Filter as Filter
from caseflow.database import LAST_ID, constant, db, unseen
from caseflow.messages.limits import IN_HOUSE, IN_TROUBLE, one_of
from caseflow.messages.models import Message
from caseflow.prepared import Prepared

PAGE = 50
FIRST = constant(PAGE + 1)
_KEY = unseen("place", sa.Text), unseen("id", sa.BigInteger)
NEAR = 5_000  # cases of the order in which a common word is looked for first
FAR = 20_000  # and in which a less common one is
ENOUGH = 999  # of what is counted besides
# The serial number never starts again, so it is enough without its year; the years are tried for the index's sake.
NUMBER = re.compile(r"[\s\[#]*(?:([0-9]{4})-)?([0-9]{1,11})[\s\]]*")
YEARS_BACK = 20
COLUMNS = (
    Case.id,
    Case.number,
    Case.subject,
    sa.func.substr(Case.description, constant(1), constant(240)).label("opening"),
    Case.kind_code,
    Case.department_code,
    Case.status,
    Case.priority,
    Case.version,
    Case.assignee_id,
    Staff.name.label("assignee"),
    Case.due_on,
    Case.reply_by,
    Case.received_at,
    Case.answered_at,
    Case.closed_at,
    Case.planned_for,
    ESCALATED.label("escalated"),
    # As one row of a subquery it is looked up case for case; for an EXISTS PostgreSQL reads all that is in trouble.
    sa.select(sa.true())
    .where(Message.case_id == Case.id, IN_TROUBLE)
    .limit(constant(1))
    .scalar_subquery()
    .is_not(None)
    .label("undelivered"),
)


# The condition that a case has the words that are searched for, and filters to count by a key of each.
Holds = Callable[[str], sa.ColumnElement[bool]]
Counted = tuple[tuple[str, Filter], ...]
Asked = sa.Select[Any]
Key = tuple[str, int]
Given = dict[str, Any]
Rows = Sequence[sa.Row[Any]]
Wanted = Sequence[sa.ColumnElement[bool]]
# What a list is sorted by (see also queue_groups); each has an index that ends in the id.
KEYS: dict[str, sa.ColumnElement[Any]] = {
    "priority": RANK,
    "due": Case.due_on.expression,
    "received": Case.received_at.expression,
    "number": SERIAL,
    "waiting": Lookup.waiting_since.expression,
}
NOBODY_WAITS = sa.literal_column("'infinity'::timestamptz", sa.DateTime(timezone=True))


@dataclass(frozen=True)
class Page:
    """Up to PAGE rows in order of due date, and the key of the next page, if there is one."""

    rows: Sequence[sa.Row[Any]]
    next_key: str | None


def page(staff: Staff, chosen: Filter, today: date, after: str | None = None, *, now: datetime) -> Page:
    """One page of the queue in the order that the filter asks for, with who is at each case."""
    key = _key(chosen, after)
    marks = row_marks.given(staff, now)
    rows = _met_soon(staff, chosen, today, key, marks) or _found(staff, chosen, today, after, key, marks)
    following = _packed(chosen, rows[PAGE - 1]) if len(rows) > PAGE else None
    return Page(rows[:PAGE], following)


def _found(staff: Staff, chosen: Filter, today: date, after: str | None, key: Key | None, marks: Given) -> Rows:
    """The rows of a page and one more."""
    holds = search.holds
    if chosen.lasting and not (key and chosen.order[0] in queue_groups.GROUPED):
        rows = _found_among_few(staff, chosen, today, key, marks)
        if rows is not None:
            return rows
        holds = search.holds_among_many
    asked = query(staff, chosen, today, after, PAGE + 1, holds).add_columns(*row_marks.COLUMNS)
    return db.session.execute(asked.limit(PAGE + 1), marks).all()


def _found_among_few(staff: Staff, chosen: Filter, today: date, key: Key | None, marks: Given) -> Rows | None:
    """The same of a filter that stays; None when there are more than FEW cases with the words."""
    typed = search.Typed.of(chosen.text) if chosen.text else None
    kept = _page_of(staff.role, _wordless(chosen), today, key is not None, typed.sorts if typed else ())
    place, number = key or (None, None)
    rows = kept.all({"staff_id": staff.id, "place": place, "id": number, **(typed.told if typed else {}), **marks})
    if chosen.text and (rows[0].found > search.FEW if rows else search.few(chosen.text) is None):
        return None
    return rows


def _wordless(chosen: Filter) -> Filter:
    """The same for whatever is searched for: the words come with the execution."""
    return replace(chosen, text=chosen.text and "…")


def _met_soon(staff: Staff, chosen: Filter, today: date, key: Key | None, marks: Given) -> Rows:
    """A whole page with words that are not rare, among the first cases of the order; nothing when it is not full."""
    if not chosen.text or not chosen.lasting or chosen.order[0] not in KEYS:
        return ()
    presumably = search.presumably(chosen.text)
    if presumably <= search.SOME:
        return ()
    typed, (place, number) = search.Typed.of(chosen.text), key or (None, None)
    kept = _near(staff.role, _wordless(chosen), today, key is not None, typed.sorts, presumably > search.MANY)
    rows = kept.all({"staff_id": staff.id, "place": place, "id": number, **typed.told, **marks})
    return rows if len(rows) > PAGE else ()


@lru_cache(maxsize=512)
def _near(role: str, chosen: Filter, today: date, keyed: bool, sorts: search.Sorts, many: bool) -> Prepared:
    """Of `many` the words of each case on the way are looked at, of some it is looked for among those found."""
    name, down = chosen.order
    most, holds = (NEAR, search.has) if many else (FAR, search.is_found)
    staff = anyone(role)
    near = _ordered(chosen, [within(staff), *conditions(staff, replace(chosen, text=None), today)])
    near = _behind(near, chosen, *_KEY) if keyed else near
    near_by = near.with_only_columns(Case.id, KEYS[name].label("key")).limit(constant(most)).subquery()
    asked = _rows(sa.cast(near_by.c.key, sa.Text)).add_columns(*row_marks.COLUMNS)
    asked = asked.join(near_by, near_by.c.id == Case.id)
    asked = asked.where(holds(near_by.c.id, sorts))
    if name == "waiting":
        asked = asked.add_columns(sa.func.nullif(near_by.c.key, NOBODY_WAITS).label("waiting_since"))
    order = (near_by.c.key.desc(), near_by.c.id.desc()) if down else (near_by.c.key, near_by.c.id)
    return Prepared(asked.order_by(*order).limit(FIRST))


def query(
    staff: Staff,
    chosen: Filter,
    today: date,
    after: str | None = None,
    most: int | None = None,
    holds: Holds = search.holds,
) -> Asked:
    """All rows that the filter asks for, from a key onwards; with `most`, no more than that are looked for.

    A row has COLUMNS and `place`, the text of what it is sorted by; when that is `waiting`, also `waiting_since`.
    """
    wanted, key = [within(staff), *conditions(staff, chosen, today, holds)], _key(chosen, after)
    if chosen.order[0] in queue_groups.GROUPED:
        return _grouped(staff, chosen, wanted, key, most)
    asked = _ordered(chosen, wanted)
    return _behind(asked, chosen, *map(sa.literal, key)) if key else asked


@lru_cache(maxsize=512)
def _page_of(role: str, chosen: Filter, today: date, keyed: bool, sorts: search.Sorts) -> Prepared:
    """The statement of a page, built once for everybody of the role."""
    staff = anyone(role)
    has_words, found = search.among_few(sorts) if sorts else (sa.true(), sa.null())
    wanted = [within(staff), *conditions(staff, chosen, today, lambda _text: has_words)]
    if chosen.order[0] in queue_groups.GROUPED:
        asked = _grouped(staff, chosen, wanted, None, PAGE + 1)
    else:
        asked = _ordered(chosen, wanted)
        asked = _behind(asked, chosen, *_KEY) if keyed else asked
    more = (*row_marks.COLUMNS, found.label("found")) if sorts else row_marks.COLUMNS
    return Prepared(asked.add_columns(*more).limit(FIRST))


def _grouped(staff: Staff, chosen: Filter, wanted: Wanted, key: Key | None, most: int | None) -> Asked:
    spot, text, order = queue_groups.spots(staff, chosen, wanted, key, most)
    return _rows(text).join(spot, spot.c.id == Case.id).order_by(*order)


def _ordered(chosen: Filter, wanted: Wanted) -> Asked:
    name, down = chosen.order
    place = KEYS[name]
    asked = _rows(sa.cast(place, sa.Text)).where(*wanted)
    if name == "waiting":
        since = sa.func.nullif(Lookup.waiting_since, NOBODY_WAITS).label("waiting_since")
        asked = asked.join(Lookup, Lookup.case_id == Case.id).where(Lookup.waiting_since.is_not(None))
        asked = asked.add_columns(since)
    return asked.order_by(place.desc(), Case.id.desc()) if down else asked.order_by(place, Case.id)


def _rows(place: sa.ColumnElement[str]) -> Asked:
    asked = sa.select(*COLUMNS, place.label("place")).select_from(Case)
    return asked.outerjoin(Staff, Staff.id == Case.assignee_id)


def _behind(asked: Asked, chosen: Filter, place: Any, number: Any) -> Asked:
    name, down = chosen.order
    here, there = sa.tuple_(KEYS[name], Case.id), sa.tuple_(sa.cast(place, KEYS[name].type), number)
    return asked.where(here < there if down else here > there)


def counts(staff: Staff, today: date, besides: Counted = ()) -> dict[str, int]:
    """How many open cases each view holds, and by their keys how many (ENOUGH + 1 at most) `besides` hold."""
    return counts_ahead(staff, today, besides)()


def counts_ahead(staff: Staff, today: date, besides: Counted = ()) -> Callable[[], dict[str, int]]:
    """The same, asked at once and told when it is called."""
    told = {"staff_id": staff.id}
    if all(chosen.lasting for _key, chosen in besides):
        return _counts(staff.role, today, besides).named_later(told)
    found = dict(db.session.execute(_counting(staff, today, besides), told).one()._mapping)
    return lambda: found


@lru_cache(maxsize=512)
def _counts(role: str, today: date, besides: Counted) -> Prepared:
    return Prepared(_counting(anyone(role), today, besides))


def _counting(staff: Staff, today: date, besides: Counted) -> Asked:
    columns = [sa.func.count().filter(*of_view(staff, view, today)).label(view) for view in VIEWS]
    columns += [_bounded(staff, chosen, today).label(key) for key, chosen in besides]
    return sa.select(*columns).where(within(staff), IS_OPEN)


def _bounded(staff: Staff, chosen: Filter, today: date) -> sa.ScalarSelect[int]:
    some: sa.Select[tuple[int]] = sa.select(sa.literal_column("1", sa.Integer).label("one")).select_from(Case)
    some = some.where(within(staff), *conditions(staff, chosen, today))
    if chosen.order[0] == "waiting":
        some = some.where(sa.exists().where(Lookup.case_id == Case.id, Lookup.waiting_since.is_not(None)))
    bounded = some.limit(constant(ENOUGH + 1)).subquery()
    return sa.select(sa.func.count()).select_from(bounded).scalar_subquery()


def next_due(staff: Staff, today: date) -> date | None:
    """When the next open case is due: what a list without overdue ones says instead of nothing."""
    upcoming = sa.select(sa.func.min(Case.due_on)).where(within(staff), Case.status.in_(OPEN), Case.due_on >= today)
    return db.session.scalar(upcoming)


def most_urgent(staff: Staff, chosen: Filter, today: date, besides: int) -> str | None:
    """The number of the case to take next in the same view, or in all of them when that one is done; never one that
    this person may only read."""
    for sort in (chosen.still_to_do(), Filter()):
        asked = sa.select(Case.number).where(handled_by(staff), *conditions(staff, sort, today), Case.id != besides)
        number = db.session.scalar(asked.order_by(RANK, Case.id).limit(1))
        if number:
            return number
    return None


def worklists(staff: Staff, now: datetime) -> dict[str, int]:
    """How many calls wait to be made, letters to be printed, deliveries to be looked at and mentions to be read, as
    their pages list them.

    One statement for all of them, because every page asks.
    """
    return worklists_ahead(staff, now)()


def worklists_ahead(staff: Staff, now: datetime) -> Callable[[], dict[str, int]]:
    """The same, asked at once and told when it is called."""
    return _worklists(staff.role).named_later({"staff_id": staff.id, **worklist.moments(now)})


@lru_cache
def _worklists(role: str) -> Prepared:
    staff, now = anyone(role), unseen("now", sa.DateTime(timezone=True))
    calls = sa.func.count().filter(one_of(Message.channel, "phone"), Message.next_attempt_at <= now)
    letters = sa.func.count().filter(one_of(Message.channel, "letter"), Message.batch_id.is_(None))
    columns = (
        calls.label("calls"),
        letters.label("letters"),
        worklist.count(staff).label("deliveries"),
        mentions.unread(staff).label("mentions"),
        held_filing.count(staff).label("held_filings"),
    )
    query = sa.select(*columns).select_from(Message).join(Case, Case.id == Message.case_id)
    return Prepared(query.where(handled_by(staff), IN_HOUSE))


def number_of(staff: Staff, typed: str, today: date) -> str | None:
    """The whole number of the case that somebody means by 2026-10023, 10023, #10023 or [2026-10023]."""
    meant = NUMBER.fullmatch(typed)
    if meant is None:
        return None
    year, serial = meant.groups()
    years = [year] if year else range(today.year, today.year - YEARS_BACK, -1)
    wanted = Case.number.in_([f"{year}-{serial}" for year in years])
    return db.session.scalar(sa.select(Case.number).where(within(staff), wanted).order_by(Case.id.desc()).limit(1))


def _packed(chosen: Filter, row: sa.Row[Any]) -> str:
    return page_key.packed(chosen.order[0], row.place, row.id)


def _key(chosen: Filter, packed: str | None) -> Key | None:
    """The key of a page; a mangled one, or one of another order, gives the first page rather than an error."""
    try:
        name, place, number = page_key.unpacked(packed)
        if name != chosen.order[0] or not isinstance(place, str):
            return None
        checks = {"priority": date.fromisoformat, "due": date.fromisoformat, "number": _serial}
        checks |= dict.fromkeys(queue_groups.GROUPED, queue_groups.check)
        checks.get(name, _moment)(place)
        return place, page_key.an_id(number)
    except ValueError:
        return None


def _serial(place: str) -> None:
    if not 0 <= int(place) <= LAST_ID:
        raise ValueError(place)


def _moment(place: str) -> None:
    if place != "infinity":
        datetime.fromisoformat(place)
