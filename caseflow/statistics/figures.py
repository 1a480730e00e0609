"""The figures, counted from the audit events in four statements that the database aggregates.

Everything starts from the permission scope. A case counts, with the whole of its history, where it is now: in its
present department. Days are the municipality's local days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases import scope
from caseflow.cases.deadlines import Calendar
from caseflow.cases.lifecycle import TRANSITIONS
from caseflow.cases.models import OPEN, Case, Entry
from caseflow.cases.relation import Relation
from caseflow.database import db
from caseflow.statistics.definitions import AGES
from caseflow.statistics.groups import Flow, Group, Open, Promise, backlog
from caseflow.statistics.periods import Period, Slot

DIMENSIONS = ("department", "kind", "channel")
_GROUPING = (Case.department_code.label("department"), Case.kind_code.label("kind"), Case.reply_by.label("channel"))

# The verbs that can end or renew a case's time among the open ones, as the lifecycle has them.
_CROSSING = (
    verb for verb, row in TRANSITIONS.items() if any((old in OPEN) != (new in OPEN) for old, new in row.items())
)
# What was merged into another case is promised and answered with it.
_MERGED = sa.exists().where(Relation.case_id == Case.id, Relation.sort == "duplicate")
MOVES = ("receive", *(verb for verb in _CROSSING if verb != "unsend"))
# A reply that its writer undid was never sent: neither it nor what was done with it counts.
_UNDONE = sa.exists().where(
    Entry.case_id == Event.subject_id, Entry.at == Event.at, Entry.retracted_at.is_not(None), Event.verb != "receive"
)

# (dimension, code) or ("all", ""), and the slot, 0 for all slots together
Key = tuple[str, str, int]
Counted = Mapping[Key, Mapping[str, Any]]
Conditions = Sequence[sa.ColumnElement[bool]]


@dataclass(frozen=True)
class Filter:
    """Which cases the figures are about; None means all."""

    period: Period
    department: str | None = None
    kind: str | None = None
    channel: str | None = None


@dataclass(frozen=True)
class Figures:
    """All figures of one page: `whole`, and for each dimension its groups by code."""

    period: Period
    slots: Sequence[Slot]
    whole: Group
    by: Mapping[str, Mapping[str, Group]]


def read(staff: Staff, chosen: Filter, calendar: Calendar, *, now: datetime) -> Figures:
    """Count everything for what this person may see."""
    cases, period, today = _conditions(staff, chosen), chosen.period, clock.today(now, calendar.zone)
    flow = _flow(cases, period.edges(calendar.zone))
    ages = _open(cases, age_edges(today, calendar), today)
    promises = _promises(cases, period, calendar, today)
    earlier = _promises(cases, period.before(), calendar, today)
    slots = period.slots()

    def group(dimension: str, code: str) -> Group:
        keys = [(dimension, code, slot) for slot in range(len(slots) + 2)]
        moved = [Flow(**flow.get(key, {})) for key in keys]
        aged = [Open(**ages.get((dimension, code, slot), {})) for slot in range(len(AGES))][::-1]
        kept = [Promise(**promises.get(key, {})) for key in keys]
        return Group(
            flow=moved[1:-1],
            backlog=backlog(sum(age.total for age in aged), moved[1:-1], moved[-1]),
            ages=aged,
            promise=kept[0],
            promises=kept[1:-1] if dimension == "all" else (),
            earlier=Promise(**earlier.get(keys[0], {})),
        )

    codes = {name: sorted({code for key, code, _ in (*flow, *ages, *promises) if key == name}) for name in DIMENSIONS}
    by = {name: {code: group(name, code) for code in codes[name]} for name in DIMENSIONS}
    return Figures(period, slots, group("all", ""), by)


def age_edges(today: date, calendar: Calendar) -> list[datetime]:
    """Before which moments a case must have come in to be of the age groups, the oldest first."""
    edges, day, age = [], today, 0
    for least in AGES[1:]:
        while age < least:
            age += calendar.is_working_day(day)
            day -= timedelta(days=1)
        while not calendar.is_working_day(day):
            day -= timedelta(days=1)
        edges.append(datetime.combine(day, calendar.day_ends, calendar.zone))
    return edges[::-1]


def _conditions(staff: Staff, chosen: Filter) -> Conditions:
    wanted = ((Case.department_code, chosen.department), (Case.kind_code, chosen.kind), (Case.reply_by, chosen.channel))
    return [scope.within(staff), *(column == code for column, code in wanted if code)]


def _flow(cases: Conditions, edges: Sequence[datetime]) -> Counted:
    """Cases in, taken up again and finished, by slot; the slot after the last holds everything since the period."""
    was_open, is_open = (Event.data[side].astext.in_(OPEN) for side in ("from", "to"))
    move = sa.case(
        (Event.verb == "receive", "received"),
        (sa.and_(was_open, ~is_open), "finished"),
        (sa.and_(~was_open, is_open), "again"),
    )
    base = (
        sa.select(_slot(Event.at, edges), *_GROUPING, move.label("move"))
        .join_from(Event, Case, Case.id == Event.subject_id)
        .where(Event.subject == "case", Event.verb.in_(MOVES), Event.at >= edges[0], ~_UNDONE, *cases)
        .subquery()
    )
    kinds = ("received", "again", "finished")
    return _counted(base, *(sa.func.count().filter(base.c.move == kind).label(kind) for kind in kinds))


def _open(cases: Conditions, edges: Sequence[datetime], today: date) -> Counted:
    """What is open now by age; slot 0 is the oldest group."""
    base = (
        sa.select(_slot(Case.received_at, edges), *_GROUPING, (Case.due_on < today).label("overdue"))
        .where(Case.status.in_(OPEN), *cases)
        .subquery()
    )
    overdue = sa.func.count().filter(base.c.overdue)
    return _counted(base, sa.func.count().label("total"), overdue.label("overdue"))


def _promises(cases: Conditions, period: Period, calendar: Calendar, today: date) -> Counted:
    """How the promise was kept to those who came in during the period and want a reply."""
    base = _cohort(cases, period, calendar, today).subquery()
    answered, due = base.c.answered_on, base.c.due_on
    withdrawn = sa.func.coalesce(base.c.withdrawn_on <= due, sa.false())
    waits = sa.and_(answered.is_(None), ~withdrawn)

    def within_days(share: float) -> sa.ColumnElement[int]:
        return sa.func.percentile_disc(share).within_group(base.c.days)

    return _counted(
        base,
        sa.func.count().filter(answered <= due).label("kept"),
        sa.func.count().filter(answered > due).label("late"),
        sa.func.count().filter(waits, due < today).label("unanswered"),
        sa.func.count().filter(waits, due >= today).label("pending"),
        within_days(0.5).label("median"),
        within_days(0.9).label("ninety"),
        groups_by_slot=False,
    )


def _cohort(cases: Conditions, period: Period, calendar: Calendar, today: date) -> sa.Select[Any]:
    """One row per case: its slot and group, when it was due, first answered or withdrawn, and in how many days."""
    edges, zone = period.edges(calendar.zone), calendar.zone.key
    replies = (
        sa.select(Event.subject_id, sa.func.min(Event.at).label("at"))
        .where(Event.subject == "case", Event.verb == "reply", Event.at >= edges[0], ~_UNDONE)
        .group_by(Event.subject_id)
        .subquery()
    )
    came, answered = sa.func.timezone(zone, Case.received_at), _day(sa.func.timezone(zone, replies.c.at))
    counts_from = _day(came) + sa.cast(sa.cast(came, sa.Time) >= calendar.day_ends, sa.Integer)
    withdrawn = sa.case((Case.resolution == "withdrawn", _day(sa.func.timezone(zone, Case.closed_at))))
    worked = _working_days(period, today, calendar)
    before, upto = worked.alias("before"), worked.alias("upto")
    days = sa.func.greatest(0, upto.c.number - before.c.number - 1)
    return (
        sa.select(
            _slot(Case.received_at, edges),
            *_GROUPING,
            Case.due_on,
            answered.label("answered_on"),
            withdrawn.label("withdrawn_on"),
            sa.case((answered.is_not(None), days)).label("days"),  # greatest() would make 0 of a missing answer
        )
        .outerjoin(replies, replies.c.subject_id == Case.id)
        .outerjoin(before, before.c.day == counts_from - 1)
        .outerjoin(upto, upto.c.day == answered)
        .where(Case.received_at >= edges[0], Case.received_at < edges[-1], Case.reply_by != "none", ~_MERGED, *cases)
    )


def _working_days(period: Period, today: date, calendar: Calendar) -> sa.CTE:
    """Each day from the one before the period until today, with how many working days there were up to it."""
    first = period.first - timedelta(days=1)
    days = [first + timedelta(days=n) for n in range((max(today, period.last) - first).days + 2)]
    numbers = list(accumulate(map(int, map(calendar.is_working_day, days))))
    table = sa.func.unnest(sa.literal(days, sa.ARRAY(sa.Date)), sa.literal(numbers, sa.ARRAY(sa.Integer)))
    columns = table.table_valued(sa.column("day", sa.Date), sa.column("number", sa.Integer)).render_derived()
    return sa.select(columns.c.day, columns.c.number).cte("working_days")


def _day(moment: sa.ColumnElement[Any]) -> sa.ColumnElement[date]:
    return sa.cast(moment, sa.Date)


def _slot(moment: sa.ColumnElement[Any] | sa.orm.InstrumentedAttribute[datetime], edges: Sequence[datetime]) -> Any:
    """The number of the stretch between two edges that a moment lies in, from 1; 0 before the first edge."""
    return sa.func.width_bucket(moment, sa.literal(list(edges), sa.ARRAY(sa.DateTime(timezone=True)))).label("slot")


def _counted(base: sa.Subquery, *measures: sa.ColumnElement[Any], groups_by_slot: bool = True) -> Counted:
    """Measure each slot for all cases together, and each group of each dimension: by slot too, or as a whole (slot 0,
    which then all cases together have as well)."""
    slot, groups = base.c.slot, [base.c[name] for name in DIMENSIONS]
    if groups_by_slot:
        sets = [sa.tuple_(slot), *(sa.tuple_(group, slot) for group in groups)]
    else:
        sets = [sa.tuple_(slot), sa.tuple_(), *(sa.tuple_(group) for group in groups)]
    query = sa.select(slot, *groups, *measures).group_by(sa.func.grouping_sets(*sets))
    names = [measure.name for measure in measures]
    return {_key(row): {name: row[name] for name in names} for row in db.session.execute(query).mappings()}


def _key(row: sa.RowMapping) -> Key:
    """A column that a grouping set leaves out is NULL in its rows; in the cases themselves none of them is."""
    for dimension in DIMENSIONS:
        if row[dimension] is not None:
            return dimension, row[dimension], row["slot"] or 0
    return "all", "", row["slot"] or 0
