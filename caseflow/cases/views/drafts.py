"""Keeping what is being written, and a person's own page of what they have begun anywhere."""

from __future__ import annotations

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from caseflow import clock
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import scope, words
from caseflow.cases.screen import drafts
from caseflow.database import unit_of_work

blueprint = Blueprint("drafts", __name__, url_prefix="/staff")


@blueprint.get("/drafts")
@requires(May.SEE_OWN_ACCOUNT)
def page() -> str:
    return render_template("cases/drafts.html", drafts=drafts.of(signed_in()))


@blueprint.post("/cases/<number>/drafts/<sort>")
@requires(May.SORT_CASES)
def keep(number: str, sort: str) -> Response | tuple[Response, int]:
    """From the page's script while somebody types, and from its button where there is no script."""
    staff, now = signed_in(), clock.now()
    if request.form.get("writer", str(staff.id)) != str(staff.id):
        return jsonify(other=staff.name), 403
    try:
        with unit_of_work():
            case_id = drafts.place(staff, number, sort) or abort(404)
            draft = drafts.save(staff, case_id, sort, typed_text(), **page_of_request(), now=now)
    except drafts.Newer as error:
        return _newer(number, error.draft)
    except drafts.Said:
        return _told(number, {"said": True}, _("That was done already."), "info")
    about: dict[str, object] = {"revision": draft.revision if draft else "", "saved": saved_at(draft) if draft else ""}
    return _told(number, about, _("The draft is saved.") if draft else _("There is no draft any more."), "success")


@blueprint.post("/cases/<number>/drafts/<sort>/removal")
@requires(May.SEE_OWN_ACCOUNT)
def removal(number: str, sort: str) -> Response | tuple[Response, int]:
    with unit_of_work():
        case_id = drafts.place(signed_in(), number, sort) or abort(404)
        drafts.throw_away(signed_in(), case_id, sort, **page_of_request())
    return _told(number, {"revision": "", "saved": ""}, _("The draft is thrown away."), "success")


def saved_at(draft: drafts.Draft) -> str:
    """ "Draft saved Friday 27 November 14:05"."""
    return _("Draft saved %(when)s", when=words.moment(draft.saved_at))


def _newer(number: str, draft: drafts.Draft) -> Response | tuple[Response, int]:
    if _is_script():
        return jsonify(text=draft.text, revision=draft.revision, saved=saved_at(draft)), 409
    texts = {"theirs": draft.text, "mine": typed_text()}
    page = render_template("cases/two_drafts.html", number=number, draft=draft, saved=saved_at(draft), **texts)
    return Response(page, 409)


def _told(number: str, about: dict[str, object], said: str, category: str) -> Response:
    if _is_script():
        return jsonify(about)
    flash(said, category)
    if request.form.get("from") == "drafts" or scope.find(signed_in(), number) is None:
        return redirect(url_for("drafts.page"), 303)
    return redirect(url_for("case.page", number=number, _anchor="composer"), 303)


def typed_text() -> str:
    """As the writer's own page holds it: browsers send each line end as two signs."""
    return request.form.get("text", "").replace("\r\n", "\n").replace("\x00", "")[: drafts.LONGEST]


def page_of_request() -> dict[str, str]:
    return {"seen": request.form.get("draft", "")[:64], "submission": request.form.get("submission", "")[:64]}


def _is_script() -> bool:
    return request.accept_mimetypes.best == "application/json"
