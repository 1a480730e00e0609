"""The queue's filter in words: what is chosen, each part with the way to take it out, and the heads to sort by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from caseflow.cases import words
from caseflow.cases.queue_choices import Choices
from caseflow.cases.queue_filter import SEVERAL, Filter
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
ORDERS = {
    "priority": _l("high priority first"),
    "due": _l("the most urgent first"),
    "-received": _l("the newest first"),
    "received": _l("the oldest first"),
    "waiting": _l("who has waited longest first"),
}
DOWN_FIRST = ("number", "received")


@dataclass(frozen=True)
class Picked:
    """One chosen part of the filter, and the address (as parameters) of the same list without it."""

    words: str
    without: dict[str, Any]


@dataclass(frozen=True)
class Head:
    """The head of a column that can be sorted by: `sorted` is what aria-sort says, None while another one is."""

    words: str
    address: dict[str, Any]
    sorted: str | None


def picked(chosen: Filter, choices: Choices) -> list[Picked]:
    """What is chosen besides the view, in the order of the filter."""
    said = {
        name: ", ".join(_in_words(name, one, choices) for one in (chosen.values(name) if name in SEVERAL else [value]))
        for name, value in chosen.without("view", "sort").items()
    }
    return [Picked(words, chosen.without(name)) for name, words in said.items()]


def heads(chosen: Filter) -> dict[str, Head]:
    """The heads of `number`, `received` (or since when the resident waits, when that is the order) and `due`."""
    names = {"number": _("Number"), "received": _("Received"), "due": _("Due")}
    if chosen.order[0] == "waiting":
        names = {"number": names["number"], "waiting": _("Waiting since"), "due": names["due"]}
    return {name: _head(name, words, chosen) for name, words in names.items()}


def orders(chosen: Filter) -> list[tuple[str, str]]:
    """The orders to choose from, by their value in the address: none for the one that goes without saying."""
    usual = "{1}{0}".format(*_signed(chosen.without("sort")))
    offered = {name: str(words) for name, words in ORDERS.items() if chosen.only_open or name != "waiting"}
    return [("" if name == usual else name, words) for name, words in offered.items()]


def _head(name: str, words: str, chosen: Filter) -> Head:
    here, down = chosen.order
    turned = not down if here == name else name in DOWN_FIRST
    address = {**chosen.without("sort"), "sort": f"-{name}" if turned else name}
    return Head(words, address, ("descending" if down else "ascending") if here == name else None)


def _signed(asked: dict[str, Any]) -> tuple[str, str]:
    name, down = Filter.of(asked).order
    return ("received" if name == "number" else name), "-" if down else ""


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
