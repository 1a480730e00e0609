"""Which language a page speaks: the chosen one, else the browser's wish, else the municipality's first."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, has_request_context, redirect, request
from flask_babel import Babel, get_locale
from werkzeug.wrappers import Response as BaseResponse

from caseflow import clock
from caseflow.accounts.permissions import public

# Named in themselves, because a person who needs the switch may not read the page's language.
LANGUAGES = {"sv": "Svenska", "en": "English", "fi": "Suomi"}
COOKIE = "language"
YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "sv")
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    Babel(app, locale_selector=chosen, timezone_selector=lambda: clock.STOCKHOLM.key)
    app.context_processor(lambda: {"languages": LANGUAGES, "lang": current()})
    app.add_url_rule("/language/<code>", "language", switch)


def chosen() -> str:
    """The language of the request, for Flask-Babel; Swedish in a worker or a command."""
    if not has_request_context():
        return "sv"
    cookie = request.cookies.get(COOKIE)
    if cookie in LANGUAGES:
        return cookie
    return request.accept_languages.best_match(LANGUAGES, default="sv") or "sv"


def current() -> str:
    """The code of the language that is spoken now: sv, en or fi."""
    locale = get_locale()
    return locale.language if locale else "sv"


@public
def switch(code: str) -> BaseResponse:
    """Remember a language and go back to the page that the person came from, on this site only."""
    came_from = urlsplit(request.args.get("next", "/"))
    path = came_from.path if came_from.path.startswith("/") and not came_from.path.startswith("//") else "/"
    response = redirect(path + (f"?{came_from.query}" if came_from.query else ""))
    if code in LANGUAGES:
        remember(response, code)
    return response


def remember(response: BaseResponse, code: str) -> None:
    """Keep the choice for a year; the cookie says nothing else."""
    response.set_cookie(COOKIE, code, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure)
