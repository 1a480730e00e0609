"""Acts on many cases picked in the queue: what to fill in once, and what became of each case."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from functools import cache

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug import Response

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import lifecycle, scope, undoing
from caseflow.cases.models import Case
from caseflow.cases.screen import desk
from caseflow.cases.texts import standard_texts
from caseflow.cases.triage import bulk
from caseflow.cases.triage.bulk import Outcome, Pick
from caseflow.cases.triage.queue_filter import Filter
from caseflow.cases.views.acting import allowed, chosen_filter, desk_of, today
from caseflow.cases.views.selection_page import Page
from caseflow.database import unit_of_work

blueprint = Blueprint("selection", __name__, url_prefix="/staff/queue/selection")
Answer = str | Response | tuple[str, int]


@blueprint.app_context_processor
def _offer() -> dict[str, object]:
    return {"acts_on_many": acts_on_many}


def acts_on_many() -> tuple[str, ...]:
    """The nouns of the acts on many cases that this person's role allows: as their gates on one case do."""
    return _acts_on_many(signed_in().role)


@cache
def _acts_on_many(role: str) -> tuple[str, ...]:
    return tuple(allowed(role, bulk.VIEWS))


@blueprint.post("")
@requires(May.SORT_CASES)
def chosen() -> Answer:
    """What the bar under the list asks for: a page to fill in, or at once where there is nothing to."""
    noun, _colon, value = request.form.get("act", "").partition(":")
    picked = _picked()
    if not picked:
        return _back_to_the_list(_("Pick some cases first."))
    if noun not in acts_on_many():
        return _back_to_the_list(_("Choose what to do with the cases."))
    given = {"me": {"assignee": str(signed_in().id), "anyway": "y"}}
    given |= {"high": {"priority": "high"}, "normal": {"priority": "normal"}}
    if value in given and "every" not in request.form:
        return _done(noun, picked, given[value], batch=uuid.uuid4().hex)
    return Page.of(noun, picked, empty=True).drawn()


@blueprint.post("/act")
@requires(May.SORT_CASES)
def act() -> Answer:
    noun = request.form.get("noun", "")
    if noun not in acts_on_many():
        return _back_to_the_list(_("Choose what to do with the cases."))
    page = Page.of(noun, _picked())
    if "insert" in request.form and noun == "replies":
        return page.with_standard_text().drawn()
    if not page.form.validate():
        return page.drawn(), 422
    if page.speaks and "sure" not in request.form:
        return page.drawn(sure=True)
    return _done(noun, page.picked, page.form.typed, batch=request.form.get("batch") or uuid.uuid4().hex)


@blueprint.post("/retraction")
@requires(May.HANDLE_CASES)
def retraction() -> Response:
    """Have back all the replies that are still held; those that have left are told."""
    staff, late = signed_in(), 0
    for written in request.form.getlist("entry")[: bulk.MOST]:
        number, _colon, entry = written.partition(":")
        late += not _undone(staff, number, int(entry) if entry.isascii() and entry.isdigit() else 0)
    if late:
        said = ngettext("%(num)d reply had left already.", "%(num)d replies had left already.", late)
        flash(_("The others are undone.") + " " + said, "error")
    else:
        flash(_("Nothing was sent."), "success")
    return redirect(url_for("queue.page", **chosen_filter().asked()), 303)


def _undone(staff: Staff, number: str, entry_id: int) -> bool:
    try:
        with unit_of_work():
            case = scope.find_for_act(staff, number, None)
            entry = undoing.own(case, entry_id, staff) if case else None
            if case is None or entry is None:
                return False
            undoing.undo(case, entry, by=staff.as_actor(), now=clock.now())
    except undoing.TooLate:
        return False
    return True


def _back_to_the_list(said: str) -> Response:
    flash(said, "info")
    return redirect(url_for("queue.page", **chosen_filter().asked()), 303)


def _picked() -> list[Pick]:
    if "every" in request.form:
        return bulk.all_of(signed_in(), Filter.of(request.args), today())
    return bulk.picks(request.form.getlist("case"))


def _done(noun: str, picked: Sequence[Pick], fields: dict[str, str], *, batch: str) -> Answer:
    """Do it case by case, and tell what became of each; where all went well the list is enough."""
    staff, at_desk = signed_in(), _desks()
    outcomes = [_one(staff, pick, noun, fields, batch, at_desk) for pick in picked[: bulk.MOST]]
    well = sum(outcome.well for outcome in outcomes)
    if well and fields.get("used"):
        with unit_of_work():
            standard_texts.used(fields["used"].split(), staff, clock.now())
    held = [one for one in outcomes if one.entry and one.entry.held_until]
    if well == len(outcomes) and not held:
        flash(ngettext("Done with %(num)d case.", "Done with %(num)d cases.", well), "success")
        return redirect(url_for("queue.page", **chosen_filter().asked()), 303)
    back = url_for("queue.page", **chosen_filter().asked())
    shown = {"outcomes": outcomes, "well": well, "held": held, "fields": fields, "batch": batch, "back": back}
    seconds = min(
        ((one.entry.held_until - clock.now()).total_seconds() for one in held if one.entry and one.entry.held_until),
        default=0,
    )
    return render_template("cases/selection_done.html", noun=noun, seconds=max(0, int(seconds)), **shown)


def _one(
    staff: Staff, pick: Pick, noun: str, fields: dict[str, str], batch: str, at_desk: Callable[[Case], desk.Desk]
) -> Outcome:
    try:
        with unit_of_work():
            return bulk.one(staff, pick, noun, fields, batch=batch, desk=at_desk, now=clock.now())
    except lifecycle.Illegal:
        case = scope.find(staff, pick.number)
        return bulk.of(case, "impossible") if case else Outcome(pick.number, "foreign")


def _desks() -> Callable[[Case], desk.Desk]:
    """What lies beside a case is the same for all cases of a department: looked up once for each."""
    known: dict[str, desk.Desk] = {}

    def at(case: Case) -> desk.Desk:
        if case.department_code not in known:
            known[case.department_code] = desk_of(case)
        return known[case.department_code]

    return at
