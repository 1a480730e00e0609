"""The standard texts, to read, to write and to throw away: one's own, and those of departments that one leads."""

from __future__ import annotations

from functools import partial

import yaml
from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from caseflow import clock, language
from caseflow.accounts.permissions import May, may, requires, signed_in
from caseflow.cases.municipality import directory
from caseflow.cases.screen import desk
from caseflow.cases.texts import macro_file, macros, placeholders, shelf, standard_text_file, standard_texts
from caseflow.cases.texts.shelf_form import ShelfForm
from caseflow.cases.texts.standard_text_forms import StandardTextForm
from caseflow.cases.texts.standard_texts import StandardText
from caseflow.cases.views.shelf import Answer, Sharing, save
from caseflow.database import unit_of_work

blueprint = Blueprint("standard_texts", __name__, url_prefix="/staff/texts/standard")


@blueprint.get("")
@requires(May.SEE_OWN_ACCOUNT)
def page() -> str:
    staff, typed = signed_in(), request.args.get("text", "")[:100]
    everything = shelf.all_of(StandardText, staff)
    return render_template(
        "texts/standard.html",
        typed=typed,
        texts=standard_texts.matching(everything, typed),
        none_at_all=not everything,
        departments=desk.department_names(language.current()),
        exports=may(staff, May.ADMINISTER),
        mine=lambda text: shelf.may_edit(text, staff),
    )


@blueprint.get("/new")
@requires(May.SEE_OWN_ACCOUNT)
def new() -> str:
    return _written(None, _form(None, None))


@blueprint.post("/new")
@requires(May.SEE_OWN_ACCOUNT)
def add() -> Answer:
    return _save(StandardText())


@blueprint.get("/<int:text_id>")
@requires(May.SEE_OWN_ACCOUNT)
def edit(text_id: int) -> str:
    text = shelf.find(StandardText, signed_in(), text_id, to_edit=True) or abort(404)
    return _written(text, _form(None, text))


@blueprint.post("/<int:text_id>")
@requires(May.SEE_OWN_ACCOUNT)
def change(text_id: int) -> Answer:
    return _save(shelf.find(StandardText, signed_in(), text_id, to_edit=True) or abort(404))


@blueprint.post("/<int:text_id>/removal")
@requires(May.SEE_OWN_ACCOUNT)
def removal(text_id: int) -> AnyResponse:
    with unit_of_work():
        text = shelf.find(StandardText, signed_in(), text_id, to_edit=True) or abort(404)
        needed = macros.using(text)
        if not needed:
            shelf.remove(text, by=signed_in().as_actor(), now=clock.now())
    if needed:
        flash(_("The macro “%(macro)s” says this text. Change the macro first.", macro=needed), "error")
        return redirect(url_for("standard_texts.edit", text_id=text_id), 303)
    flash(_("The standard text is thrown away."), "success")
    return redirect(url_for("standard_texts.page"), 303)


@blueprint.get("/standard-texts.yaml")
@requires(May.ADMINISTER)
def export() -> Response:
    """The sections of the municipality's file that hold the shared texts and macros."""
    said = yaml.safe_dump(
        {"standard_texts": standard_text_file.exported(), "macros": macro_file.exported()},
        allow_unicode=True,
        sort_keys=False,
    )
    response = Response(said, mimetype="application/yaml")
    response.headers["Content-Disposition"] = 'attachment; filename="standard-texts.yaml"'
    return response


def _save(text: StandardText) -> Answer:
    present = text if text.id else None
    form = _form(request.form, present)
    page, fill = partial(_written, present), partial(form.fill, text, signed_in().id)
    return save(text, form, page, fill, _("The standard text is saved."), "standard_texts.page")


def _written(text: StandardText | None, form: ShelfForm) -> str:
    spoken = directory.municipality().languages
    known = placeholders.KNOWN
    return render_template("texts/write_standard.html", text=text, form=form, spoken=spoken, known=known)


def _form(typed: MultiDict[str, str] | None, text: StandardText | None) -> StandardTextForm:
    told, sharing = language.current(), Sharing.of(signed_in())
    return StandardTextForm(
        typed,
        text=text,
        places=sharing.places,
        kinds={kind.code: kind.noun(told) for kind in directory.kinds()},
        categories=sharing.categories,
        shares_with_all=sharing.with_all,
    )
