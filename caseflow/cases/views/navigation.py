"""The staff header: where each person's role lets them go, and how much waits there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import g, request, url_for
from flask_babel import gettext as _

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import May, may, signed_in
from caseflow.cases.delivery import staff_mails
from caseflow.cases.delivery.worklist import COUNTED
from caseflow.cases.triage import queue

PLACES = {
    "queue.page": May.SEE_CASES,
    "calls.page": May.HANDLE_CASES,
    "letters.page": May.POST_LETTERS,
    "mentions.page": May.SEE_CASES,
    "deliveries.page": May.SEE_CASES,
    "held_filings.page": May.SORT_CASES,
    "statistics.page": May.SEE_STATISTICS,
    "registration.new": May.REGISTER,
    "texts.page": May.SEE_TEXTS,
    "people.page": May.MANAGE_STAFF,
    "staff_mails.page": May.MANAGE_STAFF,
    "administration.index": May.ADMINISTER,
}
# Shown when something waits there.
_ASKED = "waits_elsewhere"
WHEN_NEEDED = ("held_filings.page",)


@dataclass(frozen=True)
class Place:
    """One link of the header; `count` is empty where nothing waits or is counted."""

    name: str
    href: str
    here: bool
    count: str = ""


def waits_elsewhere() -> tuple[tuple[str, int], ...]:
    """How much waits in the rooms that are open to the person who is signed in; one query for all counts."""
    staff = signed_in()
    told = g.pop(_ASKED, None) or _asked(staff)
    found = told() if told else {}
    if may(staff, PLACES["staff_mails.page"]):
        found["staff_mails"] = staff_mails.count(clock.now())
    return tuple(found.items())


def ask_ahead() -> None:
    """Has the counts made while the page is put together."""
    setattr(g, _ASKED, _asked(signed_in()))


def _asked(staff: Staff) -> Callable[[], dict[str, int]] | None:
    return queue.worklists_ahead(staff, clock.now()) if may(staff, PLACES["deliveries.page"]) else None


def navigation(waits: tuple[tuple[str, int], ...]) -> list[Place]:
    """The links for the person who is signed in."""
    staff, waiting = signed_in(), dict(waits)
    open_to = [endpoint for endpoint, act in PLACES.items() if may(staff, act)]
    if not waiting.get("held_filings"):
        open_to = [endpoint for endpoint in open_to if endpoint not in WHEN_NEEDED or request.endpoint == endpoint]
    names = {
        "queue.page": _("Cases"),
        "calls.page": _("Calls"),
        "letters.page": _("Letters"),
        "mentions.page": _("Mentions"),
        "deliveries.page": _("Deliveries"),
        "held_filings.page": _("Held"),
        "statistics.page": _("Statistics"),
        "registration.new": _("Register a case"),
        "texts.page": _("Texts"),
        "people.page": _("People"),
        "staff_mails.page": _("Mail to colleagues"),
        "administration.index": _("Administration"),
    }
    return [
        Place(names[endpoint], url_for(endpoint), request.blueprint == room, _said(waiting.get(room, 0)))
        for endpoint, room in ((endpoint, _room(endpoint)) for endpoint in open_to)
    ]


def _said(count: int) -> str:
    """Beyond this nobody counts on, and nobody is made to wait for it."""
    return f"{COUNTED - 1}+" if count >= COUNTED else str(count or "")


def _room(endpoint: str) -> str:
    return endpoint.partition(".")[0]
