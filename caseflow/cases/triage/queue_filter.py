"""What the queue is asked for: every part of the filter stands in the address, so that a list can be passed on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote_plus

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.models import LANGUAGES, OPEN, PRIORITIES, REPLY_BY, SOURCES, STATUSES, Case
from caseflow.cases.municipality import directory
from caseflow.cases.scope import led_by
from caseflow.cases.triage import search
from caseflow.cases.triage.lookup import IS_OPEN, Lookup, constants
from caseflow.messages.limits import IN_TROUBLE
from caseflow.messages.models import Message
from caseflow.mould import hole

VIEWS = ("mine", "unassigned", "overdue", "escalated", "waiting", "all")
# By what many cases share; within it the most urgent comes first.
GROUPED = ("department", "assignee", "status")
_COLUMNS = ("due", "received", "number", "waiting", *GROUPED)
SORTS = ("priority", *_COLUMNS, *(f"-{name}" for name in _COLUMNS))
# No index holds all that were ever closed in these orders.
OF_OPEN_ONES = ("waiting", *GROUPED)
DUE = ("overdue", "today", "soon")
SOON = timedelta(days=2)
CODE = re.compile(r"[\w.-]{1,40}")
DAYS = re.compile(r"[1-9][0-9]{0,2}")
PERSON = re.compile(r"me|nobody|[1-9][0-9]{0,17}")
ALLOWED = {
    "view": VIEWS,
    "due": DUE,
    "language": LANGUAGES,
    "trouble": ("yes",),
    "sort": SORTS,
}
WRITTEN = {"assignee": PERSON, "waited": DAYS}
# Of these several can be chosen: one after the other in the address, with commas, and here.
SEVERAL = ("department", "category", "kind", "status", "reply_by", "source", "priority")
MOST_CHOSEN = 20
KNOWN = {
    "status": (*STATUSES, "all"),
    "reply_by": REPLY_BY,
    "source": SOURCES,
    "priority": PRIORITIES,
}

Condition = sa.ColumnElement[bool]
# What the coordinator was warned of and nobody has answered since.
ESCALATED: Condition = sa.and_(
    Case.escalated_for == Case.due_on, Case.status.in_(constants(("new", "in_progress"))), Case.answered_at.is_(None)
)


@dataclass(frozen=True)
class Filter:
    """What a queue page shows; its parts combine. `status` empty means all open ones.

    The parts named in SEVERAL hold one value or more, with commas between. `place` is looked for in street, postcode
    and town. `waited` is a number of days: cases whose resident has waited longer for somebody to write.

    `assignee` is `me`, `nobody` or the id of a colleague. `since` and `until` are the first and the last local day on
    which the case came in. `trouble` asks for what did not arrive. `sort` has a minus before it to go downwards.
    """

    view: str = "all"
    department: str | None = None
    category: str | None = None
    kind: str | None = None
    status: str | None = None
    assignee: str | None = None
    priority: str | None = None
    reply_by: str | None = None
    source: str | None = None
    due: str | None = None
    language: str | None = None
    since: str | None = None
    until: str | None = None
    waited: str | None = None
    place: str | None = None
    trouble: str | None = None
    text: str | None = None
    sort: str | None = None

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filter:
        """The filter that an address or a session asks for; what it does not know is left out."""
        given = {name: asked.get(name, "") for name in cls.__dataclass_fields__}
        given |= {name: _several(name, asked) for name in SEVERAL}
        known: dict[str, str] = {name: given[name] for name, values in ALLOWED.items() if given[name] in values}
        known |= {name: given[name] for name, shape in WRITTEN.items() if shape.fullmatch(given[name])}
        known |= {name: day for name in ("since", "until") if (day := _day(given[name]))}
        known |= {name: given[name] for name in SEVERAL if given[name]}
        known |= {name: said for name in ("text", "place") if (said := search.tidy(given[name]))}
        return cls(**known)

    def asked(self) -> dict[str, Any]:
        """The filter as it stands in an address, without what is the default."""
        return {name: value for name, value in vars(self).items() if value and (name, value) != ("view", "all")}

    def without(self, *names: str) -> dict[str, Any]:
        """The address of the same list with some parts taken out."""
        return {name: value for name, value in self.asked().items() if name not in names}

    def values(self, name: str) -> list[str]:
        """What is chosen of a part that holds several."""
        return (getattr(self, name) or "").split(",") if getattr(self, name) else []

    @property
    def only_open(self) -> bool:
        return all(status in OPEN for status in self.values("status"))

    @property
    def narrowed(self) -> bool:
        """Whether anything but the view and the order is chosen."""
        return bool(self.without("view", "sort"))

    @property
    def lasting(self) -> bool:
        """Whether its SQL, the text aside, stays the same from one day's asking to the next, so that it can be kept."""
        return not (self.place or self.since or self.until or self.waited)

    @property
    def wordless(self) -> Filter:
        """The same without what somebody typed."""
        return replace(self, text=None, place=None)

    def typed(self) -> dict[str, str]:
        """What somebody typed, as it stands in an address: it goes into the holes of `drawn`."""
        return {name: quote_plus(getattr(self, name) or "") for name in ("text", "place")}

    @property
    def drawn(self) -> Filter:
        """The same with holes (see mould.py) for what somebody typed, which is kept nowhere."""
        holes = {name: hole(name) for name in ("text", "place") if getattr(self, name)}
        return replace(self, **holes) if holes else self

    @property
    def order(self) -> tuple[str, bool]:
        """What the list is sorted by, and whether downwards: unasked the most urgent, else the newest, first."""
        asked = (self.sort or "").lstrip("-")
        if asked and (self.only_open or asked not in OF_OPEN_ONES):
            return asked, asked != self.sort
        if self.text:
            return "number", True
        return ("due", False) if self.only_open else ("received", True)

    def still_to_do(self) -> Filter:
        """The same list, but never of cases that are done."""
        return self if self.only_open else replace(self, status=None)


def conditions(
    staff: Staff, chosen: Filter, today: date, holds: Callable[[str], Condition] = search.holds
) -> list[Condition]:
    """The filter as SQL, to be used only together with `within(staff)`."""
    found = [*of_view(staff, chosen.view, today), *_of_due(chosen.due, today), *_of_days(chosen)]
    if chosen.status != "all":
        found.append(_one_of(Case.status, values) if (values := chosen.values("status")) else IS_OPEN)
    columns = {"department": Case.department_code, "category": Case.category_code, "kind": Case.kind_code}
    columns |= {"reply_by": Case.reply_by, "source": Case.source, "priority": Case.priority}
    found += [_one_of(column, values) for name, column in columns.items() if (values := chosen.values(name))]
    if chosen.language:
        found.append(Case.language == chosen.language)
    if chosen.assignee:
        found.append(_of_person(staff, chosen.assignee))
    if chosen.trouble:
        found.append(sa.exists().where(Message.case_id == Case.id, IN_TROUBLE))
    if chosen.waited:
        found.append(_waits_longer(int(chosen.waited), today))
    if chosen.place:
        found += [holds(chosen.place), search.at(chosen.place)]
    if chosen.text:
        found.append(holds(chosen.text))
    return found


def of_view(staff: Staff, view: str, today: date) -> list[Condition]:
    views: dict[str, Condition] = {
        "mine": Case.assignee_id == staff.id,
        "unassigned": Case.assignee_id.is_(None),
        "overdue": Case.due_on < today,
        "escalated": sa.and_(ESCALATED, led_by(staff)),
        "waiting": Case.status == "waiting",
    }
    return [views[view]] if view in views else []


def _of_due(due: str | None, today: date) -> list[Condition]:
    days: dict[str, Condition] = {
        "overdue": Case.due_on < today,
        "today": Case.due_on == today,
        "soon": Case.due_on.between(today, today + SOON),
    }
    return [days[due]] if due else []


def _of_days(chosen: Filter) -> list[Condition]:
    """Received on these local days, both included."""
    found: list[Condition] = []
    if chosen.since:
        found.append(Case.received_at >= clock.midnight(date.fromisoformat(chosen.since), _zone()))
    if chosen.until:
        after = date.fromisoformat(chosen.until) + timedelta(days=1)
        found.append(Case.received_at < clock.midnight(after, _zone()))
    return found


def _waits_longer(days: int, today: date) -> Condition:
    before = clock.midnight(today - timedelta(days=days), _zone())
    return sa.exists().where(Lookup.case_id == Case.id, Lookup.waiting_since < before)


def _one_of(column: Any, values: Sequence[str]) -> Condition:
    alike: Condition = column == values[0] if len(values) == 1 else column.in_(values)
    return alike


def _several(name: str, asked: Mapping[str, str]) -> str:
    """The values that there are, each once: written with commas, or (from a form) one field for each."""
    fields = asked.getlist(name) if isinstance(asked, MultiDict) else [asked.get(name, "")]
    typed = dict.fromkeys(one for field in fields for one in field.split(","))
    known = KNOWN.get(name)
    good = [one for one in typed if (one in known if known else CODE.fullmatch(one))]
    return "all" if "all" in good and name == "status" else ",".join(good[:MOST_CHOSEN])


def _of_person(staff: Staff, assignee: str) -> Condition:
    if assignee == "nobody":
        return Case.assignee_id.is_(None)
    return Case.assignee_id == (staff.id if assignee == "me" else int(assignee))


def _zone() -> Any:
    return directory.known().zone


def _day(typed: str) -> str | None:
    """An ISO date of the years that a municipality can mean, as text; None for anything else."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day.isoformat() if 1900 <= day.year <= 2200 else None
