"""Staff register a case for a resident, and get its number and code to hand on."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug import Response

from caseflow import clock, language
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import codes, lifecycle, scope
from caseflow.cases.municipality import directory
from caseflow.cases.screen import registering
from caseflow.cases.views.acting import filled_in, today
from caseflow.database import unit_of_work

blueprint = Blueprint("registration", __name__, url_prefix="/staff")


@blueprint.get("/cases/new")
@requires(May.REGISTER)
def new() -> str:
    return render_template("cases/register.html", form=registering.RegistrationForm.of(None, spoken=language.current()))


@blueprint.get("/cases/new/questions")
@requires(May.REGISTER)
def questions() -> str:
    """What a category asks, for a page that is already open."""
    form = registering.RegistrationForm.of(request.args, spoken=language.current())
    return render_template("cases/_asks.html", form=form)


@blueprint.post("/cases/new")
@requires(May.REGISTER)
def register() -> Response | str | tuple[str, int]:
    staff, form = signed_in(), registering.RegistrationForm.of(filled_in(), spoken=language.current())
    if "ask" in request.form:
        return render_template("cases/register.html", form=form, wants_questions=True)
    if not form.validate() or not form.was_asked:
        return render_template("cases/register.html", form=form), 422
    with unit_of_work():
        case = lifecycle.receive(form.errand(), by=staff.as_actor(), now=clock.now(), uploads=form.files.data)
    return redirect(url_for("registration.registered", number=case.number), 303)


@blueprint.get("/cases/<number>/registration")
@requires(May.REGISTER)
def registered(number: str) -> str:
    """Number, code and where it went, on the day of registering; the case itself only to those in its department."""
    staff, day = signed_in(), today()
    since = clock.midnight(day, directory.municipality().zone)
    case = registering.registered(staff, number, since) or abort(404)
    return render_template(
        "cases/registered.html",
        number=case.number,
        code=codes.grouped(case.code),
        department=case.department.name(language.current()),
        due_on=case.due_on,
        reply_by=case.reply_by,
        mine_to_see=scope.find(staff, number) is not None,
    )
