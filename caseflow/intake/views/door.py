"""The blueprint of the resident's pages, and what every page's frame needs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import force_locale
from flask_wtf.csrf import CSRFError
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from werkzeug.exceptions import TooManyRequests

from caseflow import language
from caseflow.intake.offer import house
from caseflow.security import PERMISSIONS

blueprint = Blueprint("intake", __name__)
BODY_LIMIT = 1_000_000  # bytes of a filled-in form without files
WITH_FILES = {"intake.new", "intake.embed", "intake.add", "intake.uploads"}


def frame() -> dict[str, object]:
    """For layout.html: the municipality (read once a page), and this page's own address."""
    return {"house": cache(house), "here": here}


def here() -> str:
    """The address to come back to after choosing a language."""
    query = urlencode(list(request.args.items(multi=True)))
    return request.path + (f"?{query}" if query else "")


def speaking_as_asked() -> AbstractContextManager[None]:
    """For a part of a page, or a page in a frame: the address says the language, because no cookie can."""
    wanted = request.args.get("language", "")
    return force_locale(wanted if wanted in language.LANGUAGES else language.current())


@blueprint.before_request
def _take_no_flood() -> None:
    """Nobody types a megabyte; what is larger is refused before anything works on it. Files have their own limit."""
    unmeasured = request.content_length is None and "Transfer-Encoding" in request.headers
    may_be_large = request.endpoint in WITH_FILES and request.mimetype == "multipart/form-data"
    if unmeasured or ((request.content_length or 0) >= BODY_LIMIT and not may_be_large):
        abort(413)


def filled_in() -> MultiDict[str, Any]:
    """The form as it came, with its files, which may be read again; a file in another field's place is none."""
    files = request.files.getlist("files")
    for file in files:
        file.stream.seek(0)
    return CombinedMultiDict([MultiDict({"files": files} if files else {}), request.form])


@blueprint.after_request
def _keep_the_code(response: Response) -> Response:
    """The address of a case's page is a secret of the resident's: no other site and no search engine learns it."""
    if request.view_args and "code" in request.view_args:
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    if request.endpoint == "intake.new":  # "where I am", which the browser asks about when it is pressed
        response.headers["Permissions-Policy"] = PERMISSIONS.replace("geolocation=()", "geolocation=(self)")
    return response


@blueprint.errorhandler(CSRFError)
def _expired(error: CSRFError) -> tuple[str, int]:
    """The session is gone (a page left open overnight, cookies cleared): show again what was typed, ready to send."""
    return _again("expired") or render_template("error.html", code="csrf"), 400


@blueprint.errorhandler(429)
def _slowed(error: TooManyRequests) -> tuple[str, int]:
    """Too much from one place: what was typed stays, to be sent later."""
    return _again("slowed") or render_template("error.html", code=429), 429


def _again(trouble: str) -> str | None:
    again = AGAIN.get(request.endpoint or "")
    return again(trouble) if again else None


# endpoint → what shows its page again with everything typed and what the trouble was; filled by the views' own files.
AGAIN: dict[str, Callable[[str], str | None]] = {}
