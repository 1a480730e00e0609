"""How every act on a case goes: found in the scope and locked, not done before, not stale, filled in right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypedDict, TypeVar

from flask import abort, current_app, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug import Response
from werkzeug.datastructures import CombinedMultiDict, MultiDict

from caseflow import clock, language
from caseflow.accounts.models import AFTERWARDS, Staff
from caseflow.accounts.permissions import PERMISSIONS, May, may, signed_in
from caseflow.audit import Actor
from caseflow.cases import repetition, scope
from caseflow.cases.models import Case
from caseflow.cases.municipality import directory
from caseflow.cases.screen import drafts
from caseflow.cases.screen.desk import Desk
from caseflow.cases.screen.form_parts import ActForm, TextForm
from caseflow.cases.texts import standard_texts
from caseflow.cases.triage import queue
from caseflow.database import unit_of_work

F = TypeVar("F", bound=ActForm)


class Invalid(Exception):
    """The form is not filled in right; it holds what was typed and what is wrong."""

    def __init__(self, form: ActForm) -> None:
        super().__init__(type(form).__name__)
        self.form = form


class Repeated(Exception):
    """The same act has been done already."""


class Told(TypedDict):
    """What every verb is told."""

    by: Actor
    now: datetime


@dataclass(frozen=True)
class Doing(Generic[F]):
    """An act under way: the locked case, the form, who acts and when."""

    case: Case
    form: F
    by: Actor
    now: datetime

    @property
    def told(self) -> Told:
        return Told(by=self.by, now=self.now)


@contextmanager
def act(number: str, form_class: type[F]) -> Iterator[Doing[F]]:
    """The unit of work of an act. Raises 404, `Repeated`, `scope.Stale` or `Invalid` before anything is done."""
    staff, now = signed_in(), clock.now()
    with unit_of_work():
        case = scope.find_for_act(staff, number, None) or abort(404)
        form = form_class(filled_in(), case=case, desk=desk_of(case))
        if repetition.done_before(case, form, staff):
            raise Repeated
        if form.read_at is not None and form.read_at != case.version:
            raise scope.Stale(case, form.read_at)
        if not form.validate():
            raise Invalid(form)
        yield Doing(case, form, staff.as_actor(), now)
        if isinstance(form, TextForm):
            drafts.sent(case, staff, form.verb, **page_of(form))
            standard_texts.used((form.used.data or "").split(), staff, now)


def allowed(role: str, views: Mapping[str, str]) -> list[str]:
    """The nouns of the acts whose views let the role in, given with their views: the gate says it in one place."""
    return [
        noun
        for noun, view in views.items()
        if getattr(current_app.view_functions[view], "gate", 0) in PERMISSIONS[role]
    ]


def filled_in() -> MultiDict[str, Any]:
    """The form as it came, with its files. They are read once: whoever asks again sees where they were kept."""
    if not request.files:
        return request.form
    for files in request.files.listvalues():
        for file in files:
            file.stream.seek(0)
    return CombinedMultiDict([request.files, request.form])


def page_of(form: TextForm) -> dict[str, str]:
    """Which page the form came from, and which state of its draft that page had shown."""
    return {"seen": form.draft.data or "", "submission": form.submission.data or ""}


def desk_of(case: Case) -> Desk:
    staff = signed_in()
    decides = may(staff, May.HANDLE_CASES)
    return Desk.of(case, staff, language=language.current(), today=today(), decides=decides)


def today() -> date:
    """The municipality's day."""
    return clock.today(zone=directory.known().zone)


def done(case: Case, said: str, *, leads_on: bool = False) -> Response:
    """Say what was done and go back to the case; `leads_on` offers the next; a case given away leads to the queue."""
    staff = signed_in()
    following = queue.most_urgent(staff, chosen_filter(), today(), besides=case.id) if leads_on else None
    onwards = _afterwards(staff) if leads_on else "stay"
    if onwards == "list" or (onwards == "next" and following):
        flash(_with_way_back(said, case.number), "success")
        there = url_for("case.page", number=following) if following and onwards == "next" else _list()
        return redirect(there, 303)
    flash(_with_link(said, following) if following else said, "success")
    if scope.find(staff, case.number) is None:
        return redirect(_list(), 303)
    return redirect(url_for("case.page", number=case.number), 303)


def chosen_filter() -> queue.Filter:
    """The view of the queue that the person looked at last."""
    return queue.Filter.of(session.get("queue", {}))


def _list() -> str:
    return url_for("queue.page", **chosen_filter().asked())


def _afterwards(staff: Staff) -> str:
    """Where the person wants to be now: as just said, else as said last time."""
    said = request.form.get("afterwards", "")
    if said in AFTERWARDS and said != staff.afterwards:
        with unit_of_work():
            staff.afterwards = said
    return staff.afterwards


def _with_way_back(said: str, number: str) -> Markup:
    """What was sent can be undone on its case for some seconds more."""
    link = Markup('<a href="{}">{}</a>').format(
        url_for("case.page", number=number), _("Back to %(number)s", number=number)
    )
    return Markup("{} {}").format(said, link)


def _with_link(said: str, number: str) -> Markup:
    link = Markup('<a href="{}">{}</a>').format(url_for("case.page", number=number), _("Next case"))
    return Markup("{} {}").format(said, link)
