"""Joining a case with another one, and parting them again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug import Response

from caseflow import clock, language
from caseflow.accounts.permissions import May, may, requires, signed_in
from caseflow.cases import scope
from caseflow.cases.models import Case
from caseflow.cases.relations import (
    answering_parts,
    family,
    joining,
    merging,
    neighbours,
    relating,
    resemblance,
    splitting,
)
from caseflow.cases.relations.relation_forms import (
    AnswersForm,
    LinkForm,
    MergerForm,
    SeparationForm,
    SplitForm,
    UnlinkForm,
)
from caseflow.cases.screen import desk
from caseflow.cases.views.acting import Doing, Invalid, Repeated, act, desk_of, done, today
from caseflow.database import unit_of_work

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


@blueprint.post("/link")
@requires(May.HANDLE_CASES)
def link(number: str) -> Response:
    with act(number, LinkForm) as doing:
        other, how = _other(doing), doing.form.how.data
        _refuse_if(joining.hindrance(doing.case, other, how), doing)
        joining.relate(doing.case, other, how, **doing.told)
    return done(doing.case, _("The case is linked with %(number)s.", number=other.number))


@blueprint.post("/unlinking")
@requires(May.HANDLE_CASES)
def unlinking(number: str) -> Response:
    with act(number, UnlinkForm) as doing:
        other = _other(doing)
        if not joining.unrelate(doing.case, other, doing.form.how.data, **doing.told):
            raise Repeated
    return done(doing.case, _("The case is no longer linked with %(number)s.", number=other.number))


@blueprint.post("/part")
@requires(May.HANDLE_CASES)
def part(number: str) -> Response:
    with act(number, SplitForm) as doing:
        form, case = doing.form, doing.case
        facts = {"kind": case.kind_code, "department": form.department.data, "mark": str(form.submission.data)}
        made = splitting.split(case, str(form.text.data), **facts, **doing.told)
    return done(case, _("A part of it is now case %(number)s, and the resident is told.", number=made.number))


@blueprint.post("/answers")
@requires(May.HANDLE_CASES)
def answers(number: str) -> Response:
    """One text to all open parts, each in a unit of work of its own; those that could not be answered are named."""
    staff, now = signed_in(), clock.now()
    case = scope.find(staff, number) or abort(404)
    form = AnswersForm(request.form, case=case, desk=desk_of(case))
    if not scope.handles(staff, case):
        abort(404)
    if not form.validate():
        raise Invalid(form)
    wanted = [row.number for row in neighbours.of(staff, case).open_children]
    left = [one for one in wanted if not _answered(one, form, now)]
    if left:
        flash(_("Not answered: %(numbers)s. Open each to see why.", numbers=", ".join(left)), "error")
    count = len(wanted) - len(left)
    return done(case, ngettext("%(num)d case is answered.", "%(num)d cases are answered.", count))


def _answered(number: str, form: AnswersForm, now: datetime) -> bool:
    with unit_of_work():
        return answering_parts.answer(signed_in(), number, form, now=now)


def _other(doing: Doing[Any]) -> Case:
    """The other case, locked; the form comes back when there is none."""
    try:
        other = relating.named(signed_in(), str(doing.form.other.data), today())
    except family.Busy as error:
        doing.form.refuse("busy")
        raise Invalid(doing.form) from error
    _refuse_if(None if other else "unknown", doing)
    assert other is not None
    return other


def _refuse_if(why: str | None, doing: Doing[Any]) -> None:
    if why:
        doing.form.refuse(why)
        raise Invalid(doing.form)
