"""Start page and form: what a resident wants becomes a case."""

from __future__ import annotations

import sqlalchemy as sa
import structlog
from flask import make_response, redirect, render_template, request, url_for
from flask_babel import force_locale
from werkzeug.wrappers import Response as Answer

from caseflow import clock, language
from caseflow.accounts.permissions import public
from caseflow.audit import RESIDENT
from caseflow.cases import lifecycle
from caseflow.database import unit_of_work
from caseflow.intake.forms import ErrandForm, LookupForm
from caseflow.intake.offer import offer
from caseflow.intake.views.door import AGAIN, blueprint

log = structlog.get_logger(__name__)


@blueprint.get("/")
@public
def start() -> str:
    kinds = [kind for kind in offer().kinds if kind.listed]
    return render_template("intake/start.html", kinds=kinds, lookup=LookupForm(None))


@blueprint.route("/new", methods=["GET", "POST"])
@public
def new() -> Answer | str | tuple[str, int]:
    if request.method == "POST":
        return _file()
    return _page(ErrandForm(None, offer=offer(), language=language.current(), chosen=request.args))


def _file() -> Answer | tuple[str, int]:
    """One case for one filling-in, however often it is sent; answered only when the case is durably stored."""
    if request.form.get("language") in language.LANGUAGES:
        return _in_another_language(request.form["language"])
    form = _typed()
    if not form.offer.kinds:
        return _page(form, trouble="away"), 503
    if not form.validate():
        return _page(form), 422
    try:
        with unit_of_work():
            case = lifecycle.receive(form.errand(language.current()), by=RESIDENT, now=clock.now())
    except sa.exc.SQLAlchemyError as error:
        log.error("filing_failed", error=type(error).__name__)
        return _page(form, trouble="away"), 503
    return redirect(url_for("intake.receipt", code=case.code), 303)


def _in_another_language(code: str) -> Answer:
    """The same page with what was typed, nothing checked yet, in the language that was chosen in its header."""
    with force_locale(code):
        response = make_response(_page(_typed()))
    language.remember(response, code)
    return response


def _typed() -> ErrandForm:
    return ErrandForm(request.form, offer=offer(), language=language.current())


def _page(form: ErrandForm, trouble: str | None = None) -> str:
    return render_template("intake/new.html", form=form, offer=form.offer, trouble=trouble)


AGAIN["intake.new"] = lambda: _page(_typed(), trouble="expired")
