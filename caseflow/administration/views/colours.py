"""The colours that somebody is trying out, as a style sheet for the samples beside the form."""

from __future__ import annotations

from flask import Response, request

from caseflow import theme
from caseflow.accounts.permissions import May, requires
from caseflow.administration.views.room import blueprint


@blueprint.get("/colours.css")
@requires(May.ADMINISTER)
def colours() -> Response:
    try:
        made = theme.of_colours(*(request.args.get(name, "")[: theme.LONGEST] for name in theme.DEFAULTS))
    except ValueError:
        made = theme.Theme()
    return Response(
        made.light.as_css_of(".sample-light", theme.LIGHT) + made.dark.as_css_of(".sample-dark", theme.DARK),
        mimetype="text/css",
    )
