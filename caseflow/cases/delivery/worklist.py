"""What did not arrive, or waits too long: one list for people, by what they have to do about it, oldest first.

Messages, batches of letters and mails that came in stand in it together, found by one statement for a page: each part
goes through an index that holds nothing but such rows, and only the rows that are shown are joined to the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from caseflow import clock, page_key
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import departments_of
from caseflow.audit import Event
from caseflow.cases.deadlines import Calendar
from caseflow.cases.delivery.refusals import NOT_THE_ADDRESS
from caseflow.cases.models import Case, Department
from caseflow.cases.municipality import directory
from caseflow.cases.post import letters
from caseflow.cases.scope import handled_by, within
from caseflow.database import constant, db, unseen
from caseflow.messages import limits
from caseflow.messages.models import CHANNELS, MAX_ATTEMPTS, Attempt, IncomingMail, LetterBatch, Message

PAGE = 50
# As many as one press sends again.
AT_ONCE = 200
# Every page's header counts the list: after a day without a mail server that must not slow down every page.
COUNTED = 100
# What is to be done, the most pressing first: find out; another address or way; send again; see to it; read.
SORTS = ("decide", "elsewhere", "again", "late", "read")
WHATS = ("message", "batch", "mail")
UNDELIVERED = ("undelivered", "receipt_undelivered", "notice_undelivered")

Part = sa.Select[Any]

_LIMITS = (limits.TO_CALL, limits.TO_BATCH, limits.TO_POST)
_MOMENT = sa.DateTime(timezone=True)
_NOW = unseen("now", _MOMENT)


@dataclass(frozen=True)
class Filter:
    """What the list shows: one sort of trouble or all, one channel or all, `mine` or everybody's."""

    sort: str | None = None
    channel: str | None = None
    whose: str = "all"

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filter:
        """The filter that an address asks for; what it does not know is left out."""
        sort, channel = asked.get("sort", ""), asked.get("channel", "")
        return cls(
            sort=sort if sort in SORTS else None,
            channel=channel if channel in CHANNELS else None,
            whose="mine" if asked.get("whose") == "mine" else "all",
        )

    def asked(self) -> dict[str, Any]:
        """The filter as it stands in an address, without what is the default."""
        return {name: value for name, value in asdict(self).items() if value and value != "all"}


@dataclass(frozen=True)
class Page:
    """Up to PAGE rows (see `page`), and the key of the next page, if there is one."""

    rows: Sequence[sa.Row[Any]]
    next_key: str | None


def page(staff: Staff, chosen: Filter, now: datetime, after: str | None = None) -> Page:
    """One page of the list within the person's scope.

    A row has `sort`, `what`, `at` (since when it counts), `total` (of its sort), and of Message, LetterBatch and
    IncomingMail the one that it is, with the Case and the name of its `assignee` where there is one; `lost_at` is when
    it was found not to have arrived, `tried` how many attempts workers have made in all.
    """
    found = _found(staff, chosen, now, _working_days_ago(now))
    place = (found.c.rank, found.c.at, found.c.what, found.c.id)
    counted = sa.select(found, sa.func.count().over(partition_by=found.c.rank).label("total")).subquery()
    here = tuple(counted.c[column.name] for column in place)
    shown = sa.select(counted).order_by(*here).limit(PAGE + 1)
    key = _key(after)
    if key:
        shown = shown.where(sa.tuple_(*here) > sa.tuple_(*(sa.literal(part) for part in key)))
    rows = db.session.execute(_dressed(shown.subquery())).all()
    return Page(rows[:PAGE], _packed(rows[PAGE - 1]) if len(rows) > PAGE else None)


def count(staff: Staff) -> sa.ScalarSelect[int]:
    """How many rows the whole list has, COUNTED at most, as a part of another statement that is given `moments`."""
    alike = (sa.select(Message.id, Message.case_id).where(those) for those, _rank in _sorts(_NOW, _ago))
    messages = sa.union_all(*alike).subquery()
    # The scope is said once for all of them: psycopg takes a statement of more than 4096 characters apart each time.
    reached = sa.select(messages.c.id).where(_reached(staff, messages.c.case_id))
    others = (_batches(staff, Filter(), _NOW, _ago), _mails(staff, Filter()))
    ids = (part.with_only_columns(part.selected_columns.id) for part in others)
    some = sa.union_all(reached, *ids).limit(constant(COUNTED)).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


def moments(now: datetime) -> dict[str, datetime]:
    """What `count` is to be told."""
    ago = _working_days_ago(now)
    return {"now": now, **{f"ago_{days}": ago(days) for days in {*_LIMITS}}}


def to_send_again(staff: Staff, chosen: Filter) -> Sequence[sa.Row[Any]]:
    """Case number and message id of what one press may send again: what has failed, or waits for its next try.

    At most AT_ONCE, the oldest first. What came back, or may have arrived, is left to be looked at one by one; and
    what an address is the reason for is sent again only when just that was asked for.
    """
    failed = sa.and_(limits.IN_TROUBLE, Message.status == "failed")
    sorts = {
        "again": sa.and_(failed, _rank() == SORTS.index("again")),
        "late": sa.and_(limits.QUEUE, Message.attempts > 0),
        "elsewhere": sa.and_(failed, _rank() == SORTS.index("elsewhere")),
    }
    wanted = [sorts[sort] for sort in ([chosen.sort] if chosen.sort else ["again", "late"]) if sort in sorts]
    parts = [sa.select(Message.id).where(condition, *_narrowed(staff, chosen)) for condition in wanted]
    if not parts:
        return ()
    query = sa.select(Case.number, Message.id).join(Case, Case.id == Message.case_id)
    query = query.where(handled_by(staff), Message.id.in_(sa.union_all(*parts)))
    return db.session.execute(query.order_by(Message.created_at, Message.id).limit(AT_ONCE)).all()


def _found(staff: Staff, chosen: Filter, now: Any, ago: Callable[[int], Any]) -> sa.Subquery:
    """Every row of the list by rank, time, sort of thing and id."""
    every = sa.union_all(*_parts(staff, chosen, now, ago)).subquery()
    if chosen.sort is None:
        return every
    return sa.select(every).where(every.c.rank == SORTS.index(chosen.sort)).subquery()


def _parts(staff: Staff, chosen: Filter, now: Any, ago: Callable[[int], Any]) -> tuple[Part, ...]:
    return (*_messages(staff, chosen, now, ago), _batches(staff, chosen, now, ago), _mails(staff, chosen))


def _messages(staff: Staff, chosen: Filter, now: Any, ago: Callable[[int], Any]) -> list[Part]:
    """The time is when it was written, since when its resident waits."""
    sorts, narrowed = _sorts(now, ago), _narrowed(staff, chosen)
    return [_part("message", rank, Message.created_at, Message.id).where(those, *narrowed) for those, rank in sorts]


def _sorts(now: Any, ago: Callable[[int], Any]) -> list[tuple[limits.Condition, sa.ColumnElement[int]]]:
    """A condition for each partial index, and the rank of what it finds."""
    late = sa.literal(SORTS.index("late"))
    return [
        (limits.IN_TROUBLE, _rank()),
        (limits.queued_too_long(now), late),
        (limits.in_hand_too_long(now), late),
        (limits.in_house_too_long(ago), late),
    ]


def _narrowed(staff: Staff, chosen: Filter) -> list[limits.Condition]:
    """The scope, and what else the filter asks of a message."""
    reached = _reached(staff, Message.case_id, mine=chosen.whose == "mine")
    return [reached, Message.channel == chosen.channel] if chosen.channel else [reached]


def _reached(
    staff: Staff,
    case_id: sa.ColumnElement[Any] | sa.orm.InstrumentedAttribute[Any],
    *,
    mine: bool = False,
    level: str = "read",
) -> limits.Condition:
    """Whether the case is in the person's scope (and the person's own), looked up by its key, row for row.

    Of a join PostgreSQL thinks that it has thousands of rows, because it cannot know how seldom something is in
    trouble, and walks through all cases of the departments.
    """
    scope = within(staff) if level == "read" else handled_by(staff)
    condition = sa.and_(scope, Case.assignee_id == staff.id) if mine else scope
    return sa.func.coalesce(sa.select(condition).where(Case.id == case_id).scalar_subquery(), sa.false())


def _batches(staff: Staff, chosen: Filter, now: Any, ago: Callable[[int], Any]) -> Part:
    rank = sa.case(
        (LetterBatch.handover == "unknown", SORTS.index("decide")),
        (LetterBatch.handover == "failed", SORTS.index("again")),
        else_=SORTS.index("late"),
    )
    query = _part("batch", rank, LetterBatch.created_at, LetterBatch.id)
    stuck = limits.one_of(LetterBatch.handover, "failed", "unknown")
    query = query.where(
        letters.batches_within(staff),
        LetterBatch.posted_at.is_(None),
        sa.or_(stuck, limits.batch_too_long(now, ago)),
    )
    if chosen.whose == "mine":
        query = query.where(LetterBatch.created_by == staff.id)
    return query if chosen.channel in (None, "letter") else query.where(sa.false())


def _mails(staff: Staff, chosen: Filter) -> Part:
    """Those of cases in scope, and those of no case for who sorts what nobody else takes."""
    query = _part("mail", sa.literal(SORTS.index("read")), IncomingMail.at, IncomingMail.id)
    mine = chosen.whose == "mine"
    query = query.where(IncomingMail.outcome == sa.literal_column("'held'"), mail_within(staff, mine=mine))
    return query if chosen.channel in (None, "email") else query.where(sa.false())


def mail_within(staff: Staff, *, mine: bool = False, level: str = "read") -> limits.Condition:
    """The condition on IncomingMail that keeps a query inside what this person may see, or act on (`handle`)."""
    of_case = _reached(staff, IncomingMail.case_id, mine=mine, level=level)
    if mine:
        return of_case
    triage = sa.select(Department.code).where(Department.triage, Department.code.in_(departments_of(staff, level)))
    return sa.or_(sa.and_(IncomingMail.case_id.is_(None), triage.exists()), of_case)


def _part(what: str, rank: Any, at: Any, key: Any) -> Part:
    return sa.select(
        rank.label("rank"), sa.literal_column(f"'{what}'").label("what"), at.label("at"), key.label("id")
    ).select_from(key.class_)


def _rank() -> sa.ColumnElement[int]:
    """What a person has to do about a message in trouble: see SORTS."""
    not_the_address = sa.or_(Message.attempts >= MAX_ATTEMPTS, Message.error.regexp_match(NOT_THE_ADDRESS))
    return sa.case(
        (Message.status == "unknown", SORTS.index("decide")),
        (sa.and_(Message.status == "failed", not_the_address), SORTS.index("again")),
        else_=SORTS.index("elsewhere"),
    )


def _dressed(shown: sa.Subquery) -> Part:
    """The rows with all that is told of them."""
    sort = sa.case(dict(enumerate(SORTS)), value=shown.c.rank).label("sort")
    place = (shown.c.rank, shown.c.at, shown.c.what, shown.c.id)
    lost = sa.select(sa.func.max(Event.at)).where(Event.subject == "case", Event.subject_id == Message.case_id)
    lost = lost.where(Event.verb.in_(UNDELIVERED), Event.at >= Message.created_at)
    lost = lost.where(Event.data["channel"].astext == Message.channel, Event.data["outcome"].astext == Message.status)
    tried = sa.select(sa.func.count()).where(Attempt.message_id == Message.id)
    told = (lost.scalar_subquery().label("lost_at"), tried.scalar_subquery().label("tried"))
    columns = (Message, LetterBatch, IncomingMail, Case, Staff.name.label("assignee"))
    query = sa.select(*place, sort, shown.c.total, *columns, *told).select_from(shown)
    for what, key in zip(WHATS, (Message.id, LetterBatch.id, IncomingMail.id), strict=True):
        query = query.outerjoin(key.class_, sa.and_(shown.c.what == what, key == shown.c.id))
    query = query.outerjoin(Case, Case.id == sa.func.coalesce(Message.case_id, IncomingMail.case_id))
    return query.outerjoin(Staff, Staff.id == Case.assignee_id).order_by(*place)


def _ago(days: int) -> sa.ScalarSelect[datetime]:
    return unseen(f"ago_{days}", _MOMENT)


def _working_days_ago(now: datetime) -> limits.WorkingDaysAgo:
    """The same time of day, so many of the municipality's working days back."""
    calendar = Calendar.of(directory.known())

    def ago(days: int) -> datetime:
        day = clock.today(now, calendar.zone)
        for _day in range(days):
            day -= timedelta(days=1)
            while not calendar.is_working_day(day):
                day -= timedelta(days=1)
        return now - (clock.today(now, calendar.zone) - day)

    return ago


def _packed(row: sa.Row[Any]) -> str:
    return page_key.packed(row.rank, row.at.isoformat(), row.what, row.id)


def _key(packed: str | None) -> tuple[int, datetime, str, int] | None:
    """The key of a page; a mangled one gives the first page rather than an error."""
    try:
        rank, at, what, number = page_key.unpacked(packed)
        key = SORTS.index(SORTS[rank]), datetime.fromisoformat(at), WHATS[WHATS.index(what)], page_key.an_id(number)
    except (ValueError, TypeError, IndexError):
        return None
    return key if key[1].tzinfo else None
