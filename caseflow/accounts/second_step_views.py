"""Signing in beyond the password: the second step, and a passkey instead of both."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_security import UserMixin
from flask_security.tf_plugin import TfPlugin
from flask_security.utils import login_user
from webauthn.helpers import base64url_to_bytes
from werkzeug import Response as AnyResponse

from caseflow import clock
from caseflow.accounts import factors, journal, passkeys
from caseflow.accounts.actors import SYSTEM
from caseflow.accounts.entrance_views import ENROL
from caseflow.accounts.forms import CodeForm
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import public
from caseflow.database import db, unit_of_work

blueprint = Blueprint("second_step", __name__, url_prefix="/login")
HALF = "half_in"  # who has given the password, and when
CHALLENGE = "passkey_challenge"
GOOD_FOR = 10 * 60  # seconds, of the password as well as of a challenge


class SecondStep(TfPlugin):
    """Where the library asks for its own second factors, ours are asked for."""

    def tf_enter(
        self, user: UserMixin, remember_me: bool | None, primary_authn_via: str, next_loc: str | None
    ) -> AnyResponse | None:
        if not isinstance(user, Staff) or not factors.has_any(user):
            return None
        session[HALF] = [user.fs_uniquifier, int(clock.now().timestamp())]
        return redirect(url_for("second_step.page", next=request.form.get("next") or None))


def init_app(app: Flask) -> None:
    app.extensions["security"].two_factor_plugins = SecondStep()
    app.before_request(_enrol_first)
    app.register_blueprint(blueprint)


def _enrol_first() -> AnyResponse | None:
    """Who must have a second step and has none comes no further than the page where one is set up."""
    path = request.path
    if ENROL not in session or not path.startswith("/staff") or path.startswith("/staff/account"):
        return None
    flash(_("Your role needs a second step when you sign in. Set one up here first."), "info")
    return redirect(url_for("account.page", _anchor="second-step"))


@blueprint.get("/second-step")
@public
def page() -> AnyResponse | str:
    staff = _half_in(clock.now())
    return _page(staff, CodeForm(staff=staff)) if staff else _from_the_start()


@blueprint.post("/second-step")
@public
def code() -> AnyResponse | str | tuple[str, int]:
    now = clock.now()
    staff = _half_in(now)
    if staff is None:
        return _from_the_start()
    form = CodeForm(request.form, staff=staff)
    if not (form.validate() and form.proves()):
        return _page(staff, form), form.http_status
    return _enter(staff, ["password", "code"])


@blueprint.post("/passkey/options")
@public
def options() -> Response:
    at = passkeys.house() or abort(404)
    told, challenge = passkeys.options_to_enter(at)
    keep_challenge(challenge)
    return Response(told, mimetype="application/json")


@blueprint.post("/passkey")
@public
def passkey() -> AnyResponse:
    at, challenge, now = passkeys.house() or abort(404), kept_challenge(), clock.now()
    with unit_of_work():
        staff = passkeys.holder(request.form.get("credential", ""), challenge, at, now) if challenge else None
        if staff is None:
            journal.record("sign_in_failed", None, by=SYSTEM, at=now, step="passkey")
    if staff is None:
        flash(_("The passkey did not work. Try again, or sign in with your password."), "error")
        return redirect(url_for("security.login", next=request.form.get("next") or None), 303)
    return _enter(staff, ["passkey"])


def keep_challenge(challenge: bytes) -> None:
    session[CHALLENGE] = [passkeys.packed(challenge), int(clock.now().timestamp())]


def kept_challenge() -> bytes | None:
    """The challenge that the browser was given, once and not for long."""
    packed, at = session.pop(CHALLENGE, ("", 0))
    return base64url_to_bytes(packed) if clock.now().timestamp() - at < GOOD_FOR else None


def _half_in(now: datetime) -> Staff | None:
    """Who has given the right password a moment ago; a new password since then, or a closed account, is nobody."""
    who, at = session.get(HALF, ("", 0))
    if now.timestamp() - at > GOOD_FOR:
        return None
    return db.session.scalar(sa.select(Staff).where(Staff.fs_uniquifier == who, Staff.active))


def _enter(staff: Staff, how: list[str]) -> AnyResponse:
    session.pop(HALF, None)
    login_user(staff, authn_via=how)
    return redirect(onward(), 303)


def onward() -> str:
    """The page that was asked for, when it is one of ours."""
    asked = request.values.get("next", "")
    ours = asked.startswith("/staff") and asked.isprintable() and "\\" not in asked
    return asked if ours else "/staff/"


def _page(staff: Staff, form: CodeForm) -> str:
    keys = passkeys.house() is not None and bool(factors.passkeys_of(staff))
    app = factors.app_of(staff) is not None
    return render_template("accounts/second_step.html", form=form, keys=keys, app=app, demo=current_app.config["DEMO"])


def _from_the_start() -> AnyResponse:
    flash(_("That took too long. Sign in again."), "info")
    return redirect(url_for("security.login", next=request.values.get("next") or None), 303)
