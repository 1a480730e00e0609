"""Signing in at the outside provider, there and back. Authlib keeps state, nonce and PKCE, and checks what returns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import requests
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, abort, current_app, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_security.utils import login_user
from joserfc.errors import JoseError
from sqlalchemy.exc import IntegrityError
from werkzeug import Response

from caseflow import clock
from caseflow.accounts import attempts, journal
from caseflow.accounts.actors import SYSTEM
from caseflow.accounts.entrance_views import OUTSIDE
from caseflow.accounts.forms import told_to_wait
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import public
from caseflow.accounts.second_step_views import onward
from caseflow.database import unit_of_work
from caseflow.identity_provider import Provider
from caseflow.people import arrivals
from caseflow.people.arrivals import Refused

blueprint = Blueprint("oidc", __name__, url_prefix="/login/oidc")
log = structlog.get_logger(__name__)
NEXT = "oidc_next"
PATIENCE = 5  # seconds, for each answer of the provider
SIGNED = "id_token_signing_alg_values_supported"
SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
WRONG = (AuthlibBaseError, JoseError, requests.RequestException, RuntimeError, ValueError, KeyError)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.context_processor(lambda: {"identity_provider": current_app.config["OIDC"]})


@blueprint.get("")
@public
def begin() -> Response:
    provider = _provider()
    with unit_of_work():
        wait = attempts.leave(request.remote_addr, clock.now())
    if wait:
        return _back(told_to_wait(wait))
    session[NEXT] = onward()
    for name in [name for name in session if name.startswith("_state_oidc_")]:
        session.pop(name)  # a cookie has room for one try, and the last one counts
    try:
        there: Response = _client(provider).authorize_redirect(_callback(), prompt=_prompt())
    except WRONG as error:
        return _failed(provider, error)
    return there


@blueprint.get("/callback")
@public
def callback() -> Response:
    provider, now = _provider(), clock.now()
    try:
        claims = _claims(provider)
    except WRONG as error:
        return _failed(provider, error)
    try:
        found = _arrived(provider, claims, now)
    except IntegrityError:  # the same person came in by another browser at this very moment, and is known by now
        found = _arrived(provider, claims, now)
    if isinstance(found, Refused):
        return _back(_refusal(found.why, provider))
    login_user(found, authn_via=["oidc"])
    session[OUTSIDE] = True
    return redirect(session.pop(NEXT, "/staff/"), 303)


def _arrived(provider: Provider, claims: dict[str, Any], now: datetime) -> Staff | Refused:
    with unit_of_work():
        found = arrivals.enter(provider, claims, now)
        if isinstance(found, Refused):
            whose = found.whose.id if found.whose else None
            journal.record("sign_in_failed", whose, by=SYSTEM, at=now, step="oidc", why=found.why)
        else:
            attempts.come_back(request.remote_addr)
    return found


@blueprint.get("/sign-out")
@public
def sign_out() -> Response:
    """Out at the provider too; here one is out by then."""
    provider = _provider()
    try:
        back = current_app.config["BASE_URL"] + url_for("security.login")
        there: Response = _client(provider).logout_redirect(back, client_id=provider.client_id)
    except WRONG as error:
        return _failed(provider, error)
    return there


def _claims(provider: Provider) -> dict[str, Any]:
    """What the signed token says; groups that it leaves out are asked for."""
    client = _client(provider)
    metadata = client.load_server_metadata()
    metadata[SIGNED] = [name for name in metadata.get(SIGNED, ["RS256"]) if name in SIGNATURES]  # "none" is a name too
    options = {"iss": {"essential": True, "values": [provider.issuer]}, "sub": {"essential": True}}
    token = client.authorize_access_token(claims_options=options)
    claims = dict(token["userinfo"])
    if provider.claim not in claims and metadata.get("userinfo_endpoint"):
        more = client.userinfo(token=token)
        if more.get("sub") == claims["sub"]:
            claims = {**more, **claims}
    return claims


def _client(provider: Provider) -> Any:
    """Authlib's client; it keeps what it has learnt of the provider."""
    kept = current_app.extensions.setdefault("oidc_clients", {})
    key = (provider.issuer, provider.client_id)
    if key not in kept:
        kept[key] = OAuth(current_app).register(
            name="oidc",
            overwrite=True,
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": provider.scope,
                "code_challenge_method": "S256",
                "default_timeout": PATIENCE,
            },
        )
    return kept[key]


def _callback() -> str:
    """As it is registered there, whatever host this request names."""
    return str(current_app.config["BASE_URL"]) + url_for("oidc.callback")


def _prompt() -> str | None:
    """Who just signed out here would else be in again without a question."""
    return "select_account" if request.args.get("other") else None


def _provider() -> Provider:
    provider: Provider | None = current_app.config["OIDC"]
    return provider or abort(404)


def _refusal(why: str, provider: Provider) -> str:
    told = {
        "closed": _("Your account here is closed. Ask whoever manages the accounts where you work."),
        "no_mail": _("%(name)s does not vouch for your e-mail address, or another account has it.", name=provider.name),
        "no_rights": _("None of your groups at %(name)s may work here. Ask whoever manages them.", name=provider.name),
        "no_mfa": _("Your role needs a second step when you sign in. Set one up at %(name)s.", name=provider.name),
        "groups_missing": _("%(name)s did not say which groups you are in. Nothing has changed.", name=provider.name),
    }
    return told.get(why) or _("There is no account for you here. Ask whoever manages the accounts where you work.")


def _failed(provider: Provider, error: Exception) -> Response:
    """The provider's own words go to nobody: they may hold whatever an address bar was given."""
    log.warning("oidc_failed", error=type(error).__name__, code=str(getattr(error, "error", ""))[:40])
    if getattr(error, "error", "") == "access_denied":
        return _back(_("You did not sign in at %(name)s.", name=provider.name))
    if isinstance(error, requests.RequestException):
        return _back(_("%(name)s does not answer just now. Try again in a while.", name=provider.name))
    return _back(_("The sign-in at %(name)s did not succeed. Try again.", name=provider.name))


def _back(said: str) -> Response:
    flash(said, "error")
    return redirect(url_for("security.login"), 303)
