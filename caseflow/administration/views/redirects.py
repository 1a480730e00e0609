"""What is not the municipality's: whose it is, and how one reaches them."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from wtforms.form import BaseForm

from caseflow import clock
from caseflow.accounts.permissions import May, requires
from caseflow.administration import difference
from caseflow.administration.sheets import house
from caseflow.administration.views.lists import moved
from caseflow.administration.views.parts import Answer
from caseflow.administration.views.room import actor, blueprint, seen, typed
from caseflow.cases.municipality import changing, exporting, places
from caseflow.cases.municipality.checked_yaml import Unreadable
from caseflow.database import unit_of_work

AT = "redirects"
Rows = list[dict[str, Any]]


@blueprint.get("/redirects")
@requires(May.ADMINISTER)
def redirects() -> str:
    return _page()


@blueprint.get("/redirects/one")
@requires(May.ADMINISTER)
def pointer() -> str:
    """One of them; without a place a new one."""
    found = _found()
    place = _place(found)
    form = house.elsewhere().form(None, found[place - 1] if place else {})
    return _form(form, place, places.fingerprint(found))


@blueprint.post("/redirects/one")
@requires(May.ADMINISTER)
def save_pointer() -> Answer:
    found, sheet = _found(), house.elsewhere()
    place = _place(found)
    form = sheet.form(request.form, {})
    if not form.validate():
        return _form(form, place, seen()), 422
    new = sheet.part(form, {})
    try:
        _save([*found[: place - 1], new, *found[place:]] if place else [*found, new])
    except changing.Changed as error:
        return _overtaken(error.now[place - 1] if 0 < place <= len(error.now) else None, new, error.now), 409
    except Unreadable as error:
        form.form_errors.append(str(error))
        return _form(form, place, seen()), 422
    flash(_("Saved. It counts from now on."), "success")
    return redirect(url_for("administration.redirects"), 303)


@blueprint.post("/redirects/step")
@requires(May.ADMINISTER)
def step_pointer() -> Answer:
    """One step up or down, or out."""
    found = _found()
    place, act = _place(found), request.form.get("step", "")
    if not place:
        return redirect(url_for("administration.redirects"), 303)
    order = list(map(str, range(len(found))))
    at = str(place - 1)
    new = [one for one in order if one != at] if act == "out" else moved(order, at, act)
    try:
        _save([found[int(one)] for one in new])
    except changing.Changed:
        return _page(_("Somebody has changed the list meanwhile. This is how it is now.")), 409
    flash(_("It is taken away.") if act == "out" else _("The order is changed."), "success")
    return redirect(url_for("administration.redirects"), 303)


def _found() -> Rows:
    found: Rows = places.part(exporting.document(), AT)
    return found


def _save(new: Rows) -> None:
    with unit_of_work():
        changing.amend(AT, new, seen=seen(), by=actor(), now=clock.now())


def _place(found: Rows) -> int:
    """The number of the one that is meant, from 1; 0 for none."""
    given = request.values.get("place", "")
    place = int(given) if given.isascii() and given.isdigit() and len(given) < 5 else 0
    return place if place <= len(found) else abort(404)


def _page(problem: str = "") -> str:
    found = _found()
    version = places.fingerprint(found)
    return render_template("administration/redirects.html", rows=found, seen=version, problem=problem)


def _form(form: BaseForm, place: int, version: str) -> str:
    sheet = house.elsewhere()
    return render_template("administration/redirect.html", sheet=sheet, form=form, place=place, seen=version)


def _overtaken(now: dict[str, Any] | None, yours: dict[str, Any], all_now: Rows) -> str:
    return render_template(
        "administration/conflict.html",
        title=_("What is not the municipality’s"),
        lines=difference.lines(now or {}, yours, difference.names(exporting.document())),
        latest=None,
        typed=typed(),
        seen=places.fingerprint(all_now),
    )
