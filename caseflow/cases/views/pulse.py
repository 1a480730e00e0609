"""What an open page of a case asks every few seconds; and all that its scripts need to go on after a new sign-in."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify, request
from flask_babel import ngettext
from flask_wtf.csrf import generate_csrf

from caseflow import clock
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import scope
from caseflow.cases.screen import presence, timeline
from caseflow.cases.views.acting import desk_of
from caseflow.database import unit_of_work

blueprint = Blueprint("pulse", __name__, url_prefix="/cases/<number>")


@blueprint.get("/pulse")
@requires(May.SEE_CASES)
def pulse(number: str) -> Response:
    """`version` is the one that the page knows; `news` is what was done since."""
    staff, known = signed_in(), request.args.get("version", type=int)
    with unit_of_work():
        told = presence.pulse(staff, number, writing="writing" in request.args, now=clock.now())
    if told is None:
        abort(404)
    news = _news(number, known) if known is not None and known < told.version else []
    here = [*_said(told.writing, writing=True), *_said(told.reading, writing=False)]
    return jsonify(version=told.version, news=news, here=here, who=staff.id, token=generate_csrf())


def _said(names: tuple[str, ...], *, writing: bool) -> list[dict[str, object]]:
    if not names:
        return []
    who = ", ".join(names)
    if writing:
        said = ngettext("%(who)s is writing", "%(who)s are writing", len(names), who=who)
    else:
        said = ngettext("%(who)s is reading", "%(who)s are reading", len(names), who=who)
    return [{"text": said, "writing": writing}]


def _news(number: str, known: int) -> list[dict[str, object]]:
    case = scope.find(signed_in(), number) or abort(404)
    done = timeline.acts(case, desk_of(case))
    return [
        {"text": timeline.line(act), "resident": act.verb == "hear", "version": act.version}
        for act in done
        if (act.version or 0) > known
    ]
