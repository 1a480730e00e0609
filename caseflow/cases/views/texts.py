"""Standard texts for one case, filled in. A script puts one at the cursor, the page puts it after the draft."""

from __future__ import annotations

import contextlib

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug import Response

from caseflow import clock
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import scope
from caseflow.cases.models import Case
from caseflow.cases.municipality import directory
from caseflow.cases.screen import drafts
from caseflow.cases.texts import placeholders, shelf, standard_texts
from caseflow.cases.texts.standard_texts import StandardText
from caseflow.cases.views.acting import today
from caseflow.cases.views.drafts import page_of_request, typed_text
from caseflow.database import unit_of_work

blueprint = Blueprint("texts", __name__, url_prefix="/cases/<number>/texts/<sort>")


@blueprint.get("")
@requires(May.SORT_CASES)
def page(number: str, sort: str) -> str:
    case, typed = _case(number, sort), request.args.get("text", "")[:100]
    found = standard_texts.for_case(case, signed_in(), typed)
    facts = _facts(case)
    name = "cases/_texts_list.html" if "fragment" in request.args else "cases/texts.html"
    filled = {one.text.id: placeholders.filled(one.text.text(case.language), facts) for one in found}
    return render_template(name, case=case, sort=sort, typed=typed, found=found, filled=filled)


@blueprint.post("")
@requires(May.SORT_CASES)
def choose(number: str, sort: str) -> Response:
    """Without a script: what is typed is kept first."""
    staff, now = signed_in(), clock.now()
    with contextlib.suppress(drafts.Newer, drafts.Said), unit_of_work():
        case_id = drafts.place(staff, number, sort) or abort(404)
        drafts.save(staff, case_id, sort, typed_text(), **page_of_request(), now=now)
    return redirect(url_for("case.texts.page", number=number, sort=sort), 303)


@blueprint.post("/<int:text_id>")
@requires(May.SORT_CASES)
def insertion(number: str, sort: str, text_id: int) -> Response:
    """After what the draft holds."""
    staff, case = signed_in(), _case(number, sort)
    text = shelf.find(StandardText, staff, text_id) or abort(404)
    said = placeholders.filled(text.text(case.language), _facts(case))
    with unit_of_work():
        drafts.append(staff, case, sort, said, now=clock.now())
    return redirect(url_for("case.page", number=number, used=text.id, _anchor="composer"), 303)


def _facts(case: Case) -> dict[str, str]:
    return placeholders.facts(case, directory.municipality(), signed_in(), today=today())


def _case(number: str, sort: str) -> Case:
    case = scope.find(signed_in(), number) if sort in drafts.SORTS else None
    return case if case and scope.handles(signed_in(), case) else abort(404)
