"""Saved views of the queue: made of the present filter, renamed, put in order, removed."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from werkzeug import Response

from caseflow import clock, language
from caseflow.accounts.permissions import May, may_in, requires, signed_in
from caseflow.cases.screen import desk
from caseflow.cases.triage import queue_choices, queue_words, saved_views
from caseflow.cases.triage.queue_filter import Filter
from caseflow.cases.triage.saved_view import SavedView
from caseflow.cases.triage.saved_view_forms import OWN, NameForm, SaveForm
from caseflow.cases.views.acting import chosen_filter
from caseflow.database import unit_of_work

blueprint = Blueprint("saved_views", __name__, url_prefix="/staff/queue/views")
Answer = Response | tuple[str, int]


@blueprint.get("")
@requires(May.SEE_CASES)
def page() -> str:
    staff = signed_in()
    found = saved_views.of(staff)
    theirs = [view for view in found if view.owner_id or may_in(staff, view.department_code or "", "lead")]
    shows = {view.id: _in_words(Filter.of(view.filter)) for view in found}
    return render_template("cases/saved_views.html", found=found, theirs=theirs, names=_departments(), shows=shows)


@blueprint.get("/new")
@requires(May.SEE_CASES)
def new() -> str:
    return _written(SaveForm(None, _led()))


@blueprint.post("/new")
@requires(May.SEE_CASES)
def save() -> Answer:
    """The filter stands in the address, the name in the form."""
    staff, form, chosen = signed_in(), SaveForm(request.form, _led()), Filter.of(request.args)
    if not form.validate():
        return _written(form), 422
    home = {"owner_id": staff.id} if form.whose.data == OWN else {"department_code": form.whose.data}
    view = SavedView(name=form.name.data, filter=chosen.asked(), **home)
    try:
        with unit_of_work():
            fits = form.fits(view)
            if fits:
                saved_views.add(view, by=staff.as_actor(), now=clock.now())
    except IntegrityError:
        return _written(form, taken=True), 422
    if not fits:
        return _written(form), 422
    flash(_("The view is saved."), "success")
    return redirect(url_for("queue.page", **chosen.asked()), 303)


@blueprint.get("/<int:view_id>")
@requires(May.SEE_CASES)
def edit(view_id: int) -> str:
    view = saved_views.find(signed_in(), view_id) or abort(404)
    form = NameForm(None)
    form.name.data = view.name
    return _written(form, view)


@blueprint.post("/<int:view_id>")
@requires(May.SEE_CASES)
def rename(view_id: int) -> Answer:
    form, staff = NameForm(request.form), signed_in()
    view = saved_views.find(staff, view_id) or abort(404)
    if not form.validate() or not form.fits(view):
        return _written(form, view), 422
    try:
        with unit_of_work():
            saved_views.rename(view, form.name.data or "", by=staff.as_actor(), now=clock.now())
    except IntegrityError:
        return _written(form, saved_views.find(staff, view_id), taken=True), 422
    flash(_("The view is renamed."), "success")
    return redirect(url_for("saved_views.page"), 303)


@blueprint.post("/<int:view_id>/filter")
@requires(May.SEE_CASES)
def refilter(view_id: int) -> Response:
    """What the address asks for is what the view shows from now on."""
    chosen = Filter.of(request.args)
    with unit_of_work():
        view = saved_views.find(signed_in(), view_id) or abort(404)
        saved_views.replace(view, chosen, by=signed_in().as_actor(), now=clock.now())
    flash(_("“%(name)s” shows this selection from now on.", name=view.name), "success")
    return redirect(url_for("queue.page", **chosen.asked()), 303)


@blueprint.post("/<int:view_id>/removal")
@requires(May.SEE_CASES)
def removal(view_id: int) -> Response:
    with unit_of_work():
        view = saved_views.find(signed_in(), view_id) or abort(404)
        saved_views.remove(view, by=signed_in().as_actor(), now=clock.now())
    flash(_("The view is removed."), "success")
    return redirect(url_for("saved_views.page"), 303)


@blueprint.post("/<int:view_id>/place")
@requires(May.SEE_CASES)
def move(view_id: int) -> Response:
    step = {"up": -1, "down": 1}.get(request.form.get("step", ""), 0)
    with unit_of_work():
        view = saved_views.find(signed_in(), view_id) or abort(404)
        saved_views.move(view, step, by=signed_in().as_actor(), now=clock.now())
    return redirect(url_for("saved_views.page"), 303)


def _led() -> dict[str, str]:
    staff = signed_in()
    return {code: name for code, name in _departments().items() if may_in(staff, code, "lead")}


def _departments() -> dict[str, str]:
    return desk.department_names(language.current())


def _written(form: NameForm, view: SavedView | None = None, *, taken: bool = False) -> str:
    if taken:
        form.name.errors = [_("There is a view of this name already.")]
    last, asked = chosen_filter(), Filter.of(request.args).asked()
    now, then = (_in_words(Filter.of(view.filter)), _in_words(last)) if view else ([], [])
    shown = {"asked": asked, "last": last.asked(), "now": now, "then": then}
    return render_template("cases/write_view.html", form=form, view=view, **shown)


def _in_words(chosen: Filter) -> list[str]:
    return queue_words.told(chosen, queue_choices.within_reach(signed_in(), language.current()))
