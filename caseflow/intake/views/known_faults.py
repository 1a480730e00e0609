"""Known faults: all of them on a page, those near on the form, and following one instead of reporting it again."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
import structlog
from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from caseflow import clock, language, limiting
from caseflow.accounts.permissions import public
from caseflow.cases import codes
from caseflow.cases.faults import fault_followers, fault_news, known_faults
from caseflow.cases.faults.known_faults import Fault
from caseflow.database import db, unit_of_work
from caseflow.intake import suspicion
from caseflow.intake.fault_forms import FollowForm
from caseflow.intake.forms import ErrandForm
from caseflow.intake.offer import offer
from caseflow.intake.views.door import AGAIN, blueprint, speaking_as_asked
from caseflow.messages.channels import sms

log = structlog.get_logger(__name__)
# What an address may be made to follow: nobody's mailbox is filled with what they have not asked for.
FOR_AN_ADDRESS = "20/day"


@blueprint.get("/known-faults")
@public
def faults() -> str:
    """All that are known, or those of a department or near a place."""
    place, department = request.args.get("place", "").strip()[:200], request.args.get("department", "")
    every = known_faults.shown()
    places = [one for one in offer().departments if one.code in {fault.department for fault in every}]
    found = known_faults.near(every, place) if place else every
    if department in {one.code for one in places}:
        found = [one for one in found if one.department == department]
    chosen = {"place": place, "department": department}
    return render_template(
        "intake/known_faults.html", found=found, total=len(every), places=places, chosen=chosen, names=_names()
    )


@blueprint.get("/known-faults/near")
@public
def faults_near() -> str:
    """What the form shows for a category or a place, for a page that is already open."""
    with speaking_as_asked():
        asked = {name: request.args.get(name, "") for name in ("kind", "department", "category", "place")}
        return render_template("intake/_known_faults.html", known=_found(**asked), given=asked)


@blueprint.route("/known-faults/<int:fault_id>", methods=["GET", "POST"])
@public
@limiting.at_most("60/hour")
def fault(fault_id: int) -> Answer | str | tuple[str, int]:
    """One fault, and following it."""
    known = known_faults.find(fault_id) or abort(404)
    if request.method == "GET":
        return _page(known, FollowForm(None, ways=_ways()))
    form = FollowForm(request.form, ways=_ways())
    if not form.validate():
        return _page(known, form), 422
    code = _follow(known, form)
    if form.way.data == "none" and code:
        flash(_("You follow it now. Save the address of this page: it is yours alone."), "done")
        return redirect(url_for("intake.following", code=code), 303)
    flash(_("You follow it now. We have sent you a message with the way to stop."), "done")
    return redirect(url_for("intake.fault", fault_id=known.id), 303)


@blueprint.get("/following/<code>")
@public
def following(code: str) -> str:
    found = fault_followers.followed(codes.normalise(code)) or abort(404)
    return render_template("intake/following.html", follower=found[0], fault=found[1], news=found[2], says=_says)


@blueprint.post("/following/<code>/leaving")
@public
@limiting.at_most("60/hour")
def leaving(code: str) -> Answer:
    with unit_of_work():
        fault_followers.leave(codes.normalise(code))
    flash(_("You do not follow it any more. We have erased your address."), "done")
    return redirect(url_for("intake.faults"), 303)


def untold(form: ErrandForm) -> list[Fault]:
    """What is known about where and what the form is, if its page has not shown all of it."""
    known = of_form(form)
    seen = {number for number in (form.told.data or "").split(",") if number}
    return [] if {str(one.id) for one in known} <= seen else known


def of_form(form: ErrandForm) -> list[Fault]:
    """What the form shows as it is filled in."""
    asked = {name: form[name].data or "" for name in ("kind", "department", "category", "place")}
    return _found(**asked)


def _found(kind: str, department: str, category: str, place: str) -> list[Fault]:
    """Nothing while the database is away: a form must not fail for what it only offers."""
    chosen = next((one for one in offer().kinds if one.code == kind), None)
    if chosen is None or not chosen.reports_fault or not offer().tells_of_faults:
        return []
    try:
        return known_faults.about(department or None, category or None, place)
    except sa.exc.SQLAlchemyError as error:
        db.session.rollback()
        log.warning("known_faults_away", error=type(error).__name__)
        return []


def _follow(known: Fault, form: FollowForm) -> str | None:
    """The code of the follower's page; None where a robot or somebody's spite is at work, which is told to nobody."""
    if request.form.get(suspicion.TRAP):
        return None
    way, address = str(form.way.data), form.address
    if way != "none" and limiting.often(FOR_AN_ADDRESS, "following", hashlib.sha256(address.encode()).hexdigest()):
        return None
    with unit_of_work():
        return fault_followers.follow(known, way=way, address=address, language=language.current(), now=clock.now())


def _ways() -> tuple[str, ...]:
    return ("email", "sms", "none") if sms.offered(current_app.config) else ("email", "none")


def _names() -> dict[str, str]:
    """Departments and categories by their codes."""
    return {
        one.code: one.name(language.current()) for place in offer().departments for one in (place, *place.categories)
    }


def _says(news: object) -> str:
    return fault_news.in_words(news.what, news.until)  # type: ignore[attr-defined]  # a FaultNews


def _page(known: Fault, form: FollowForm, trouble: str | None = None) -> str:
    shown = {"names": _names(), "trap": suspicion.TRAP, "trouble": trouble}
    return render_template("intake/known_fault.html", fault=known, form=form, **shown)


def _again(trouble: str) -> str | None:
    known = known_faults.find((request.view_args or {})["fault_id"])
    return _page(known, FollowForm(request.form, ways=_ways()), trouble) if known else None


AGAIN["intake.fault"] = _again
