"""Accepting what closed cases suggest for a new one; and, for the administrator, how good the suggestions are."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from caseflow import broker, clock, language
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import directory, suggestion_forms
from caseflow.cases.suggestions import kept, suggesting
from caseflow.cases.suggestions.measuring import FEWEST
from caseflow.cases.views.acting import act, done
from caseflow.database import unit_of_work

acceptance = Blueprint("suggestion", __name__, url_prefix="/cases/<number>")
blueprint = Blueprint("suggestions", __name__, url_prefix="/staff/administration/suggestions")


@acceptance.post("/suggestion")
@requires(May.SORT_CASES)
def suggestion(number: str) -> Response:
    with act(number, suggestion_forms.AcceptanceForm) as doing:
        offered = doing.form.suggestion
        assert offered  # as a valid form has it
        suggesting.accept(doing.case, offered, reason=suggesting.reason(offered), **doing.told)
    return done(doing.case, _("The suggestion is carried out."), leads_on=bool(offered.department))


@blueprint.get("")
@requires(May.ADMINISTER)
def page() -> str:
    return _page(suggestion_forms.ThresholdForm(house=directory.municipality()))


@blueprint.post("")
@requires(May.ADMINISTER)
def settle() -> Response | tuple[str, int]:
    """From which precision on a suggestion is carried out by itself."""
    form = suggestion_forms.ThresholdForm(request.form, house=directory.municipality())
    if not form.validate():
        return _page(form), 422
    with unit_of_work():
        suggesting.settle(directory.municipality(), form.share, by=signed_in().as_actor(), now=clock.now())
    flash(_("The choice is saved."), "success")
    return redirect(url_for("suggestions.page"), 303)


@blueprint.post("/learning")
@requires(May.ADMINISTER)
def learn() -> Response:
    """Learn at once, in a worker."""
    if broker.ring("learn"):
        flash(_("A worker learns from the closed cases now. It takes a minute at most."), "success")
    else:
        flash(_("The workers cannot be reached just now. They learn by themselves every night."), "info")
    return redirect(url_for("suggestions.page"), 303)


def _page(form: suggestion_forms.ThresholdForm) -> str:
    spoken = language.current()
    names = {one.code: one.name(spoken) for one in directory.departments()}
    return render_template(
        "administration/suggestions.html",
        form=form,
        rounds=kept.rounds(),
        present=kept.in_use(),
        names=names,
        few=FEWEST,
    )
