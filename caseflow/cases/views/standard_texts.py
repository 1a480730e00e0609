"""The standard texts, to read, to write and to throw away: one's own, and those of departments that one leads."""

from __future__ import annotations

import yaml
from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from caseflow import clock, language
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import May, may, may_in, requires, signed_in
from caseflow.cases import desk, directory, macro_file, macros, placeholders, standard_text_file, standard_texts
from caseflow.cases.standard_text_forms import StandardTextForm
from caseflow.cases.standard_texts import StandardText
from caseflow.database import db, unit_of_work

blueprint = Blueprint("standard_texts", __name__, url_prefix="/staff/texts/standard")


@blueprint.get("")
@requires(May.SEE_OWN_ACCOUNT)
def page() -> str:
    staff, typed = signed_in(), request.args.get("text", "")[:100]
    everything = standard_texts.editable_list(staff)
    return render_template(
        "texts/standard.html",
        typed=typed,
        texts=standard_texts.matching(everything, typed),
        none_at_all=not everything,
        departments=desk.department_names(language.current()),
        exports=may(staff, May.ADMINISTER),
        mine=lambda text: _may_edit(staff, text),
    )


@blueprint.get("/new")
@requires(May.SEE_OWN_ACCOUNT)
def new() -> str:
    return _written(None, _form(None, None))


@blueprint.post("/new")
@requires(May.SEE_OWN_ACCOUNT)
def add() -> AnyResponse | tuple[str, int]:
    return _save(StandardText())


@blueprint.get("/<int:text_id>")
@requires(May.SEE_OWN_ACCOUNT)
def edit(text_id: int) -> str:
    text = standard_texts.find(signed_in(), text_id, to_edit=True) or abort(404)
    return _written(text, _form(None, text))


@blueprint.post("/<int:text_id>")
@requires(May.SEE_OWN_ACCOUNT)
def change(text_id: int) -> AnyResponse | tuple[str, int]:
    return _save(standard_texts.find(signed_in(), text_id, to_edit=True) or abort(404))


@blueprint.post("/<int:text_id>/removal")
@requires(May.SEE_OWN_ACCOUNT)
def removal(text_id: int) -> AnyResponse:
    with unit_of_work():
        text = standard_texts.find(signed_in(), text_id, to_edit=True) or abort(404)
        needed = macros.using(text)
        if not needed:
            standard_texts.remove(text, by=signed_in().as_actor(), now=clock.now())
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


def _save(text: StandardText) -> AnyResponse | tuple[str, int]:
    staff, form = signed_in(), _form(request.form, text if text.id else None)
    if not form.validate():
        db.session.rollback()
        return _written(text if text.id else None, form), 422
    with unit_of_work():
        form.fill(text, staff.id)
        standard_texts.save(text, by=staff.as_actor(), now=clock.now())
    flash(_("The standard text is saved."), "success")
    return redirect(url_for("standard_texts.page"), 303)


def _written(text: StandardText | None, form: StandardTextForm) -> str:
    spoken = directory.municipality().languages
    known = placeholders.KNOWN
    return render_template("texts/write_standard.html", text=text, form=form, spoken=spoken, known=known)


def _form(typed: MultiDict[str, str] | None, text: StandardText | None) -> StandardTextForm:
    staff, told = signed_in(), language.current()
    names = desk.department_names(told)
    administers = may(staff, May.ADMINISTER)
    places = {code: name for code, name in names.items() if administers or may_in(staff, code, "lead")}
    reach = set(names) if administers else set(staff.levels)
    return StandardTextForm(
        typed,
        text=text,
        places=places,
        kinds={kind.code: kind.noun(told) for kind in directory.kinds()},
        categories={
            category.code: f"{names[home.code]}: {category.name(told)}"
            for home in directory.departments()
            if home.code in reach
            for category in home.categories
        },
        shares_with_all=administers,
    )


def _may_edit(staff: Staff, text: StandardText) -> bool:
    led = text.department_code is not None and may_in(staff, text.department_code, "lead")
    return text.owner_id == staff.id or may(staff, May.ADMINISTER) or led
