"""Where somebody was mentioned, and the cases that somebody follows."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from caseflow import clock
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import scope
from caseflow.cases.screen import mentions
from caseflow.database import LAST_ID, unit_of_work

blueprint = Blueprint("mentions", __name__, url_prefix="/staff/mentions")


@blueprint.get("")
@requires(May.SEE_CASES)
def page() -> str:
    staff = signed_in()
    shown = {"mentions": mentions.latest(staff), "followed": mentions.followed(staff)}
    return render_template("cases/mentions.html", **shown, by_mail=mentions.wants_mail(staff))


@blueprint.get("/<int:mention_id>")
@requires(May.SEE_CASES)
def go(mention_id: int) -> Response:
    """To what was written; from then on it is read."""
    with unit_of_work():
        found = mentions.read(signed_in(), min(mention_id, LAST_ID), now=clock.now()) or abort(404)
    return redirect(url_for("case.page", number=found[0], _anchor=f"entry-{found[1]}"))


@blueprint.get("/cases/<number>")
@requires(May.SEE_CASES)
def look(number: str) -> Response:
    """To a case that is followed; its news are seen."""
    case = scope.find(signed_in(), number) or abort(404)
    with unit_of_work():
        mentions.seen(signed_in(), case.id, now=clock.now())
    return redirect(url_for("case.page", number=number))


@blueprint.post("/reading")
@requires(May.SEE_CASES)
def reading() -> Response:
    with unit_of_work():
        mentions.read_all(signed_in(), now=clock.now())
    return redirect(url_for("mentions.page"), 303)


@blueprint.post("/following")
@requires(May.SEE_CASES)
def following() -> Response:
    """Follow a case, or stop; without a number, stop following all of them."""
    staff, number = signed_in(), request.form.get("number", "")
    case = (scope.find(staff, number) or abort(404)) if number else None
    with unit_of_work():
        if case is not None and request.form.get("follow"):
            mentions.follow(case.id, staff.id, now=clock.now())
            flash(_("You follow the case: its news stand under Mentions."), "success")
        else:
            mentions.stop_following(staff, case.id if case else None)
            flash(_("You no longer follow the case.") if case else _("You follow no case any more."), "success")
    if case is not None and request.form.get("back") == "case":
        return redirect(url_for("case.page", number=number), 303)
    return redirect(url_for("mentions.page"), 303)


@blueprint.post("/mail")
@requires(May.SEE_CASES)
def mail() -> Response:
    wanted = bool(request.form.get("wanted"))
    with unit_of_work():
        mentions.want_mail(signed_in(), wanted=wanted)
    flash(
        _("You get a mail when somebody mentions you.") if wanted else _("You get no mail about mentions."), "success"
    )
    return redirect(url_for("mentions.page"), 303)
