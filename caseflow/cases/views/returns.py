"""Registering letters that the post brought back: scan or type, choose why, next."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from caseflow import clock
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases.delivery import delivery_words, refusals
from caseflow.cases.post import returned
from caseflow.cases.views.acting import today
from caseflow.database import unit_of_work

blueprint = Blueprint("returns", __name__, url_prefix="/staff")


@blueprint.get("/letters/returns")
@requires(May.POST_LETTERS)
def page() -> str:
    """What was typed stands in the address and not in a log: it may be a scanned code, so it is posted."""
    return _page("")


@blueprint.post("/letters/returns/search")
@requires(May.POST_LETTERS)
def search() -> str:
    return _page(request.form.get("letter", "")[:300])


@blueprint.post("/letters/returns/<int:message_id>")
@requires(May.POST_LETTERS)
def register(message_id: int) -> Response:
    reason = request.form.get("reason", "")
    if reason not in refusals.RETURNED:
        abort(400)
    with unit_of_work():
        message = returned.posted(signed_in(), message_id)
        if message is not None:
            returned.register(message, reason=reason, by=signed_in().as_actor(), now=clock.now())
    if message is None:
        flash(_("That letter is registered already, or was never posted."), "info")
        return redirect(url_for("returns.page"), 303)
    number = message.frame["case_number"]
    flash(
        _("The letter of %(number)s is registered, and its case is back with its caseworker.", number=number), "success"
    )
    return redirect(url_for("returns.page"), 303)


def _page(typed: str) -> str:
    found = returned.candidates(signed_in(), typed, today()) if typed.strip() else ()
    return render_template(
        "letters/returns.html", typed=typed, found=found, reasons=refusals.RETURNED, address=delivery_words.address
    )
