"""The pages that a link opens, and the one that asks for a link. Nobody is signed in there."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response as AnyResponse

from caseflow import clock
from caseflow.accounts import attempts, invitations, links, notices
from caseflow.accounts.forms import ChosenPasswordForm, ForgottenForm
from caseflow.accounts.permissions import public
from caseflow.database import unit_of_work

blueprint = Blueprint("links", __name__)


@blueprint.get("/forgot-password")
@public
def forgotten() -> str:
    return render_template("accounts/forgotten.html", form=ForgottenForm(), asked=False)


@blueprint.post("/forgot-password")
@public
def forget() -> str | tuple[str, int] | Response:
    """The same answer, as fast, whether there is such an account or not: who has it is looked up after the answer."""
    form = ForgottenForm(request.form)
    if not (form.validate() and form.may_ask()):
        return render_template("accounts/forgotten.html", form=form, asked=False), form.http_status
    response = Response(render_template("accounts/forgotten.html", form=form, asked=True))
    app, address = current_app._get_current_object(), attempts.normalised(form.email.data or "")  # type: ignore[attr-defined]

    def afterwards() -> None:
        with app.app_context(), unit_of_work():
            invitations.recover(address or "", clock.now())

    response.call_on_close(afterwards)
    return response


@blueprint.get("/welcome/<token>", defaults={"purpose": "invitation"})
@blueprint.get("/new-password/<token>", defaults={"purpose": "recovery"})
@public
def link(token: str, purpose: str) -> str | tuple[str, int]:
    """Looking at it uses nothing up: mail programs look too."""
    found = links.find(token, purpose, clock.now())
    if found is None:
        return render_template("accounts/link_over.html", purpose=purpose), 410
    return render_template("accounts/choose.html", purpose=purpose, form=ChosenPasswordForm(staff=found.staff))


@blueprint.post("/welcome/<token>", defaults={"purpose": "invitation"})
@blueprint.post("/new-password/<token>", defaults={"purpose": "recovery"})
@public
def choose(token: str, purpose: str) -> AnyResponse | str | tuple[str, int]:
    now = clock.now()
    found = links.find(token, purpose, now)
    if found is None:
        return render_template("accounts/link_over.html", purpose=purpose), 410
    form = ChosenPasswordForm(request.form, staff=found.staff)
    if not form.validate():
        return render_template("accounts/choose.html", purpose=purpose, form=form), 422
    with unit_of_work():
        found = links.find(token, purpose, now, for_act=True) or abort(410)
        links.use(found, form.new.data or "", now)
        if purpose == "recovery":
            notices.password_changed(found.staff, now)
    flash(_("Your password is chosen. Sign in with it."), "success")
    return redirect(url_for("security.login"), 303)
