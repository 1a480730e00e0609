"""The pages of who manages accounts."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug import Response

from caseflow import clock, language
from caseflow.accounts import factors, invitations, sessions
from caseflow.accounts.models import LEVELS, Staff
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases.municipality import directory
from caseflow.cases.watch import absence, leave
from caseflow.cases.watch.leave_form import LeaveForm
from caseflow.database import unit_of_work
from caseflow.people import changes, history, roll, wording
from caseflow.people.forms import PersonForm

blueprint = Blueprint("people", __name__, url_prefix="/staff/administration/people")

Answer = Response | tuple[str, int]


@blueprint.get("")
@requires(May.MANAGE_STAFF)
def page() -> str:
    chosen, places = roll.Filter.of(request.args), directory.departments()
    names = {place.code: place.name(language.current()) for place in places}
    found = roll.page(chosen, request.args.get("after"), today=clock.today(zone=directory.municipality().zone))
    first = "after" not in request.args
    told = {"departments": names, "wording": wording, "said": _levels_said, "forever": absence.FOREVER}
    told["unreached"] = [names[code] for code in changes.without_anybody_for_protected() if code in names]
    return render_template("people/list.html", page=found, chosen=chosen, first=first, **told)


@blueprint.get("/new")
@requires(May.MANAGE_STAFF)
def new() -> str:
    return render_template("people/new.html", form=form_of(None), wording=wording)


@blueprint.post("")
@requires(May.MANAGE_STAFF)
def add() -> Answer:
    form = form_of(None, filled_in=True)
    if form.validate():
        try:
            with unit_of_work():
                made = changes.add(form.facts(), by=signed_in().as_actor(), now=clock.now())
            flash(_("%(name)s has an account, and an invitation by e-mail.", name=made.name), "success")
            return redirect(url_for("people.person", staff_id=made.id), 303)
        except changes.Taken:
            form.email.errors = [_("That address has an account already.")]
    return render_template("people/new.html", form=form, wording=wording), 422


@blueprint.get("/<int:staff_id>")
@requires(May.MANAGE_STAFF)
def person(staff_id: int) -> str:
    staff = changes.find(staff_id) or abort(404)
    return page_of(staff, form_of(staff))


@blueprint.post("/<int:staff_id>")
@requires(May.MANAGE_STAFF)
def change(staff_id: int) -> Answer:
    staff = changes.find(staff_id) or abort(404)
    form = form_of(staff, filled_in=True)
    if not form.validate():
        return page_of(staff, form), 422
    if form.seen.data != str(history.latest_change(staff)):
        said = _("Somebody has changed this account meanwhile: see its history. Save again if this is to stand.")
        form.form_errors = [said]
        return page_of(staff, form), 409
    try:
        with unit_of_work():
            staff = changes.find(staff_id, for_act=True) or abort(404)
            given_back = changes.change(staff, form.facts(), by=signed_in().as_actor(), now=clock.now())
    except (changes.Taken, changes.OwnRights, changes.LastAdministrator) as error:
        _refuse(form, error)
        return page_of(staff, form), 422
    return back_to(staff, _("Nothing has changed.") if given_back is None else _("The account is changed."), given_back)


@blueprint.post("/<int:staff_id>/closure")
@requires(May.MANAGE_STAFF)
def close(staff_id: int) -> Answer:
    try:
        with unit_of_work():
            staff = changes.find(staff_id, for_act=True) or abort(404)
            given_back = changes.close(staff, by=signed_in().as_actor(), now=clock.now())
    except (changes.OwnRights, changes.LastAdministrator) as error:
        staff = changes.find(staff_id) or abort(404)
        form = form_of(staff)
        _refuse(form, error)
        return page_of(staff, form), 422
    return back_to(
        staff, _("That was done already.") if given_back is None else _("The account is closed."), given_back
    )


@blueprint.post("/<int:staff_id>/reopening")
@requires(May.MANAGE_STAFF)
def reopen(staff_id: int) -> Response:
    with unit_of_work():
        staff = changes.find(staff_id, for_act=True) or abort(404)
        done = changes.open_again(staff, by=signed_in().as_actor(), now=clock.now())
    return back_to(staff, _("The account is open again.") if done else _("That was done already."))


@blueprint.post("/<int:staff_id>/sessions/end")
@requires(May.MANAGE_STAFF)
def end_sessions(staff_id: int) -> Response:
    with unit_of_work():
        staff = changes.find(staff_id, for_act=True) or abort(404)
        changes.end_sessions(staff, by=signed_in().as_actor(), now=clock.now())
    return back_to(staff, _("%(name)s is signed out everywhere.", name=staff.name))


@blueprint.post("/<int:staff_id>/second-step/reset")
@requires(May.MANAGE_STAFF)
def reset_steps(staff_id: int) -> Response:
    try:
        with unit_of_work():
            staff = changes.find(staff_id, for_act=True) or abort(404)
            reset = changes.reset_steps(staff, by=signed_in().as_actor(), now=clock.now())
    except changes.OwnRights:
        flash(_("Your own second steps are changed on the page “My account”."), "error")
        return redirect(url_for("people.person", staff_id=staff_id), 303)
    taken = _("The second steps are taken away, and %(name)s is told by e-mail.", name=staff.name)
    return back_to(staff, taken if reset else _("There is no second step to take away."))


@blueprint.post("/<int:staff_id>/invitation")
@requires(May.MANAGE_STAFF)
def invite(staff_id: int) -> Response:
    try:
        with unit_of_work():
            staff = changes.find(staff_id, for_act=True) or abort(404)
            invitations.invite(staff, by=signed_in().as_actor(), now=clock.now())
    except invitations.NotInvited:
        flash(_("A closed account, one of the demonstration, or one that signs in elsewhere is not invited."), "error")
        return redirect(url_for("people.person", staff_id=staff_id), 303)
    return back_to(staff, _("A new invitation is on its way. The link of the former one opens nothing any more."))


def form_of(staff: Staff | None, *, filled_in: bool = False) -> PersonForm:
    facts = changes.Facts.of(staff) if staff else None
    form = PersonForm.of(request.form if filled_in else None, directory.departments(), language.current(), facts)
    if staff and not filled_in:
        form.seen.data = str(history.latest_change(staff))
    return form


def page_of(staff: Staff, form: PersonForm, away: LeaveForm | None = None) -> str:
    """The account's page. A form that came back is of this moment: what it did not know is in the history below."""
    now, away = clock.now(), away or leave_form(staff)
    form.seen.data = str(history.latest_change(staff))
    return render_template(
        "people/person.html",
        person=staff,
        form=form,
        own=staff.id == signed_in().id,
        sessions=sessions.of(staff, now),
        invitation=invitations.pending(staff, now),
        steps=factors.told(staff),
        away=away,
        absences=leave.of([staff.id], away.today),
        lines=history.of(staff, request.args.get("before", type=int)),
        most=history.SHOWN,
        wording=wording,
        departments={place.code: place.name(language.current()) for place in form.places},
        said=_levels_said,
    )


def leave_form(staff: Staff, *, filled_in: bool = False) -> LeaveForm:
    today = clock.today(zone=directory.municipality().zone)
    return LeaveForm(request.form if filled_in else None, people={staff.id: staff.name}, today=today)


def _levels_said(levels: dict[str, str], names: dict[str, str]) -> str:
    """ "Handle: Samhällsbyggnad, Utbildning · Read: Kultur": the highest level first."""
    held = {level: [names[code] for code in names if levels.get(code) == level] for level in reversed(LEVELS)}
    return " · ".join(f"{wording.LEVEL[level]}: {', '.join(places)}" for level, places in held.items() if places)


def _refuse(form: PersonForm, error: Exception) -> None:
    if isinstance(error, changes.Taken):
        form.email.errors = [_("That address has an account already.")]
    elif isinstance(error, changes.OwnRights):
        form.form_errors = [_("Nobody decides on their own rights: let another administrator do it.")]
    else:
        form.form_errors = [_("This is the last administrator who can sign in. Make somebody else one first.")]


def back_to(staff: Staff, said: str, given_back: int | None = None) -> Response:
    if given_back:
        back = ngettext(
            "%(num)d case went back to its department.", "%(num)d cases went back to their departments.", given_back
        )
        said = f"{said} {back}"
    flash(said, "success")
    return redirect(url_for("people.person", staff_id=staff.id), 303)
