"""Errands that may be a robot's: the list of those to look at, and what becomes of each."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response

from caseflow import clock
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases.municipality import directory
from caseflow.cases.screen import held_filing, letting_in
from caseflow.database import unit_of_work

blueprint = Blueprint("held_filings", __name__, url_prefix="/staff/held")

WHY = {
    "trap": _l("A field was filled in that people do not see."),
    "links": _l("It holds many links."),
    "flood": _l("Much was sent from the same place in a short time."),
    "again": _l("The same words were sent several times."),
    "stamp": _l("The same page was sent several times."),
    "proof": _l("The browser did not do the work that we ask for, for example because it has no JavaScript."),
}


@blueprint.get("")
@requires(May.SORT_CASES)
def page() -> str:
    kinds = {kind.code: kind for kind in directory.kinds()}
    return render_template("held_filings/page.html", rows=held_filing.waiting(signed_in()), why=WHY, kinds=kinds)


@blueprint.post("/<int:filing_id>/case")
@requires(May.SORT_CASES)
def let_in(filing_id: int) -> Response:
    staff = signed_in()
    with unit_of_work():
        found = held_filing.find(staff, filing_id) or abort(404)
        case = letting_in.let_in(found, by=staff, now=clock.now())
        told = _("It is case %(number)s now.", number=case.number) if case else _("Somebody has decided that already.")
    flash(told, "success")
    return redirect(url_for("held_filings.page"), 303)


@blueprint.post("/<int:filing_id>/dismissal")
@requires(May.SORT_CASES)
def put_aside(filing_id: int) -> Response:
    staff = signed_in()
    with unit_of_work():
        found = held_filing.find(staff, filing_id) or abort(404)
        done = held_filing.put_aside(found, by=staff, now=clock.now())
    told = _("It is put aside, and erased after 30 days.") if done else _("Somebody has decided that already.")
    flash(told, "success")
    return redirect(url_for("held_filings.page"), 303)
