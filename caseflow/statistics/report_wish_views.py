"""Figures by mail: one's own wishes, one more for the page that one looks at, and their end from a mail's link."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from caseflow import clock, language
from caseflow.accounts.permissions import May, public, requires, signed_in
from caseflow.database import unit_of_work
from caseflow.statistics import report_wishes
from caseflow.statistics.forms import OWN_DATES
from caseflow.statistics.report_wishes import RHYTHMS
from caseflow.statistics.views import of_request

blueprint = Blueprint("report_wishes", __name__)


@blueprint.get("/staff/statistics/subscriptions")
@requires(May.SEE_STATISTICS)
def page() -> str:
    asked = of_request()
    form, ours = asked.form, asked.valid() and asked.form.period.data != OWN_DATES
    shown = {"wishes": report_wishes.of(signed_in()), "form": form, "may_ask": ours}
    return render_template("statistics/report_wishes.html", **shown)


@blueprint.post("/staff/statistics/subscriptions")
@requires(May.SEE_STATISTICS)
def add() -> Response:
    """The filter stands in the address, the rhythm in the form."""
    asked = of_request()
    form, rhythm = asked.form, request.form.get("rhythm", "")
    if rhythm not in RHYTHMS or not asked.valid() or form.period.data == OWN_DATES:
        abort(400)
    with unit_of_work():
        added = report_wishes.add(signed_in(), form.address(), rhythm, language.current(), clock.now())
    if added:
        flash(_("The figures come by mail."), "success")
    else:
        flash(_("You have as many of these mails as there can be. End one first."), "error")
    return redirect(url_for("report_wishes.page"), 303)


@blueprint.post("/staff/statistics/subscriptions/<int:wish_id>/removal")
@requires(May.SEE_STATISTICS)
def remove(wish_id: int) -> Response:
    with unit_of_work() as session:
        session.delete(report_wishes.find(signed_in(), wish_id) or abort(404))
    flash(_("These figures no longer come by mail."), "success")
    return redirect(url_for("report_wishes.page"), 303)


@blueprint.route("/statistics-mail/<token>/end", methods=["GET", "POST"])
@public
def end(token: str) -> str:
    """A press of the button ends it; opening the link, as mail scanners do, does not. Ended is ended, also twice."""
    with unit_of_work() as session:
        wish = report_wishes.sealed(token)
        if wish and request.method == "POST":
            session.delete(wish)
            wish = None
    return render_template("statistics/report_ended.html", ended=wish is None)
