"""How a person works through the queue: the keys, the most urgent case, the next one, and where an answer leads."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from caseflow import clock
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import scope
from caseflow.cases.triage import pace
from caseflow.cases.views.acting import chosen_filter, today
from caseflow.database import unit_of_work

blueprint = Blueprint("pace", __name__, url_prefix="/staff")


@blueprint.get("/keys")
@requires(May.SEE_CASES)
def keys() -> str:
    return render_template("cases/keys_page.html")


@blueprint.post("/keys")
@requires(May.SEE_CASES)
def settings() -> Response:
    """The keys on or off for this person, wherever they sign in (WCAG 2.1.4)."""
    staff, on = signed_in(), request.form.get("shortcuts") == "on"
    with unit_of_work():
        staff.shortcuts = on
    flash(_("The keys are switched on.") if on else _("The keys are switched off."), "success")
    return redirect(url_for("queue.page", **chosen_filter().asked()), 303)


@blueprint.post("/queue/most-urgent")
@requires(May.HANDLE_CASES)
def most_urgent() -> Response:
    """Takes it, so that two who ask at once get two cases."""
    staff = signed_in()
    with unit_of_work():
        number = pace.take_most_urgent(staff, besides=request.form.get("besides"), by=staff.as_actor(), now=clock.now())
    if number:
        return redirect(url_for("case.page", number=number), 303)
    flash(_("Nothing waits for you or for somebody to take it."), "info")
    return redirect(url_for("queue.page", **chosen_filter().asked()), 303)


@blueprint.get("/cases/<number>/next")
@requires(May.SEE_CASES)
def following(number: str) -> Response:
    """The case after this one in the list that the person came from; after the last one the list itself."""
    case = scope.find(signed_in(), number) or abort(404)
    after = pace.after(signed_in(), case, chosen_filter(), today())
    return redirect(url_for("case.page", number=after) if after else url_for("queue.page", **chosen_filter().asked()))
