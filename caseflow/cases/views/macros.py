"""The macros, to read and to put together: one's own, and those of departments that one leads."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response
from werkzeug.datastructures import MultiDict

from caseflow import clock, language
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import May, may, may_in, requires, signed_in
from caseflow.cases import desk, directory, macro_words, macros, standard_texts
from caseflow.cases.macro_forms import MacroForm
from caseflow.cases.macros import Macro
from caseflow.database import db, unit_of_work

blueprint = Blueprint("macros", __name__, url_prefix="/staff/texts/macros")


@blueprint.get("")
@requires(May.SEE_OWN_ACCOUNT)
def page() -> str:
    staff, names = signed_in(), macro_words.names(language.current())
    found = macros.all_of(staff)
    return render_template(
        "texts/macros.html",
        found=found,
        names=names,
        does={macro.id: macro_words.sentences(macro, names) for macro in found},
        mine=lambda macro: _may_edit(staff, macro),
    )


@blueprint.get("/new")
@requires(May.SEE_OWN_ACCOUNT)
def new() -> str:
    return _written(None, _form(None, None))


@blueprint.post("/new")
@requires(May.SEE_OWN_ACCOUNT)
def add() -> Response | tuple[str, int]:
    return _save(Macro())


@blueprint.get("/<int:macro_id>")
@requires(May.SEE_OWN_ACCOUNT)
def edit(macro_id: int) -> str:
    macro = macros.find(signed_in(), macro_id, to_edit=True) or abort(404)
    return _written(macro, _form(None, macro))


@blueprint.post("/<int:macro_id>")
@requires(May.SEE_OWN_ACCOUNT)
def change(macro_id: int) -> Response | tuple[str, int]:
    return _save(macros.find(signed_in(), macro_id, to_edit=True) or abort(404))


@blueprint.post("/<int:macro_id>/removal")
@requires(May.SEE_OWN_ACCOUNT)
def removal(macro_id: int) -> Response:
    with unit_of_work():
        macro = macros.find(signed_in(), macro_id, to_edit=True) or abort(404)
        macros.remove(macro, by=signed_in().as_actor(), now=clock.now())
    flash(_("The macro is thrown away."), "success")
    return redirect(url_for("macros.page"), 303)


def _save(macro: Macro) -> Response | tuple[str, int]:
    staff, form = signed_in(), _form(request.form, macro if macro.id else None)
    if not form.validate():
        return _written(macro if macro.id else None, form), 422
    with unit_of_work():
        form.fill(macro, staff.id)
        macros.save(macro, by=staff.as_actor(), now=clock.now())
    db.session.expire(macro)
    flash(_("The macro is saved."), "success")
    return redirect(url_for("macros.page"), 303)


def _written(macro: Macro | None, form: MacroForm) -> str:
    return render_template("texts/write_macro.html", macro=macro, form=form)


def _form(typed: MultiDict[str, str] | None, macro: Macro | None) -> MacroForm:
    staff, told = signed_in(), language.current()
    departments, administers = desk.department_names(told), may(staff, May.ADMINISTER)
    reach = set(departments) if administers else set(staff.levels)
    return MacroForm(
        typed,
        macro=macro,
        places={code: name for code, name in departments.items() if administers or may_in(staff, code, "lead")},
        texts={str(text.id): text.title(told) for text in standard_texts.editable_list(staff)},
        categories={
            category.code: f"{departments[home.code]}: {category.name(told)}"
            for home in directory.departments()
            if home.code in reach
            for category in home.categories
        },
        departments=departments,
        shares_with_all=administers,
    )


def _may_edit(staff: Staff, macro: Macro) -> bool:
    led = macro.department_code is not None and may_in(staff, macro.department_code, "lead")
    return macro.owner_id == staff.id or may(staff, May.ADMINISTER) or led
