"""A person's own account: a new password, and where they are signed in."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_security import logout_user
from werkzeug import Response

from caseflow import clock
from caseflow.accounts import factors, identities, journal, links, notices, passkeys, passwords, sessions
from caseflow.accounts.entrance_views import PROVED, TOKEN
from caseflow.accounts.forms import NewPasswordForm, PasskeyForm, ProofForm
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.database import unit_of_work

PROOF_LASTS = 10 * 60  # seconds

blueprint = Blueprint("account", __name__, url_prefix="/staff/account")


@blueprint.get("")
@requires(May.SEE_OWN_ACCOUNT)
def page() -> str:
    return shown()


@blueprint.post("/password")
@requires(May.SEE_OWN_ACCOUNT)
def password() -> Response | tuple[str, int]:
    """A new password: whoever else is signed in with the old one is signed out. A demo account's is everybody's."""
    staff, now = signed_in(), clock.now()
    if staff.demo or identities.signs_in_outside(staff):
        abort(404)
    form = NewPasswordForm(request.form, staff=staff)
    if not (form.validate() and form.proves()):
        return shown(form), 422
    with unit_of_work():
        staff.password = passwords.hashed(form.new.data or "")
        sessions.end_all(staff, now, but=session[TOKEN])
        links.end_all(staff, now)
        notices.password_changed(staff, now)
        journal.record("password_changed", staff.id, by=staff.as_actor(), at=now)
    session["_user_id"] = staff.fs_uniquifier
    flash(_("You have a new password. You are signed out everywhere else."), "success")
    return redirect(url_for("account.page"), 303)


@blueprint.post("/sessions/<int:session_id>/end")
@requires(May.SEE_OWN_ACCOUNT)
def end_session(session_id: int) -> Response:
    with unit_of_work():
        ended = sessions.end(signed_in(), session_id, clock.now()) or abort(404)
    if ended.token == session[TOKEN]:
        return _out(_("You are signed out."))
    flash(_("That device is signed out."), "success")
    return redirect(url_for("account.page"), 303)


@blueprint.post("/sessions/end")
@requires(May.SEE_OWN_ACCOUNT)
def end_sessions() -> Response:
    """Out everywhere, here too."""
    staff, now = signed_in(), clock.now()
    with unit_of_work():
        sessions.end_all(staff, now)
        journal.record("signed_out_everywhere", staff.id, by=staff.as_actor(), at=now)
    return _out(_("You are signed out everywhere."))


def _out(said: str) -> Response:
    logout_user()
    flash(said, "success")
    return redirect(url_for("security.login"), 303)


def proved() -> bool:
    """Whether the person has shown a moment ago who it is, by signing in or with the password."""
    return bool(clock.now().timestamp() - session.get(PROVED, 0) < PROOF_LASTS)


def shown(
    form: NewPasswordForm | None = None, *, proof: ProofForm | None = None, passkey: PasskeyForm | None = None
) -> str:
    """The page; the forms are those that come back with errors."""
    staff, now = signed_in(), clock.now()
    return render_template(
        "accounts/page.html",
        form=form or NewPasswordForm(staff=staff),
        staff=staff,
        sessions=sessions.of(staff, now),
        token=session[TOKEN],
        proved=proved(),
        outside=identities.signs_in_outside(staff),
        proof=proof or ProofForm(staff=staff),
        passkey_form=passkey or PasskeyForm(),
        app=factors.app_of(staff),
        keys=factors.passkeys_of(staff),
        codes_left=factors.codes_left(staff),
        keys_possible=passkeys.house() is not None,
    )
