"""The very cases behind a number: the same facts that were counted, with whose they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

import numpy as np
import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases import scope, words
from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import OPEN, REPLY_BY, STATUSES, Case
from caseflow.database import db
from caseflow.statistics import counting, past, reading, tallying
from caseflow.statistics.definitions import AGES, FIGURES
from caseflow.statistics.figures import Filter, age_edges
from caseflow.statistics.periods import Period
from caseflow.statistics.reading import Pile, Some

PAGE = 50
_DECIDED = ("in_time", "within_1", "within_2", "within_5", "within_10")
_ENDED = ("reopened", "passed", "passed_twice", "at_first")
PROMISES = {"kept": _l("answered in time"), "late": _l("answered late"), "missed": _l("not answered, past its day")}
PROMISES |= {"pending": _l("not due yet")}


@dataclass(frozen=True)
class Row:
    """A fact and its case, which is None where it lies now in a department that the reader does not see."""

    day: date
    told: str
    case: sa.Row[Any] | None


@dataclass(frozen=True)
class Behind:
    """`number` facts in all, of which `rows` are one page, the newest first. `parts` are what a past day's backlog may
    be narrowed to, with how many there are of each."""

    number: int
    rows: Sequence[Row]
    page: int
    parts: Mapping[str, int] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        return max(1, -(-self.number // PAGE))


def addresses(asked: Mapping[str, str]) -> Callable[..., str]:
    """What gives the address of a number's cases under a page's filter: a page has hundreds, and `url_for` takes longer
    than all else about a number."""
    path, tails = url_for("statistics.cases"), dict[tuple[tuple[str, str], ...], str]()

    def of(figure: str, part: str | None = None, over: Mapping[str, str] = MappingProxyType({})) -> str:
        key = tuple(over.items())
        tail = tails.get(key)
        if tail is None:
            tail = tails[key] = "".join(f"&{pair}" for pair in urlencode({**asked, **over}).split("&") if pair)
        return f"{path}?figure={figure}{f'&part={part}' if part is not None else ''}{tail}"  # codes of ours: plain

    return of


def known(figure: str, part: str) -> bool:
    """Whether there is such a number to look behind."""
    if figure in ("backlog", "status", "answers", "age", "steps", "hours", "in_time"):
        return part in _parts(figure)
    return not part and figure in FIGURES and (figure in _SIMPLE or figure in _DECIDED)


def find(
    staff: Staff, chosen: Filter, calendar: Calendar, figure: str, part: str, page: int, *, now: datetime
) -> Behind:
    period, today = chosen.period, clock.today(now, calendar.zone)
    if figure == "backlog":
        return _open_then(staff, past.open_at_end_of(staff, chosen, period.last, calendar, today), period, part, page)
    span = (period.first, period.last)
    happened, open_now = reading.happened(staff, chosen.wanted, {span: reading.WHOLE}, whose=True)
    if figure in ("open", "overdue", "status", "age"):
        some = _open(open_now, figure, part, today, age_edges(today, calendar))
    else:
        some = _happened(happened, figure, part, today)
    assert some.cases is not None
    order = np.lexsort((some.cases, -some.days))
    begin = min(max(page, 1), max(1, -(-len(some) // PAGE))) * PAGE - PAGE
    return Behind(len(some), _rows(staff, some.where(order[begin : begin + PAGE]), today), begin // PAGE + 1)


def _open_then(staff: Staff, then: past.Then, period: Period, part: str, page: int) -> Behind:
    """The cases of a past day's backlog, those that had waited longest first."""
    found = then.part(part)
    order = np.lexsort((found.cases, found.since))
    begin = min(max(page, 1), max(1, -(-len(order) // PAGE))) * PAGE - PAGE
    some = found.where(order[begin : begin + PAGE])
    cases = _seen(staff, list(map(int, some.cases)))
    told = zip(map(int, some.cases), map(int, some.since), map(int, some.statuses), strict=True)
    rows = [Row(period.last, _was(status, since), cases.get(case)) for case, since, status in told]
    return Behind(len(order), rows, begin // PAGE + 1, then.parts())


def _was(status: int, since: int) -> str:
    day = words.written(reading.day_of(since), "d MMM y")
    return _("%(status)s, waited since %(day)s", status=words.STATUS[STATUSES[status]], day=day)


def _open(pile: Pile, figure: str, part: str, today: date, edges: Sequence[int]) -> Some:
    if figure == "overdue":
        return pile.all.where(tallying.overdue(pile.all, today))
    if figure == "status":
        return pile.of(counting.OPEN_NOW + counting.PLACE[part])
    if figure == "age":
        return pile.all.where(tallying.aged(pile.all, edges) == len(AGES) - 1 - int(part))
    return pile.all


def _happened(pile: Pile, figure: str, part: str, today: date) -> Some:
    if figure in _DECIDED:
        return _promised(pile.of(counting.KEPT, counting.WAITS), part, today)
    if figure == "answers":
        answers = pile.of(counting.ANSWERED)
        return answers.where(answers.facts["value"] == REPLY_BY.index(part))
    if figure == "steps":
        before, after = part.split("-")
        return pile.of(counting.step(counting.PLACE[before], counting.PLACE[after]))
    if figure == "hours":
        weekday, hour = map(int, part.split("-"))
        came = pile.of(counting.RECEIVED)
        return came.where((tallying.weekdays(came) == weekday) & (came.facts["value"] == hour))
    return _SIMPLE[figure](pile)


def _promised(some: Some, part: str, today: date) -> Some:
    masks = tallying.what_came_of(some, today)
    return some.where(masks[part] if part else ~masks["pending"])


def _ended(pile: Pile) -> Some:
    return pile.of(counting.ENDED)


def _answered_at_end(pile: Pile) -> Some:
    ended = pile.of(counting.ENDED)
    return ended.where((ended.facts["other"] & counting.HAD_ANSWER) > 0)


def _of(measures: Sequence[int]) -> Callable[[Pile], Some]:
    return lambda pile: pile.among(measures)


_SIMPLE: dict[str, Callable[[Pile], Some]] = {
    **{name: _of(measures) for name, measures in tallying.FLOW_OF.items()},
    **dict.fromkeys(_ENDED, _ended),
    "at_first": _answered_at_end,
    "callbacks": _of([counting.CALLED]),
    **dict.fromkeys(("median", "ninety"), _of([counting.KEPT, counting.LATE])),
    **dict.fromkeys(("open", "overdue"), lambda pile: pile.all),
    **{f"in_{status}": _of(counting.leaving(status)) for status in OPEN},
}


def _parts(figure: str) -> Sequence[str]:
    return {
        "backlog": past.known_parts(),
        "status": OPEN,
        "answers": REPLY_BY,
        "age": [str(number) for number in range(len(AGES))],
        "steps": [f"{before}-{after}" for before in STATUSES for after in STATUSES if before != after],
        "hours": [f"{weekday}-{hour}" for weekday in range(7) for hour in range(24)],
        "in_time": ("", *PROMISES),
    }[figure]


def _rows(staff: Staff, some: Some, today: date) -> list[Row]:
    assert some.cases is not None
    cases = _seen(staff, sorted(set(map(int, some.cases))))
    facts = zip(map(int, some.days), some.facts, map(int, some.cases), strict=True)
    return [Row(reading.day_of(day), _told(fact, today), cases.get(case)) for day, fact, case in facts]


def _seen(staff: Staff, ids: Sequence[int]) -> dict[int, sa.Row[Any]]:
    """Those of these cases that the person sees."""
    columns = (Case.id, Case.number, Case.subject, Case.department_code, Case.kind_code, Case.status, Case.due_on)
    seen = sa.select(*columns).where(Case.id.in_(ids), scope.within(staff))
    return {row.id: row for row in db.session.execute(seen)}


def _told(fact: Any, today: date) -> str:
    """What the fact says about the case, in a few words."""
    measure, value, other = int(fact["measure"]), int(fact["value"]), int(fact["other"])
    if measure in (counting.KEPT, counting.LATE):
        said = str(PROMISES["kept" if measure == counting.KEPT else "late"])
        return said + ", " + ngettext("%(num)d working day", "%(num)d working days", value)
    if measure == counting.WAITS:
        return str(PROMISES["missed" if value < reading.number(today) else "pending"])
    if measure == counting.ENDED:
        return ", ".join(_ended_so(value, other))
    if measure == counting.CALLED:
        return _("reached with call %(number)s", number=value) if value else _("not reached with two calls")
    if counting.STEP <= measure < counting.STEP + 36:
        before, after = divmod(measure - counting.STEP, 6)
        names = {"old": words.STATUS[STATUSES[before]], "new": words.STATUS[STATUSES[after]]}
        return _("%(old)s → %(new)s after %(time)s", time=hours_in_words(value), **names)
    return ""


def _ended_so(transfers: int, flags: int) -> list[str]:
    told = [_("solved at first contact")] if flags & counting.AT_FIRST else []
    if transfers:
        told.append(ngettext("passed on %(num)d time", "passed on %(num)d times", transfers))
    if flags & counting.AGAIN:
        told.append(_("taken up again"))
    return told


def hours_in_words(hours: int) -> str:
    """ "7 h", "3 d": whole days from two days on."""
    if hours < 48:
        return _("%(number)s h", number=hours)
    return _("%(number)s d", number=hours // 24)
