"""One part of the configuration: its form, a preview, and saving it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response
from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from caseflow import clock
from caseflow.accounts.permissions import May, requires
from caseflow.administration import coding, difference, history, previews, sheets
from caseflow.administration.naming import title
from caseflow.administration.sheets.named import Document
from caseflow.administration.sheets.sheet import Sheet
from caseflow.administration.views.room import actor, blueprint, seen, typed
from caseflow.cases.municipality import changing, exporting, logo, places
from caseflow.cases.municipality.checked_yaml import Unreadable
from caseflow.database import unit_of_work

Answer = str | Response | tuple[str, int]
NEW = {"kinds", "departments", "categories"}


@dataclass(frozen=True)
class Opened:
    """A part that is open on the desk. `place` is the page's, `at` where it is kept; a new one has no `present`."""

    place: str
    at: str
    document: Document
    sheet: Sheet
    present: Any

    @property
    def part(self) -> dict[str, Any]:
        return self.present if self.present is not None else dict(request.args.items())

    @property
    def name(self) -> str:
        if self.present is None:
            return _("New: %(what)s", what=str(self.sheet.title))
        return (
            title(self.at, difference.names(self.document)) if self.at == self.place else previews.text_name(self.place)
        )


@blueprint.get("/part/<path:place>")
@requires(May.ADMINISTER)
def part(place: str) -> str:
    return _page(opened := _opened(place), opened.sheet.form(None, opened.part))


@blueprint.post("/part/<path:place>")
@requires(May.ADMINISTER)
def save(place: str) -> Answer:
    opened = _opened(place)
    form = opened.sheet.form(_with_files(), opened.part)
    sound = form.validate()
    if not sound or request.form.get("act") == "preview":
        return _page(opened, form), 200 if sound else 422
    return _saved(opened, form)


@blueprint.get("/new/<what>")
@requires(May.ADMINISTER)
def new(what: str) -> str:
    opened = _opening(what)
    return _page(opened, opened.sheet.form(None, opened.part))


@blueprint.post("/new/<what>")
@requires(May.ADMINISTER)
def create(what: str) -> Answer:
    opened = _opening(what)
    form = opened.sheet.form(request.form, opened.part)
    sound = form.validate()
    if not sound or request.form.get("act") == "preview":
        return _page(opened, form), 200 if sound else 422
    part = opened.sheet.part(form, {"code": "-"})
    code = coding.new_code(what, part, opened.document)
    return _saved(Opened(f"{what}/{code}", f"{what}/{code}", opened.document, opened.sheet, None), form, {"code": code})


@blueprint.post("/removal/<path:place>")
@requires(May.ADMINISTER)
def remove(place: str) -> Answer:
    """Take away what nothing refers to; what something refers to can only be retired."""
    opened = _opened(place)
    try:
        with unit_of_work():
            changing.amend(place, None, seen=seen(), by=actor(), now=clock.now(), verb="remove")
    except (changing.InUse, changing.Changed, Unreadable) as error:
        form = opened.sheet.form(None, opened.part)
        form.form_errors.append(
            str(error)
            if isinstance(error, Unreadable)
            else _("Cases refer to it, or somebody has just changed it. Mark it as no longer offered instead.")
        )
        return _page(opened, form), 409
    flash(_("It is taken away."), "success")
    return redirect(coding.list_of(place, opened.present), 303)


def _opened(place: str) -> Opened:
    document = exporting.document()
    at = "texts" if place.startswith("text/") else place
    sheet = sheets.for_place(place, document)
    present = places.part(document, at) if sheet and "\x00" not in place else None
    if sheet is None or present is None:
        abort(404)
    return Opened(place, at, document, sheet, present)


def _opening(what: str) -> Opened:
    document = exporting.document()
    sheet = sheets.for_place(f"{what}/", document) if what in NEW else None
    return Opened(what, what, document, sheet or abort(404), None)


def _with_files() -> MultiDict[str, str]:
    """A chosen file takes the place of the text field that is called like it."""
    given = request.form.copy()
    for name, file in request.files.items():
        if file.filename:
            given[name] = logo.from_file(file.read(), current_app.config)
    return given


def _saved(opened: Opened, form: BaseForm, start: dict[str, Any] | None = None) -> Answer:
    new = opened.sheet.part(form, opened.present if start is None else start)
    before = seen() if start is None else places.fingerprint(None)
    try:
        with unit_of_work():
            changed = changing.amend(opened.at, new, seen=before, by=actor(), now=clock.now())
    except changing.Changed as error:
        return conflict(opened.at, error.now, opened.sheet.part(form, error.now or {}), opened.document), 409
    except Unreadable as error:
        form.form_errors.append(str(error))
        return _page(opened, form), 422
    flash(
        _("Saved. It counts from now on.") if changed else _("Nothing was different, so nothing is changed."), "success"
    )
    return redirect(url_for("administration.part", place=opened.place), 303)


def conflict(at: str, now: Any, yours: Any, document: Document) -> str:
    """Somebody else was faster: both versions, and a choice."""
    known = difference.names(document)
    latest = next(iter(history.changes(at, most=1)), None)
    return render_template(
        "administration/conflict.html",
        title=title(at, known),
        lines=difference.lines(now, yours, known),
        latest=latest,
        typed=typed(),
        seen=places.fingerprint(now),
    )


def _page(opened: Opened, form: BaseForm) -> str:
    usable = form.validate() if request.method == "POST" else True
    shown = opened.sheet.part(form, opened.part) if usable or opened.sheet.frank else opened.part
    return render_template(
        "administration/part.html",
        opened=opened,
        sheet=opened.sheet,
        form=form,
        seen=seen() or places.fingerprint(opened.present),
        preview=previews.preview(opened.sheet.preview, opened.place, shown, opened.document),
        up=coding.list_of(opened.place, opened.present),
        removable=opened.present is not None and opened.place.partition("/")[0] in ("departments", "categories"),
    )
