"""Joining a case with another one, and parting them again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from caseflow import clock, language
from caseflow.accounts.permissions import May, may, requires, signed_in
from caseflow.cases import desk, merging, neighbours, relating, resemblance, scope
from caseflow.cases.models import Case
from caseflow.cases.relation_forms import MergerForm, SeparationForm
from caseflow.cases.views.acting import Doing, Invalid, act, done, today

blueprint = Blueprint("relations", __name__, url_prefix="/cases/<number>")


@blueprint.get("/alike")
@requires(May.SEE_CASES)
def alike(number: str) -> str:
    """Who else may have reported the same; `part` is for the case's own page, which fetches it when it is shown."""
    case = scope.find(signed_in(), number) or abort(404)
    found = resemblance.of(signed_in(), case, now=clock.now())
    part = "part" in request.args
    handles = scope.handles(signed_in(), case) and may(signed_in(), May.HANDLE_CASES)
    title = _("Cases that may be about the same")
    template = "cases/_alike.html" if part else "cases/around.html"
    return render_template(template, case=case, alike=found, form=handles, part=part, title=title)


@blueprint.get("/history")
@requires(May.SEE_CASES)
def history(number: str) -> str:
    """All cases of the same resident that this person may see, the newest first."""
    case = scope.find(signed_in(), number) or abort(404)
    rows, older = neighbours.history(signed_in(), case, before=request.args.get("before", type=int))
    following = url_for("case.relations.history", number=number, before=rows[-1].id) if older else None
    told = {"rows": rows, "following": following, "departments": desk.department_names(language.current())}
    return render_template("cases/around.html", case=case, title=_("Other cases of the same resident"), **told)


@blueprint.post("/merger")
@requires(May.HANDLE_CASES)
def merger(number: str) -> Response:
    with act(number, MergerForm) as doing:
        other = _other(doing)
        case, main = (doing.case, other) if doing.form.keep.data == "other" else (other, doing.case)
        _refuse_if(merging.hindrance(case, main), doing)
        merging.merge(case, main, **doing.told)
    return done(main, _("%(number)s is merged into %(main)s.", number=case.number, main=main.number))


@blueprint.post("/separation")
@requires(May.HANDLE_CASES)
def separation(number: str) -> Response:
    with act(number, SeparationForm) as doing:
        main = merging.unmerge(doing.case, **doing.told)
    return done(
        doing.case, _("The case is one of its own again, and no longer part of %(number)s.", number=main.number)
    )


def _other(doing: Doing[Any]) -> Case:
    """The other case, locked; the form comes back when there is none."""
    try:
        other = relating.named(signed_in(), str(doing.form.other.data), today())
    except relating.Busy as error:
        doing.form.refuse("busy")
        raise Invalid(doing.form) from error
    _refuse_if(None if other else "unknown", doing)
    assert other is not None
    return other


def _refuse_if(why: str | None, doing: Doing[Any]) -> None:
    if why:
        doing.form.refuse(why)
        raise Invalid(doing.form)
