"""Response headers for every page, and how refusals look."""

from __future__ import annotations

from flask import Flask, Response, g, render_template, request
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError, generate_csrf
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
        "object-src 'self'",
    )
)
PERMISSIONS = "camera=(), geolocation=(), microphone=()"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
}
HSTS = "max-age=31536000; includeSubDomains"


def init_app(app: Flask) -> None:
    # The token protects; a Referer is missing behind some proxies, and by our own wish on a resident's own page.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    app.jinja_env.globals["csrf_token"] = _token
    app.after_request(_headers)
    app.register_error_handler(HTTPException, _refusal)
    app.register_error_handler(CSRFError, _expired)


def _token() -> str:
    """The token of the page, which has it in many forms; Flask-WTF asks for its settings each time."""
    known: str | None = g.get("csrf_token")
    return known or generate_csrf()


def _headers(response: Response) -> Response:
    # A page that names whose frames it stands in needs no older word for it, which knows no names.
    framed = "frame-ancestors" in response.headers.get("Content-Security-Policy", "")
    said = set(response.headers.keys(lower=True))
    for name, value in HEADERS.items():
        if name.lower() not in said and not (framed and name == "X-Frame-Options"):
            response.headers.add(name, value)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = HSTS
    if str(request.endpoint).startswith("security."):
        # Flask-Security writes "no-store=True", which no browser understands.
        response.headers["Cache-Control"] = "no-store"
    elif request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _refusal(error: HTTPException) -> tuple[str, int] | HTTPException:
    code = error.code
    if code is None or code < 400:
        return error
    if code >= 500:
        # The database may be away, so nobody is looked up for this page (Flask-Login would, for every template).
        g._login_user = AnonymousUserMixin()
        if isinstance(getattr(error, "original_exception", None), OperationalError):
            code = 503
    return render_template("error.html", code=code), code


def _expired(error: CSRFError) -> tuple[str, int]:
    return render_template("error.html", code="csrf"), 400
