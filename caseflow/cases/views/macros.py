"""The macros, to read and to put together: one's own, and those of departments that one leads."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response
from werkzeug.datastructures import MultiDict

from caseflow import clock, language
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases.texts import macro_words, shelf
from caseflow.cases.texts.macro_forms import MacroForm
from caseflow.cases.texts.macros import Macro
from caseflow.cases.texts.shelf_form import ShelfForm
from caseflow.cases.texts.standard_texts import StandardText
from caseflow.cases.views.shelf import Answer, Sharing, save
from caseflow.database import unit_of_work

blueprint = Blueprint("macros", __name__, url_prefix="/staff/texts/macros")


@blueprint.get("")
@requires(May.SEE_OWN_ACCOUNT)
def page() -> str:
    staff, names = signed_in(), macro_words.names(language.current())
    found = shelf.all_of(Macro, staff)
    return render_template(
        "texts/macros.html",
        found=found,
        names=names,
        does={macro.id: macro_words.sentences(macro, names) for macro in found},
        mine=lambda macro: shelf.may_edit(macro, staff),
    )


@blueprint.get("/new")
@requires(May.SEE_OWN_ACCOUNT)
def new() -> str:
    return _written(None, _form(None, None))


@blueprint.post("/new")
@requires(May.SEE_OWN_ACCOUNT)
def add() -> Answer:
    return _save(Macro())


@blueprint.get("/<int:macro_id>")
@requires(May.SEE_OWN_ACCOUNT)
def edit(macro_id: int) -> str:
    macro = shelf.find(Macro, signed_in(), macro_id, to_edit=True) or abort(404)
    return _written(macro, _form(None, macro))


@blueprint.post("/<int:macro_id>")
@requires(May.SEE_OWN_ACCOUNT)
def change(macro_id: int) -> Answer:
    return _save(shelf.find(Macro, signed_in(), macro_id, to_edit=True) or abort(404))


@blueprint.post("/<int:macro_id>/removal")
@requires(May.SEE_OWN_ACCOUNT)
def removal(macro_id: int) -> Response:
    with unit_of_work():
        macro = shelf.find(Macro, signed_in(), macro_id, to_edit=True) or abort(404)
        shelf.remove(macro, by=signed_in().as_actor(), now=clock.now())
    flash(_("The macro is thrown away."), "success")
    return redirect(url_for("macros.page"), 303)


def _save(macro: Macro) -> Answer:
    present = macro if macro.id else None
    form = _form(request.form, present)
    page, fill = partial(_written, present), partial(form.fill, macro, signed_in().id)
    return save(macro, form, page, fill, _("The macro is saved."), "macros.page")


def _written(macro: Macro | None, form: ShelfForm) -> str:
    return render_template("texts/write_macro.html", macro=macro, form=form)


def _form(typed: MultiDict[str, str] | None, macro: Macro | None) -> MacroForm:
    staff, told = signed_in(), language.current()
    sharing, texts = Sharing.of(staff), shelf.all_of(StandardText, staff)
    return MacroForm(
        typed,
        macro=macro,
        places=sharing.places,
        texts={str(text.id): text.title(told) for text in texts},
        own_texts={str(text.id) for text in texts if text.owner_id},
        categories=sharing.categories,
        departments=sharing.names,
        shares_with_all=sharing.with_all,
    )
