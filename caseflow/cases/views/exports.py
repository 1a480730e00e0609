"""The files of long lists: asked for, watched while they are made, fetched, removed."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug import Response

from caseflow import clock, language
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases.files import exports
from caseflow.cases.files.exports import Export
from caseflow.cases.files.spreadsheet import FORMS
from caseflow.cases.triage import queue_choices, queue_export, queue_words
from caseflow.cases.triage.queue_filter import Filter
from caseflow.cases.views.acting import today
from caseflow.database import unit_of_work

blueprint = Blueprint("exports", __name__, url_prefix="/staff/exports")


@blueprint.get("")
@requires(May.SEE_CASES)
def page() -> str:
    """All of the person's files, and the one that is about to be asked for."""
    staff, form = signed_in(), request.args.get("form", "")
    names = queue_choices.within_reach(staff, language.current())
    found = exports.of(staff)
    shows = {one.id: queue_words.told(one.chosen, names) for one in found}
    asked = Filter.of(request.args) if form in FORMS else None
    told = queue_words.told(asked, names) if asked else []
    rows = queue_export.count(staff, asked, today()) if asked else 0
    shown = {"found": found, "shows": shows, "asked": asked, "told": told, "rows": rows, "form": form}
    template = "cases/_exports_list.html" if "fragment" in request.args else "cases/exports.html"
    return render_template(template, **shown, most=queue_export.MOST, sizes=_sizes(found))


@blueprint.post("")
@requires(May.SEE_CASES)
def ask() -> Response:
    """The list stands in the address, the form of the file in the form."""
    form = request.form.get("form", "")
    if form not in FORMS:
        abort(400)
    with unit_of_work():
        exports.ask(signed_in(), Filter.of(request.args), form, language=language.current(), now=clock.now())
    return redirect(url_for("exports.page"), 303)


@blueprint.get("/<int:export_id>")
@requires(May.SEE_CASES)
def fetch(export_id: int) -> Response:
    export = _own(export_id)
    path = exports.path_of(export.id, export.form, current_app.config)
    if export.state != "ready" or not path.exists():
        abort(404)
    if not exports.is_still_open(signed_in(), export):
        flash(_("You may no longer see all that is in this file. Make it anew."), "error")
        return redirect(url_for("exports.page"))
    name = f"cases_{clock.local(export.asked_at).date().isoformat()}.{export.form}"
    answer = send_file(path, mimetype=FORMS[export.form], as_attachment=True, download_name=name, max_age=0)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/<int:export_id>/removal")
@requires(May.SEE_CASES)
def remove(export_id: int) -> Response:
    with unit_of_work():
        exports.remove(_own(export_id), current_app.config)
    return redirect(url_for("exports.page"), 303)


def _own(export_id: int) -> Export:
    return exports.find(signed_in(), export_id) or abort(404)


def _sizes(found: Sequence[Export]) -> dict[int, int]:
    paths = {one.id: exports.path_of(one.id, one.form, current_app.config) for one in found if one.state == "ready"}
    return {number: path.stat().st_size for number, path in paths.items() if path.exists()}
