"""The checklist of a case: ticking, adding, taking away. No act here is stale: see `checklists`."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug import Response

from caseflow import clock
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import scope
from caseflow.cases.models import Case
from caseflow.cases.screen import checklists
from caseflow.cases.screen.checklist_form import StepForm
from caseflow.cases.screen.step import Step
from caseflow.cases.views.acting import Invalid, Repeated, desk_of
from caseflow.database import unit_of_work

blueprint = Blueprint("checklist", __name__, url_prefix="/cases/<number>/checklist")


@blueprint.post("")
@requires(May.SORT_CASES)
def add(number: str) -> Response:
    staff = signed_in()
    with unit_of_work():
        case = scope.find_for_act(staff, number, None) or abort(404)
        form = StepForm(request.form, case=case, desk=desk_of(case))
        if not form.validate():
            raise Invalid(form)
        if not checklists.add(case, str(form.text.data), by=staff.as_actor(), now=clock.now()):
            raise Repeated
    return _back(number, "checklist-text")


@blueprint.post("/<int:step_id>")
@requires(May.SORT_CASES)
def tick(number: str, step_id: int) -> Response:
    staff = signed_in()
    with unit_of_work():
        case, step = _found(number, step_id)
        done = request.form.get("done") == "y"
        if not checklists.tick(case, step, done=done, by=staff.as_actor(), now=clock.now()):
            raise Repeated
    return _back(number, f"step-{step_id}")


@blueprint.post("/<int:step_id>/removal")
@requires(May.SORT_CASES)
def remove(number: str, step_id: int) -> Response:
    staff = signed_in()
    with unit_of_work():
        case, step = _found(number, step_id)
        if not checklists.remove(case, step, by=staff.as_actor(), now=clock.now()):
            raise Repeated
    return _back(number, "checklist")


def _found(number: str, step_id: int) -> tuple[Case, Step]:
    """The case, locked, and one of its steps."""
    case = scope.find_for_act(signed_in(), number, None) or abort(404)
    return case, checklists.step_of(case, step_id) or abort(404)


def _back(number: str, place: str) -> Response:
    """To where the person was: the page shows what was done, and says nothing more."""
    return redirect(url_for("case.page", number=number, _anchor=place), 303)
