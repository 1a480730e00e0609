"""The queue's filter in words: what is chosen, each part with the way to take it out, and the heads to sort by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from caseflow.cases import words
from caseflow.cases.triage.queue_choices import Choices
from caseflow.cases.triage.queue_filter import OF_OPEN_ONES, SEVERAL, Filter
from caseflow.language import LANGUAGES

DUE = {"overdue": _l("Overdue"), "today": _l("Due today"), "soon": _l("Due soon")}
# Where the words that were searched for stand; the resident's own text needs no name.
WHERE = {
    "note": _l("Internal note"),
    "reply": _l("Reply"),
    "name": _l("Name"),
    "address": _l("Address"),
    "email": _l("E-mail"),
    "phone": _l("Phone"),
}
VIEW = {
    "mine": _l("Mine"),
    "unassigned": _l("Unassigned"),
    "overdue": _l("Late"),
    "escalated": _l("Escalated"),
    "waiting": _l("Waiting"),
    "all": _l("All open"),
}
ORDERS = {
    "priority": _l("high priority first"),
    "due": _l("the most urgent first"),
    "-received": _l("the newest first"),
    "received": _l("the oldest first"),
    "waiting": _l("who has waited longest first"),
    "department": _l("by department"),
    "assignee": _l("by caseworker"),
    "status": _l("by status"),
}
DOWN_FIRST = ("number", "received")


@dataclass(frozen=True)
class Picked:
    """One chosen part of the filter, and the address (as parameters) of the same list without it."""

    words: str
    without: dict[str, Any]


@dataclass(frozen=True)
class Head:
    """The head of a column that can be sorted by: `sorted` is what aria-sort says, None while another one is.

    Without an address where this list cannot be.
    """

    words: str
    address: dict[str, Any] | None
    sorted: str | None


def picked(chosen: Filter, choices: Choices) -> list[Picked]:
    """What is chosen besides the view, in the order of the filter."""
    said = {
        name: ", ".join(_in_words(name, one, choices) for one in (chosen.values(name) if name in SEVERAL else [value]))
        for name, value in chosen.without("view", "sort").items()
    }
    return [Picked(words, chosen.without(name)) for name, words in said.items()]


def told(chosen: Filter, choices: Choices) -> list[str]:
    """All that makes the list, in words: the view, each chosen part, and the order when it was chosen."""
    plain = chosen.view == "all" and bool(chosen.values("status"))
    order = dict(orders(chosen)).get(_signed(chosen.asked()))
    return [
        *([] if plain else [str(VIEW[chosen.view])]),
        *(part.words for part in picked(chosen, choices)),
        *([order] if order else []),
    ]


def heads(chosen: Filter) -> dict[str, Head]:
    """The heads by what they sort by; `waiting` instead of `received` when that is the order."""
    since = "waiting" if chosen.order[0] == "waiting" else "received"
    return {name: _head(name, words, chosen) for name, words in _names().items() if name in _ALWAYS or name == since}


def orders(chosen: Filter) -> list[tuple[str, str]]:
    """The orders to choose from, by their value in the address: none for the one that goes without saying."""
    usual, here = _signed(chosen.without("sort")), _signed(chosen.asked())
    offered = {name: str(words) for name, words in ORDERS.items() if chosen.only_open or name not in OF_OPEN_ONES}
    if here not in offered:
        offered[here] = f"{_names()[here.lstrip('-')]} {'↓' if here.startswith('-') else '↑'}"
    return [("" if name == usual else name, words) for name, words in offered.items()]


def order(chosen: Filter) -> str:
    """Which of the `orders` is chosen."""
    here = _signed(chosen.asked())
    return "" if here == _signed(chosen.without("sort")) else here


_ALWAYS = ("number", "department", "status", "assignee", "due")


def _names() -> dict[str, str]:
    return {
        "number": _("Number"),
        "department": _("Department"),
        "status": _("Status"),
        "assignee": _("Assignee"),
        "received": _("Received"),
        "waiting": _("Waiting since"),
        "due": _("Due"),
    }


def _head(name: str, words: str, chosen: Filter) -> Head:
    here, down = chosen.order
    turned = not down if here == name else name in DOWN_FIRST
    address = {**chosen.without("sort"), "sort": f"-{name}" if turned else name}
    there = address if chosen.only_open or name not in OF_OPEN_ONES else None
    return Head(words, there, ("descending" if down else "ascending") if here == name else None)


def _signed(asked: dict[str, Any]) -> str:
    """The order that is asked for, as it stands in an address; numbers are given as cases come in."""
    name, down = Filter.of(asked).order
    return ("-" if down else "") + ("received" if name == "number" else name)


def _in_words(name: str, value: str, choices: Choices) -> str:
    fixed: dict[str, dict[str, Any]] = {
        "status": {**words.STATUS, "all": _("open and closed")},
        "department": choices.departments,
        "category": choices.categories,
        "kind": choices.kinds,
        "assignee": {"me": _("Mine"), "nobody": _("Unassigned"), **choices.people},
        "due": DUE,
        "language": LANGUAGES,
        "priority": words.PRIORITY,
        "trouble": {"yes": _("Not delivered")},
    }
    if name == "reply_by":
        return _("reply by: %(channel)s", channel=words.CHANNEL[value])
    if name == "source":
        return _("came in by: %(source)s", source=words.SOURCE[value])
    if name == "waited":
        return ngettext("waits longer than %(num)s day", "waits longer than %(num)s days", int(value))
    if name == "place":
        return _("at “%(place)s”", place=value)
    if name in fixed:
        return str(fixed[name].get(value, value))
    if name == "text":
        return f"“{value}”"
    day = words.written(date.fromisoformat(value), "d MMM y")
    return _("from %(day)s", day=day) if name == "since" else _("to %(day)s", day=day)
