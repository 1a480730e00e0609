"""One case's line for all residents: writing it, changing it, taking it away."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _
from werkzeug import Response

from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import lifecycle, scope
from caseflow.cases.faults import known_faults
from caseflow.cases.faults.known_fault_forms import PublishForm, UnpublishForm
from caseflow.cases.models import Case
from caseflow.cases.screen import case_page
from caseflow.cases.screen.form_parts import ActForm
from caseflow.cases.views.acting import Invalid, act, desk_of, done, filled_in

blueprint = Blueprint("known_fault", __name__, url_prefix="/cases/<number>/known-fault")


@blueprint.app_context_processor
def _on_the_case() -> dict[str, object]:
    return {"known_fault_of": known_faults.of_case, "may_make_known": known_faults.possible}


@blueprint.get("")
@requires(May.HANDLE_CASES)
def page(number: str) -> str:
    case = _case(number)
    known = known_faults.of_case(case)
    return _shown(case, PublishForm(None, case=case, desk=desk_of(case), held=known[0] if known else None))


@blueprint.post("")
@requires(May.HANDLE_CASES)
def publish(number: str) -> Response:
    with act(number, PublishForm) as doing:
        known_faults.publish(doing.case, doing.form.said, **doing.told)
    return done(doing.case, _("Residents can read of the fault now, and follow it."))


@blueprint.post("/removal")
@requires(May.HANDLE_CASES)
def unpublish(number: str) -> Response:
    with act(number, UnpublishForm) as doing:
        known_faults.unpublish(doing.case, **doing.told)
    return done(doing.case, _("Residents are not told of the fault any more."))


@blueprint.errorhandler(Invalid)
@blueprint.errorhandler(scope.Stale)
@blueprint.errorhandler(lifecycle.Illegal)
def again(error: Exception) -> tuple[str, int]:
    """Nothing is done: the page as the case is now, with what was typed."""
    case = _case(str((request.view_args or {}).get("number", "")))
    if isinstance(error, Invalid) and isinstance(error.form, PublishForm):
        return _shown(case, error.form), 422
    form = PublishForm(filled_in() if "line" in request.form else None, case=case, desk=desk_of(case))
    form.version.data = str(case.version)
    told = _("The case has changed since you opened it. Nothing is done yet: look once more.")
    if isinstance(error, lifecycle.Illegal):
        told = case_page.not_possible(case, error)
    return _shown(case, form, told), 409


def _shown(case: Case, form: ActForm, problem: str | None = None) -> str:
    possible = known_faults.possible(case) and "publish" in lifecycle.legal(case)
    known = known_faults.of_case(case)
    return render_template(
        "cases/known_fault.html", case=case, form=form, known=known, possible=possible, problem=problem
    )


def _case(number: str) -> Case:
    case = scope.find(signed_in(), number)
    return case if case and scope.handles(signed_in(), case) else abort(404)
