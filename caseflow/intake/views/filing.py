"""Start page and form: what a resident wants becomes a case."""

from __future__ import annotations

import sqlalchemy as sa
import structlog
from flask import make_response, redirect, render_template, request, session, url_for
from flask_babel import force_locale
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as Answer

from caseflow import clock, language, limiting, mould, stamp
from caseflow.accounts.permissions import public
from caseflow.audit import RESIDENT
from caseflow.cases import lifecycle
from caseflow.cases.lifecycle import Errand
from caseflow.cases.models import Case
from caseflow.cases.municipality import directory
from caseflow.cases.screen import letting_in
from caseflow.database import db, unit_of_work
from caseflow.intake import stamps, suspicion
from caseflow.intake.asking import form_of
from caseflow.intake.came_from import page_address
from caseflow.intake.forms import ErrandForm, LookupForm, new_submission
from caseflow.intake.offer import house, offer
from caseflow.intake.views import known_faults
from caseflow.intake.views.door import AGAIN, blueprint, filled_in, speaking_as_asked

log = structlog.get_logger(__name__)
Page = Answer | str | tuple[str, int]


@blueprint.get("/")
@public
def start() -> str:
    kinds = [kind for kind in offer().kinds if kind.listed]
    told = offer().tells_of_faults
    return render_template("intake/start.html", kinds=kinds, lookup=LookupForm(None), tells_of_faults=told)


@blueprint.route("/new", methods=["GET", "POST"])
@public
@limiting.at_most("60/hour")
def new() -> Page:
    return filled_in_or_empty()


@blueprint.get("/new/step")
@public
def step() -> str:
    """What a category says and asks, for a page that is already open."""
    with speaking_as_asked():
        form = form_of(None, offer=offer(), language=language.current(), chosen=request.args)
        return render_template("intake/_step.html", form=form)


@blueprint.get("/elsewhere")
@public
def elsewhere() -> str:
    """What is not the municipality's, and whose it is."""
    return render_template("intake/elsewhere.html", pointers=directory.known().redirects)


def filled_in_or_empty() -> Page:
    """The form to fill in; or what was filled in, as a case."""
    if request.method == "POST":
        return _file()
    came = request.args.get("from") or (request.referrer if not _is_ours(request.referrer) else None)
    came_from = page_address(came) or ""
    if not request.args.keys() - {"from", "language"} and "_flashes" not in session:
        return _empty(came_from)
    chosen = {**request.args.to_dict(), "came_from": came_from}
    return page(form_of(None, offer=offer(), language=language.current(), chosen=chosen))


def _empty(came_from: str) -> str:
    """The form as nearly everybody meets it: drawn once for all, and only its marks are each one's own."""
    offered = offer()

    def draw(it: mould.Holes) -> str:
        form = form_of(None, offer=offered, language=language.current())
        form.submission.data = it.submission
        form.came_from.data = it.came_from if came_from else ""
        return page(form, it=it)

    sort = ("the form", request.endpoint, bool(came_from)) if _database_is_there() else None
    token = generate_csrf() if request.endpoint == "intake.new" else ""  # in a frame there is no cookie for it
    own = {"came_from": came_from, "submission": new_submission(), "stamp": stamps.new(), "csrf": token}
    return mould.filled(sort, draw, **own)


def _file() -> Answer | tuple[str, int]:
    """One case for one filling-in, however often it is sent; answered only when the case is durably stored."""
    if request.form.get("language") in language.LANGUAGES:
        return _in_another_language(request.form["language"])
    form = typed()
    if not form.offer.kinds:
        return page(form, trouble="away"), 503
    if not form.validate() or not form.was_asked or known_faults.untold(form):
        return page(form), 422
    if suspicion.hurried(request.form, clock.now()):
        return page(form, trouble="hurried"), 422
    try:
        files = form.files.settle()
        with unit_of_work():
            errand = form.errand(language.current())
            if why := _suspect(errand):
                return redirect(_waiting_page(letting_in.hold(errand, why, files, now=clock.now())), 303)
            case = lifecycle.receive(errand, by=RESIDENT, now=clock.now(), uploads=files)
    except (sa.exc.SQLAlchemyError, OSError) as error:
        log.error("filing_failed", error=type(error).__name__)
        return page(form, trouble="away"), 503
    return redirect(_receipt(case.code), 303)


def _suspect(errand: Errand) -> list[str]:
    """Why a person is to look first; what was taken in before is answered as before."""
    why = suspicion.reasons(request.form, errand, _bits())
    before = sa.select(Case.id).where(Case.submission == errand.submission)
    return why if why and db.session.scalar(before) is None else []


def _bits() -> int:
    """How much work a browser is to prove, as last known."""
    there = house()
    return there.rules.proof_bits if there else 0


def _waiting_page(code: str) -> str:
    if request.endpoint == "intake.embed":
        return url_for("intake.embedded_waiting", code=code, language=language.current())
    return url_for("intake.waiting", code=code)


def _receipt(code: str) -> str:
    """In the frame that the form stood in, if it did."""
    if request.endpoint == "intake.embed":
        return url_for("intake.embedded_receipt", code=code, language=language.current())
    return url_for("intake.receipt", code=code)


def _is_ours(address: str | None) -> bool:
    return (address or "").startswith(request.host_url)


def _in_another_language(code: str) -> Answer:
    """The same page with what was typed, nothing checked yet, in the language that was chosen in its header."""
    with force_locale(code):
        response = make_response(page(typed()))
    if request.endpoint == "intake.new":
        language.remember(response, code)
    return response


def typed() -> ErrandForm:
    return form_of(filled_in(), offer=offer(), language=language.current())


def _database_is_there() -> bool:
    try:
        return stamp.current() is not None
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        return False


def page(form: ErrandForm, trouble: str | None = None, it: mould.Holes | None = None) -> str:
    """With holes, `it`, it is nobody's own."""
    made = it.stamp if it else suspicion.stamp_of(request.form)
    guard = {"stamp": made, "trap": suspicion.TRAP, "bits": _bits()}
    shown = {"form": form, "offer": form.offer, "trouble": trouble, "guard": guard, "token": it.csrf if it else None}
    return render_template("intake/new.html", known=known_faults.of_form(form), **shown)


AGAIN["intake.new"] = AGAIN["intake.embed"] = lambda trouble: page(typed(), trouble=trouble)
