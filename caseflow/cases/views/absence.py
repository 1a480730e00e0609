"""When one is away: written down by oneself or by who leads the department, and what went back meanwhile."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug import Response

from caseflow import clock
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases.views.acting import today
from caseflow.cases.watch import leave
from caseflow.cases.watch.leave_form import LeaveForm
from caseflow.database import unit_of_work

blueprint = Blueprint("absence", __name__, url_prefix="/staff/account/away")


@blueprint.get("")
@requires(May.SEE_OWN_ACCOUNT)
def page() -> str:
    """Whoever opens it has seen what was moved."""
    shown = _page(_form())
    with unit_of_work():
        leave.see(signed_in(), clock.now())
    return shown


@blueprint.post("")
@requires(May.SEE_OWN_ACCOUNT)
def plan() -> Response | tuple[str, int]:
    form = _form(filled_in=True)
    if not form.validate():
        return _page(form), 422
    with unit_of_work():
        leave.plan(form.staff_id, form.first, form.last_day.data, by=signed_in().as_actor(), now=clock.now())
    return _back(_("It is written down. On the first day the open cases go back to the department."))


@blueprint.post("/<int:absence_id>/end")
@requires(May.SEE_OWN_ACCOUNT)
def end(absence_id: int) -> Response:
    with unit_of_work():
        away = leave.find(absence_id, list(_people())) or abort(404)
        done = leave.end(away, by=signed_in().as_actor(), now=clock.now())
    return _back(_("That time away has ended.") if done else _("That was done already."))


@blueprint.post("/<int:absence_id>/cases")
@requires(May.HANDLE_CASES)
def take_back(absence_id: int) -> Response:
    staff = signed_in()
    with unit_of_work():
        away = leave.find(absence_id, [staff.id]) or abort(404)
        taken = leave.take_back(away, staff, clock.now())
    return _back(ngettext("%(num)d case is yours again.", "%(num)d cases are yours again.", taken))


def _people() -> dict[int, str]:
    staff = signed_in()
    return {staff.id: staff.name, **leave.led(staff)}


def _form(*, filled_in: bool = False) -> LeaveForm:
    return LeaveForm(request.form if filled_in else None, people=_people(), today=today())


def _page(form: LeaveForm) -> str:
    mine, theirs = leave.of(form.people[:1], form.today), leave.of(form.people[1:], form.today)
    return render_template("accounts/away.html", form=form, mine=mine, theirs=theirs)


def _back(said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("absence.page"), 303)
