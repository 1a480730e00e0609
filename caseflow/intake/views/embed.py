"""The form in a frame on other pages, behind the FeedBack button: no cookies, and only where the municipality says."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from flask import Response, abort, current_app, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as Answer

from caseflow import language, limiting
from caseflow.accounts.permissions import public
from caseflow.cases import codes
from caseflow.cases.screen.held_filing import HeldFiling
from caseflow.database import db
from caseflow.intake import stamps, story
from caseflow.intake.offer import house
from caseflow.intake.views import filing
from caseflow.intake.views.door import blueprint, speaking_as_asked
from caseflow.intake.views.own_page import found
from caseflow.security import POLICY
from caseflow.theme import SPRUCE, SPRUCE_IN_THE_DARK, Theme

FRAMED = ("intake.embed", "intake.embedded_receipt", "intake.embedded_waiting")
KEPT = 3600  # seconds that a browser may keep the button's script


@blueprint.route("/embed/new", methods=["GET", "POST"])
@public
@limiting.at_most("60/hour")
def embed() -> filing.Page:
    with speaking_as_asked():
        if request.method == "POST" and stamps.made_at(request.form.get("stamp")) is None:
            return filing.page(filing.typed(), trouble="expired"), 400
        return filing.filled_in_or_empty()


@blueprint.get("/embed/case/<code>/receipt")
@public
def embedded_receipt(code: str) -> str:
    case = found(code)
    with speaking_as_asked():
        promise = story.promise(case, case.department.name(language.current()))
        said = {"code": codes.grouped(case.code), "promise": promise, "mail": None}
        return render_template("intake/receipt.html", case=case, **said)


@blueprint.get("/embed/waiting/<code>", endpoint="embedded_waiting")
@blueprint.get("/waiting/<code>")
@public
def waiting(code: str) -> Answer | str:
    """A person is to look at it first; once that is done, the way to the case."""
    wanted = codes.normalise(code)
    row = db.session.scalar(sa.select(HeldFiling).where(HeldFiling.code == wanted)) or abort(404)
    if row.outcome == "filed":
        return redirect(url_for("intake.own_page", code=wanted))
    with speaking_as_asked():
        return render_template("intake/waiting.html", at=row.at)


@blueprint.get("/feedback.js")
@public
def button() -> Response:
    """The script that a municipality puts on its pages; its address never changes."""
    there = house()
    response = Response(_script(there.theme if there else Theme()), mimetype="text/javascript")
    response.headers["Cache-Control"] = f"public, max-age={KEPT}"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@cache
def _script(theme: Theme) -> str:
    """In the municipality's colours, where the page that it stands on says no others; without what only we read."""
    text = (Path(str(current_app.static_folder)) / "feedback.js").read_text(encoding="utf-8")
    for ours, theirs in ((SPRUCE, theme.light), (SPRUCE_IN_THE_DARK, theme.dark)):
        text = text.replace(ours.accent, theirs.accent).replace(ours.on_accent, theirs.on_accent)
    return re.sub(r"^\s*(//.*)?\n?", "", text, flags=re.MULTILINE)


@blueprint.after_request
def _let_them_frame(response: Response) -> Response:
    """These pages alone, and only by the sites that the municipality names."""
    if request.endpoint in FRAMED:
        there = house()
        sites = " ".join(("'self'", *(there.rules.sites if there else ())))
        response.headers["Content-Security-Policy"] = POLICY.replace(
            "frame-ancestors 'self'", f"frame-ancestors {sites}"
        )
    return response


@blueprint.record_once
def _ask_for_no_cookie(state: BlueprintSetupState) -> None:
    state.app.extensions["csrf"].exempt("caseflow.intake.views.embed.embed")


@blueprint.app_context_processor
def _whether_framed() -> dict[str, object]:
    return {"embedded": request.endpoint in FRAMED if request else False, "stamp": stamps.new}
