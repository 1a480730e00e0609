"""The municipality's colours and logo, for every page: under addresses that change with them, to be kept for ever."""

from __future__ import annotations

from flask import Response, abort, request

from caseflow.accounts.permissions import public
from caseflow.assets import YEAR
from caseflow.intake.offer import house
from caseflow.intake.views.door import blueprint

# Opened by itself an SVG is a page; this one does nothing and fetches nothing.
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


@blueprint.get("/theme.css")
@public
def theme() -> Response:
    there = house()
    return _kept(there.theme.as_css() if there else "", "text/css", there.theme.version if there else "")


@blueprint.get("/logo.svg")
@public
def logo() -> Response:
    there = house()
    if there is None or there.logo is None:
        abort(404)
    answer = _kept(there.logo.svg, "image/svg+xml", there.logo.version)
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer


def _kept(text: str, mimetype: str, version: str) -> Response:
    """By its own version for a year; a page from before a change gets the present one, and not for long."""
    answer = Response(text, mimetype=mimetype)
    right = bool(version) and request.args.get("v") == version
    answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if right else "public, max-age=60"
    return answer
