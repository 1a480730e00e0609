"""Macros on one case: what each would do, and doing it."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _
from werkzeug import Response

from caseflow import language
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import lifecycle, scope, words
from caseflow.cases.models import Case
from caseflow.cases.municipality import directory
from caseflow.cases.screen import case_page
from caseflow.cases.screen.form_parts import UNFILLED, ActForm, TextForm
from caseflow.cases.texts import macro_words, macros, placeholders, shelf
from caseflow.cases.texts.macro_forms import running
from caseflow.cases.texts.macros import Macro, Said
from caseflow.cases.views.acting import Invalid, act, desk_of, done, filled_in, today

blueprint = Blueprint("macros", __name__, url_prefix="/cases/<number>/macros")


@blueprint.get("")
@requires(May.HANDLE_CASES)
def page(number: str) -> str:
    """All that can be run, each with what it would do; one press where nothing is left to fill in."""
    staff, case = signed_in(), _case(number)
    found = macros.for_case(case, staff)
    names = macro_words.names(language.current())
    forms = {macro.id: _form(macro, case) for macro in found}
    return render_template(
        "cases/macros.html",
        case=case,
        found=found,
        forms=forms,
        does={macro.id: macro_words.sentences(macro, names, case, staff) for macro in found},
        obstacles={macro.id: macros.obstacle(macro, case) for macro in found},
        at_once={macro.id: _is_complete(forms[macro.id]) for macro in found},
    )


@blueprint.get("/<int:macro_id>")
@requires(May.HANDLE_CASES)
def preview(number: str, macro_id: int) -> str:
    case, macro = _case(number), _macro(macro_id)
    return _shown(case, macro, _form(macro, case))


@blueprint.post("/<int:macro_id>")
@requires(May.HANDLE_CASES)
def run(number: str, macro_id: int) -> Response:
    macro = _macro(macro_id)
    with act(number, running(macro)) as doing:
        macros.run(macro, doing.case, _said(doing.form), staff=signed_in(), **doing.told)
    title = macro.title(language.current())
    return done(doing.case, _("Done: %(macro)s.", macro=title), leads_on=True)


@blueprint.errorhandler(Invalid)
@blueprint.errorhandler(scope.Stale)
@blueprint.errorhandler(lifecycle.Illegal)
def again(error: Exception) -> tuple[str, int]:
    """Nothing of it is done: the preview as the case is now, with what was typed."""
    arguments = request.view_args or {}
    case, macro = _case(str(arguments.get("number", ""))), _macro(int(arguments.get("macro_id", 0)))
    if isinstance(error, Invalid):
        return _shown(case, macro, error.form), 422
    form = running(macro)(filled_in(), case=case, desk=desk_of(case))
    form.version.data = str(case.version)
    told = _("The case has changed since you opened it. Nothing is done yet: see what it would do now.")
    if isinstance(error, lifecycle.Illegal):
        told = case_page.not_possible(case, error)
    return _shown(case, macro, form, told), 409


def _shown(case: Case, macro: Macro, form: ActForm, problem: str | None = None) -> str:
    staff = signed_in()
    return render_template(
        "cases/macro.html",
        case=case,
        macro=macro,
        form=form,
        problem=problem,
        does=macro_words.sentences(macro, macro_words.names(language.current()), case, staff),
        obstacle=macros.obstacle(macro, case),
        page={"around": case_page.around(case, staff)},
        words=words,
    )


def _form(macro: Macro, case: Case) -> ActForm:
    form = running(macro)(None, case=case, desk=desk_of(case))
    if isinstance(form, TextForm) and macro.text:
        facts = placeholders.facts(case, directory.municipality(), signed_in(), today=today())
        form.text.data = placeholders.filled(macro.text.text(case.language), facts)
        form.used.data = str(macro.text.id)
    return form


def _is_complete(form: ActForm) -> bool:
    """Whether it can be run as it stands: no gap in the text, and the way that the resident asked for is open."""
    if not isinstance(form, TextForm):
        return True
    gap = UNFILLED.search(form.text.data or "")
    return gap is None and ("channel" not in form or form["channel"].data == form.case.reply_by)


def _said(form: ActForm) -> Said | None:
    if not isinstance(form, TextForm):
        return None
    channel = str(form["channel"].data) if "channel" in form else ""
    return Said(form.said, channel, form.submission.data or "", form.reason_given)


def _case(number: str) -> Case:
    case = scope.find(signed_in(), number)
    return case if case and scope.handles(signed_in(), case) else abort(404)


def _macro(macro_id: int) -> Macro:
    return shelf.find(Macro, signed_in(), macro_id) or abort(404)
