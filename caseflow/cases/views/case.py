"""The case's page, and how an act that could not be done is told on it."""

from __future__ import annotations

from functools import cache

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from caseflow import clock, language
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import lifecycle, scope
from caseflow.cases.delivery import delivery_words, redelivery
from caseflow.cases.models import Case
from caseflow.cases.relations import neighbours
from caseflow.cases.screen import case_page, drafts, timeline
from caseflow.cases.screen.conversation import conversation
from caseflow.cases.screen.form_parts import ActForm, TextForm
from caseflow.cases.views import (
    acts,
    attachments,
    case_macros,
    checklist,
    dispatch,
    known_fault,
    pulse,
    relations,
    suggestions,
    texts,
    undo,
)
from caseflow.cases.views.acting import Invalid, Repeated, allowed, chosen_filter, desk_of, filled_in, page_of
from caseflow.cases.views.drafts import typed_text
from caseflow.cases.views.navigation import ask_ahead
from caseflow.database import unit_of_work
from caseflow.messages import fate
from caseflow.messages.models import Message

blueprint = Blueprint("case", __name__, url_prefix="/staff")
ACTS = ("case.acts.", "case.dispatch.", "case.undo.", "case.relations.", "case.suggestion.")
blueprint.register_blueprint(acts.blueprint)
blueprint.register_blueprint(dispatch.blueprint)
blueprint.register_blueprint(undo.blueprint)
blueprint.register_blueprint(pulse.blueprint)
blueprint.register_blueprint(texts.blueprint)
blueprint.register_blueprint(case_macros.blueprint)
blueprint.register_blueprint(attachments.blueprint)
blueprint.register_blueprint(relations.blueprint)
blueprint.register_blueprint(checklist.blueprint)
blueprint.register_blueprint(known_fault.blueprint)
blueprint.register_blueprint(suggestions.acceptance)


@blueprint.app_context_processor
def _words() -> dict[str, object]:
    return {"delivery_words": delivery_words, "recallable": fate.recallable, "undoable": _undoable}


@blueprint.get("/cases/<number>")
@requires(May.SEE_CASES)
def page(number: str) -> str:
    case = scope.find(signed_in(), number) or abort(404)
    again = request.args.get("again", type=int)
    return _page(case, typed=case_page.once_more(case, signed_in(), desk_of(case), again) if again else None)


@blueprint.get("/cases/<number>/<path:act>")
@requires(May.SEE_CASES)
def back_from(number: str, act: str) -> AnyResponse:
    """Who reloads the address of an act that came back with errors gets the case."""
    return redirect(url_for("case.page", number=number))


@blueprint.errorhandler(Invalid)
def invalid(error: Invalid) -> tuple[str, int]:
    """Nothing is done: the page comes back with what was typed and what is wrong with it."""
    return _page(_case(), typed=_kept(error.form)), 422


@blueprint.errorhandler(lifecycle.Illegal)
@blueprint.errorhandler(redelivery.MovedOn)
def not_possible(error: Exception) -> tuple[str, int]:
    """The case's status, or the message's, does not allow it: hand-made, or the page was very old."""
    case = _case()
    return _page(case, typed=_kept(_typed(case)), problem=case_page.not_possible(case, error)), 409


@blueprint.errorhandler(scope.Stale)
def stale(error: scope.Stale) -> tuple[str, int]:
    """Somebody has acted since the page was read: both versions, and a form to do it all the same."""
    case = _case()
    form = _kept(_typed(case))
    since = case_page.since(case, error.version, desk_of(case))
    return render_template("cases/conflict.html", case=case, form=form, since=since, legal=lifecycle.legal(case)), 409


@blueprint.errorhandler(Repeated)
@blueprint.errorhandler(redelivery.AlreadyDone)
def repeated(error: Exception) -> AnyResponse:
    flash(_("That was done already."), "info")
    return redirect(url_for("case.page", number=_number()), 303)


@blueprint.errorhandler(NotFound)
def gone(error: NotFound) -> tuple[str, int] | Response:
    """No such case for this person, whether or not there is one; a text that was typed comes back to its writer."""
    texts = [typed for name in ("text", "reason") if (typed := request.form.get(name, "").strip())]
    return render_template("cases/not_found.html", number=_number(), texts=texts), 404


def _page(case: Case, *, typed: ActForm | None = None, problem: str | None = None) -> str:
    staff = signed_in()
    told, now, offers = language.current(), clock.now(), _offers(staff, case)
    near, done = neighbours.ahead(staff, case), timeline.ahead(case)
    desk = desk_of(case)
    items = conversation(case, desk, asked=done)
    ask_ahead()
    shown = case_page.build(case, staff, desk, items, near(), language=told, offers=offers, now=now, typed=typed)
    target = (request.view_args or {}).get("message_id")
    back = url_for("queue.page", **chosen_filter().asked())
    return render_template("cases/case.html", page=shown, case=case, problem=problem, target=target, back=back)


def _offers(staff: Staff, case: Case) -> frozenset[str]:
    """The nouns of the acts that this person may do here: the gates of their views say it for the role."""
    if not scope.handles(staff, case):
        return frozenset()
    return _open_to(staff.role)


@cache
def _open_to(role: str) -> frozenset[str]:
    views = {view.rpartition(".")[2]: view for view in current_app.view_functions if view.startswith(ACTS)}
    return frozenset(allowed(role, {noun: views[noun] for noun in case_page.FORMS}))


def _undoable(message: Message) -> bool:
    return fate.undoable(message, clock.now())


def _typed(case: Case) -> ActForm:
    """The form that was sent, for the act that the address names."""
    noun = (request.endpoint or "").rpartition(".")[2]
    return case_page.FORMS[noun](filled_in(), case=case, desk=desk_of(case))


def _kept(form: ActForm) -> ActForm:
    """The form; what was typed is kept as a draft, too, because the next page may never be seen."""
    if isinstance(form, TextForm) and form.text.data:
        staff, sort = signed_in(), drafts.SORT_OF[form.verb]
        try:
            with unit_of_work():
                text, now = typed_text(), clock.now()
                draft = drafts.save(staff, form.case.id, sort, text, **page_of(form), now=now)
        except (drafts.Newer, drafts.Said):
            return form
        form.draft.data = draft.revision if draft else ""
    return form


def _case() -> Case:
    return scope.find(signed_in(), _number()) or abort(404)


def _number() -> str:
    return str((request.view_args or {}).get("number", ""))
