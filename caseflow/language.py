"""Which language a page speaks: the chosen one, else the browser's wish, else the municipality's first."""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from urllib.parse import urlsplit

import flask_babel
import flask_wtf.i18n
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, redirect, request
from flask.globals import _cv_app
from flask_babel import Babel, Domain, get_locale, get_timezone
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse
from wtforms.i18n import messages_path

from caseflow import clock
from caseflow.accounts.permissions import public

# Named in themselves, because a person who needs the switch may not read the page's language.
LANGUAGES = {"sv": "Svenska", "en": "English", "fi": "Suomi"}
COOKIE = "language"
YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "sv")
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    flask_babel._get_current_context = _held
    flask_wtf.i18n._get_translations = _of_forms
    babel = Babel(app, locale_selector=chosen, timezone_selector=lambda: clock.STOCKHOLM.key)
    babel.domain_instance = _Catalogues()
    app.jinja_env.globals.update(_=_say, gettext=_say)
    app.jinja_env.filters["numberformat"] = number
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
    locale = getattr(_held(), "babel_locale", None) or get_locale()
    return locale.language if locale else "sv"


def spoken() -> tuple[str, str]:
    """The same and the time zone: all that a date in words depends on."""
    kept = getattr(_held(), "__dict__", {})
    locale, zone = kept.get("babel_locale") or get_locale(), kept.get("babel_tzinfo") or get_timezone()
    return locale.language if locale else "sv", str(zone)


def _held() -> SimpleNamespace | None:
    """Where Flask-Babel keeps what a request speaks. Its own way there leads four times through the proxy of `g`, for
    each word and each date: that was a third of a page's time.
    """
    context = _cv_app.get(None)
    if context is None:
        return None
    kept = context.g.__dict__
    held: SimpleNamespace = kept.get("_flask_babel") or kept.setdefault("_flask_babel", SimpleNamespace())
    return held


def _of_forms() -> NullTranslations | None:
    """What WTForms says of its own. Flask-WTF reads its catalogue from the disk for each request."""
    return _words_of_forms(current()) if has_request_context() else None


@lru_cache(maxsize=len(LANGUAGES))
def _words_of_forms(language: str) -> NullTranslations:
    return Translations.load(messages_path(), [language], domain="wtforms")


class _Catalogues(Domain):
    """Flask-Babel's, without spelling out the locale for each word."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[tuple[str, str | None], Translations] = {}

    def get_translations(self) -> Translations:
        locale = get_locale()
        if locale is None:
            return super().get_translations()
        key = locale.language, locale.territory
        if key not in self._known:
            self._known[key] = super().get_translations()
        return self._known[key]


@pass_eval_context
def _say(page: EvalContext, text: str, /, **facts: object) -> str:
    """`_()` of the templates: always a format, escaped where the page is; as Jinja's own, without its detours."""
    if facts or not page.autoescape:
        said = flask_babel.gettext(text)
        return (Markup(said) if page.autoescape else said) % facts  # noqa: S704  # the catalogues are ours
    return _whole(text, current())


@lru_cache(maxsize=8192)
def _whole(text: str, _language: str) -> Markup:
    return Markup(flask_babel.gettext(text)) % {}  # noqa: S704


def number(whole: int) -> str:
    """A number as the language writes it. A page of figures has hundreds, mostly the same ones, and Babel is slow."""
    return _written(whole, current())


@lru_cache(maxsize=8192)
def _written(whole: int, language: str) -> str:
    return format_decimal(whole, locale=language)


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
