"""How good the suggestions are, from which precision on one is carried out by itself, and learning at once."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response
from wtforms.form import BaseForm

from caseflow import broker, clock, language
from caseflow.accounts.permissions import May, requires
from caseflow.administration.sheets import watching
from caseflow.administration.views.parts import Answer, conflict
from caseflow.administration.views.room import actor, blueprint, seen
from caseflow.cases.municipality import changing, directory, exporting, places
from caseflow.cases.suggestions import kept
from caseflow.cases.suggestions.measuring import FEWEST
from caseflow.database import unit_of_work

AT = "suggestions"


@blueprint.get("/suggestions")
@requires(May.ADMINISTER)
def suggestions() -> str:
    part = places.part(exporting.document(), AT)
    return _page(watching.suggestions().form(None, part), places.fingerprint(part))


@blueprint.post("/suggestions")
@requires(May.ADMINISTER)
def settle_suggestions() -> Answer:
    document = exporting.document()
    sheet, part = watching.suggestions(), places.part(document, AT)
    form = sheet.form(request.form, part)
    if not form.validate():
        return _page(form, seen()), 422
    new = sheet.part(form, part)
    try:
        with unit_of_work():
            changing.amend(AT, new, seen=seen(), by=actor(), now=clock.now())
    except changing.Changed as error:
        return conflict(AT, error.now, new, document), 409
    flash(_("The choice is saved."), "success")
    return redirect(url_for("administration.suggestions"), 303)


@blueprint.post("/suggestions/learning")
@requires(May.ADMINISTER)
def learn() -> Response:
    """Learn at once, in a worker."""
    if broker.ring("learn"):
        flash(_("A worker learns from the closed cases now. It takes a minute at most."), "success")
    else:
        flash(_("The workers cannot be reached just now. They learn by themselves every night."), "info")
    return redirect(url_for("administration.suggestions"), 303)


def _page(form: BaseForm, version: str) -> str:
    spoken = language.current()
    return render_template(
        "administration/suggestions.html",
        sheet=watching.suggestions(),
        form=form,
        seen=version,
        rounds=kept.rounds(),
        present=kept.in_use(),
        names={one.code: one.name(spoken) for one in directory.departments()},
        few=FEWEST,
    )
