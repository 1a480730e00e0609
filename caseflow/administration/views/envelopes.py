"""Window envelopes: which one the letters go in, and the municipality's own measures."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from wtforms.form import BaseForm

from caseflow import clock
from caseflow.accounts.permissions import May, requires
from caseflow.administration.sheets import outgoing
from caseflow.administration.sheets.named import Document
from caseflow.administration.views.parts import Answer, conflict
from caseflow.administration.views.room import actor, blueprint, seen
from caseflow.cases.municipality import changing, directory, exporting, places
from caseflow.cases.municipality.checked_yaml import Unreadable
from caseflow.cases.post import calibrating
from caseflow.database import unit_of_work
from caseflow.language import current
from caseflow.messages.envelopes import PROFILES, Envelope

AT = "envelopes"
Part = dict[str, Any]


@blueprint.get("/envelopes")
@requires(May.ADMINISTER)
def envelopes() -> str:
    return _page()


@blueprint.get("/envelopes/calibration.pdf")
@requires(May.ADMINISTER)
def calibration() -> Answer:
    """The page that shows where the address meets the window; the letters' page has the same for who prints."""
    name, part = _asked()
    if not name:
        return redirect(url_for("administration.envelopes"))
    one = Envelope.from_dict(_measures(name, part))
    pdf = calibrating.page(one, directory.municipality(), current(), now=clock.now())
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": "inline; filename=envelope.pdf"})


@blueprint.post("/envelopes")
@requires(May.ADMINISTER)
def choose_envelope() -> Answer:
    """Letters go in this one from now on."""
    document = exporting.document()
    part = places.part(document, AT)
    name = request.form.get("envelope", "")
    if name not in _known(part):
        return redirect(url_for("administration.envelopes"), 303)
    return _save({**part, "envelope": name}, document)


@blueprint.get("/envelopes/one")
@requires(May.ADMINISTER)
def envelope() -> str:
    """The measures of one; without a name a new one."""
    name, part = _asked()
    return _form(name, part, outgoing.envelope(named=bool(name)).form(None, _measures(name, part)))


@blueprint.post("/envelopes/one")
@requires(May.ADMINISTER)
def measure_envelope() -> Answer:
    name, part = _asked()
    sheet = outgoing.envelope(named=bool(name))
    form = sheet.form(request.form, _measures(name, part))
    if not form.validate():
        return _form(name, part, form), 422
    one = sheet.part(form, _measures(name, part))
    if not name and one["name"] in _known(part):
        form.form_errors.append(_("There is an envelope of this name already."))
        return _form(name, part, form), 422
    others = [other for other in part.get("envelopes", []) if other["name"] != one["name"]]
    new = {**part, "envelopes": [*others, one]}
    if isinstance(new["envelope"], dict) and new["envelope"].get("name") == one["name"]:
        new["envelope"] = one["name"]
    try:
        return _save(new, exporting.document(), refuse=False)
    except Unreadable as error:
        form.form_errors.append(str(error))
        return _form(name, part, form), 422


def _save(new: Part, document: Document, *, refuse: bool = True) -> Answer:
    try:
        with unit_of_work():
            changing.amend(AT, new, seen=seen(), by=actor(), now=clock.now())
    except changing.Changed as error:
        return conflict(AT, error.now, new, document), 409
    except Unreadable as error:
        if not refuse:
            raise
        return _page(str(error)), 422
    flash(_("Saved. It counts from now on."), "success")
    return redirect(url_for("administration.envelopes"), 303)


def _page(problem: str = "") -> str:
    part = places.part(exporting.document(), AT)
    chosen = part["envelope"] if isinstance(part["envelope"], str) else part["envelope"].get("name", "")
    return render_template(
        "administration/envelopes.html",
        known=_known(part),
        chosen=chosen,
        seen=places.fingerprint(part),
        problem=problem,
    )


def _asked() -> tuple[str, Part]:
    part = places.part(exporting.document(), AT)
    name = request.args.get("name", "")
    if name and name not in _known(part):
        abort(404)
    return name, part


def _known(part: Part) -> dict[str, Part]:
    """Envelopes by their names: the standard ones and the municipality's own."""
    own = {str(one["name"]): one for one in part.get("envelopes", [])}
    written_out = part["envelope"] if isinstance(part["envelope"], dict) else {}
    named = {str(written_out["name"]): written_out} if written_out.get("name") else {}
    return {**{name: asdict(one) for name, one in PROFILES.items()}, **own, **named}


def _measures(name: str, part: Part) -> Part:
    return dict(_known(part).get(name) or {**asdict(PROFILES["C5 H2"]), "name": ""})


def _form(name: str, part: Part, form: BaseForm) -> str:
    sheet = outgoing.envelope(named=bool(name))
    version = seen() or places.fingerprint(part)
    return render_template("administration/envelope.html", name=name, sheet=sheet, form=form, seen=version)
