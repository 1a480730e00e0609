"""A person's own second steps: set up, looked at, taken away. Only shortly after one has shown who one is."""

from __future__ import annotations

from functools import wraps
from typing import Any

import segno
from flask import Blueprint, Response, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug import Response as AnyResponse

from caseflow import clock
from caseflow.accounts import factors, identities, notices, passkeys, views
from caseflow.accounts.entrance_views import ENROL, PROVED
from caseflow.accounts.forms import AppForm, PasskeyForm, ProofForm
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.accounts.second_step_views import keep_challenge, kept_challenge
from caseflow.database import unit_of_work

blueprint = Blueprint("factors", __name__, url_prefix="/staff/account")
SECRET = "new_app"  # noqa: S105  # the name of it in the cookie; what it names is encrypted


def _proved(view: Any) -> Any:
    """For acts on second steps: a browser that was left open must not be enough. A demo account has none."""

    @wraps(view)
    def asked(*args: Any, **kwargs: Any) -> Any:
        if signed_in().demo or identities.signs_in_outside(signed_in()):
            abort(404)
        if not views.proved():
            flash(_("Write your password first."), "info")
            return _back()
        return view(*args, **kwargs)

    return asked


@blueprint.post("/proof")
@requires(May.SEE_OWN_ACCOUNT)
def proof() -> AnyResponse | tuple[str, int]:
    form = ProofForm(request.form, staff=signed_in())
    if not (form.validate() and form.proves()):
        return views.shown(proof=form), 422
    session[PROVED] = int(clock.now().timestamp())
    return _back()


@blueprint.post("/app")
@requires(May.SEE_OWN_ACCOUNT)
@_proved
def new_app() -> AnyResponse:
    session[SECRET] = factors.new_secret()
    return redirect(url_for("factors.app"), 303)


@blueprint.get("/app")
@requires(May.SEE_OWN_ACCOUNT)
@_proved
def app() -> AnyResponse | str:
    return _app_page(AppForm()) if SECRET in session else _back()


@blueprint.post("/app/confirmation")
@requires(May.SEE_OWN_ACCOUNT)
@_proved
def confirm_app() -> AnyResponse | str | tuple[str, int]:
    if SECRET not in session:
        return _back()
    staff, now, form, codes = signed_in(), clock.now(), AppForm(request.form), None
    if form.validate():
        with unit_of_work():
            codes = factors.add_app(staff, session[SECRET], form.code.data or "", now)
            if codes:
                notices.second_step_changed(staff, now)
        if codes is None:
            form.code.errors = [_("That is not the code that the app shows now.")]
    if codes is None:
        return _app_page(form), 422
    session.pop(SECRET)
    session.pop(ENROL, None)
    return render_template("accounts/recovery_codes.html", codes=codes)


@blueprint.post("/app/removal")
@requires(May.SEE_OWN_ACCOUNT)
@_proved
def remove_app() -> AnyResponse:
    return _removed(lambda staff, now: factors.remove_app(staff, now))


@blueprint.post("/recovery-codes")
@requires(May.SEE_OWN_ACCOUNT)
@_proved
def codes() -> AnyResponse | str:
    staff, made = signed_in(), None
    with unit_of_work():
        if factors.has_any(staff):
            made = factors.new_codes(staff, clock.now())
    if made is None:
        return _back()
    return render_template("accounts/recovery_codes.html", codes=made)


@blueprint.post("/passkeys/options")
@requires(May.SEE_OWN_ACCOUNT)
@_proved
def passkey_options() -> Response:
    at = passkeys.house() or abort(404)
    told, challenge = passkeys.options_to_add(signed_in(), notices.house_name(), at)
    keep_challenge(challenge)
    return Response(told, mimetype="application/json")


@blueprint.post("/passkeys")
@requires(May.SEE_OWN_ACCOUNT)
@_proved
def add_passkey() -> AnyResponse | str | tuple[str, int]:
    at, staff, now, form = passkeys.house() or abort(404), signed_in(), clock.now(), PasskeyForm(request.form)
    challenge, made = kept_challenge(), None
    if not form.validate():
        return views.shown(passkey=form), 422
    with unit_of_work():
        first = not factors.has_any(staff)
        answer, name = request.form.get("credential", ""), form.name.data or ""
        added = challenge is not None and passkeys.add(staff, answer, challenge, name, at, now)
        if added:
            notices.second_step_changed(staff, now)
            made = factors.new_codes(staff, now) if first else None
    if added:
        session.pop(ENROL, None)
    if made:
        return render_template("accounts/recovery_codes.html", codes=made)
    if added:
        flash(_("The passkey is added."), "success")
    else:
        flash(_("The passkey could not be added. Try again."), "error")
    return _back()


@blueprint.post("/passkeys/<int:passkey_id>/removal")
@requires(May.SEE_OWN_ACCOUNT)
@_proved
def remove_passkey(passkey_id: int) -> AnyResponse:
    if passkey_id not in [one.id for one in factors.passkeys_of(signed_in())]:
        abort(404)
    return _removed(lambda staff, now: factors.remove_passkey(staff, passkey_id, now))


def _removed(remove: Any) -> AnyResponse:
    staff, now = signed_in(), clock.now()
    try:
        with unit_of_work():
            done = remove(staff, now)
            if done:
                notices.second_step_changed(staff, now)
    except factors.LastOne:
        flash(_("Your role needs a second step. Set up another one before you remove this."), "error")
    else:
        flash(*((_("It is removed."), "success") if done else (_("That was done already."), "info")))
    return _back()


def _app_page(form: AppForm) -> str:
    uri, key = factors.provisioning(session[SECRET], signed_in(), notices.house_name())
    picture = segno.make(uri, error="m").svg_data_uri(scale=5, border=3, dark="#000", light="#fff")
    return render_template("accounts/app.html", form=form, key=key, picture=picture)


def _back() -> AnyResponse:
    return redirect(url_for("account.page", _anchor="second-step"), 303)
