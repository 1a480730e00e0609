"""What happens at the edge around the library's sign-in: a session begins, is seen, and ends."""

from __future__ import annotations

from flask import Flask, request, session
from flask_login import user_logged_out
from flask_security import user_authenticated
from flask_security.utils import set_request_attr

from caseflow import clock
from caseflow.accounts import factors, identities, journal, sessions, throttle
from caseflow.accounts.models import Staff
from caseflow.database import unit_of_work

TOKEN = "staff_session"  # noqa: S105  # the name of it in the cookie
SEEN = "staff_seen"  # seconds since 1970
PROVED = "proved_at"  # when the person last showed who it is, likewise
OUTSIDE = "signed_in_outside"  # at the identity provider, where one may still be signed in
ENROL = "must_enrol"  # the role needs a second step and the person has none


def init_app(app: Flask) -> None:
    app.login_manager.user_loader(_holder)  # type: ignore[attr-defined]  # Flask-Login puts it there
    user_authenticated.connect(_signed_in, app)
    user_logged_out.connect(_signed_out, app)
    app.before_request(_see)


def _holder(uniquifier: str) -> Staff | None:
    """Instead of the library's loader, which would let a cookie in for as long as it is signed."""
    staff = sessions.holder(uniquifier, str(session.get(TOKEN, "")), clock.now())
    if staff is not None:
        set_request_attr("fs_authn_via", "session")
        set_request_attr("fs_paa", session.get("fs_paa", 0))
    return staff


def _signed_in(_app: Flask, user: Staff, **_more: object) -> None:
    now, place = clock.now(), throttle.place_of(request.remote_addr)
    with unit_of_work():
        session[TOKEN] = sessions.begin(user.id, request.user_agent.string, place, now)
        session[SEEN] = session[PROVED] = int(now.timestamp())
        if _must_enrol(user):
            session[ENROL] = True
        journal.record("sign_in", user.id, by=user.as_actor(), at=now)


def _must_enrol(user: Staff) -> bool:
    """Whoever signs in outside is asked for a second step there."""
    return factors.must_have(user) and not factors.has_any(user) and not identities.signs_in_outside(user)


def _signed_out(_app: Flask, **_more: object) -> None:
    for name in (SEEN, PROVED, ENROL):
        session.pop(name, None)
    session["out_here_only"] = session.pop(OUTSIDE, False)
    if token := session.pop(TOKEN, None):
        with unit_of_work():
            sessions.sign_out(token, clock.now())


def _see() -> None:
    """Write now and then that the session is used: the cookie knows when, so that most requests ask nothing."""
    now = clock.now()
    due = now.timestamp() - session.get(SEEN, 0) >= sessions.SEEN_EVERY.total_seconds()
    if due and TOKEN in session and request.path.startswith("/staff"):
        session[SEEN] = int(now.timestamp())
        with unit_of_work():
            sessions.see(session[TOKEN], now)
