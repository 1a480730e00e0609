"""Routing rules: worked on as a draft, tried out, and put in force as a whole."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from wtforms.form import BaseForm

from caseflow import clock
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.administration import difference, draft, history, trial
from caseflow.administration.draft import Rules
from caseflow.administration.sheets import sorting
from caseflow.administration.sheets.named import Document, category_names, names, offered
from caseflow.administration.sheets.sheet import Sheet
from caseflow.administration.views.lists import moved
from caseflow.administration.views.parts import Answer
from caseflow.administration.views.room import actor, blueprint, seen, typed
from caseflow.cases import routing
from caseflow.cases.municipality import changing, exporting, places
from caseflow.cases.municipality.checked_yaml import Unreadable
from caseflow.database import unit_of_work

NEW = {"to": "", "reason": {}}


@blueprint.get("/rules")
@requires(May.ADMINISTER)
def rules() -> str:
    return _page()


@blueprint.get("/rules/one")
@requires(May.ADMINISTER)
def rule() -> str:
    """One rule's form; without a place a new one's."""
    found, version = draft.rules()
    place = _place(found)
    sheet = sorting.rule(exporting.document())
    return _form(sheet, sheet.form(None, found[place - 1] if place else NEW), place, version)


@blueprint.post("/rules/one")
@requires(May.ADMINISTER)
def save_rule() -> Answer:
    found, version = draft.rules()
    place, sheet = _place(found), sorting.rule(exporting.document())
    form = sheet.form(request.form, NEW)
    if not form.validate():
        return _form(sheet, form, place, _version()), 422
    new = sheet.part(form, {})
    try:
        answer = _edit(lambda rules: [*rules[: place - 1], new, *rules[place:]] if place else [*rules, new])
    except draft.Overtaken:
        now = found[place - 1] if place else None
        return _overtaken(now, new, version), 409
    except Unreadable as error:
        form.form_errors.append(str(error))
        return _form(sheet, form, place, _version()), 422
    flash(_("The rule is in the draft. Nothing is routed by it before you publish."), "success")
    return answer


@blueprint.post("/rules/step")
@requires(May.ADMINISTER)
def step() -> Answer:
    """One step up or down, or out."""
    found, _version = draft.rules()
    place, act = _place(found), request.form.get("step", "")
    if not place:
        return redirect(url_for("administration.rules"), 303)
    order = list(map(str, range(len(found))))
    if act == "out":
        order.remove(str(place - 1))
    else:
        order = moved(order, str(place - 1), act)
    try:
        return _edit(lambda rules: [rules[int(one)] for one in order])
    except draft.Overtaken:
        return _page(_("Somebody has worked on the draft meanwhile. This is how it is now.")), 409
    except Unreadable as error:
        return _page(str(error)), 422


@blueprint.route("/rules/test", methods=["GET", "POST"])
@requires(May.ADMINISTER)
def test_rules() -> str:
    """Where a text would go by the draft, and why."""
    document = exporting.document()
    found, version = draft.rules()
    given = {
        name: request.form.get(name, "").replace("\x00", "") for name in ("kind", "department", "category", "text")
    }
    steps, way = None, None
    if request.method == "GET":
        given["department"] = routing.triage_department()  # most rules are for who chose none
    if request.method == "POST" and _known(given, document):
        errand = trial.Errand(given["kind"], given["department"], given["category"] or None, given["text"])
        steps, way = trial.explain(found, document, errand)
    return render_template(
        "administration/rule_test.html",
        given=given,
        steps=steps,
        way=way,
        known=difference.names(document),
        kinds=names(document, "kinds"),
        departments=offered(document),
        categories=category_names(document),
        is_draft=version != draft.NONE,
    )


@blueprint.get("/rules/dry-run")
@requires(May.ADMINISTER)
def dry_run() -> str:
    """What the draft would have done with the last month's cases."""
    document = exporting.document()
    found, version = draft.rules()
    run = trial.dry_run(found, document, signed_in(), now=clock.now())
    known = difference.names(document)
    return render_template("administration/dry_run.html", run=run, known=known, is_draft=version != draft.NONE)


@blueprint.post("/rules/publication")
@requires(May.ADMINISTER)
def publish() -> Answer:
    try:
        with unit_of_work():
            changed = draft.publish(version=_version(), by=actor(), now=clock.now(), anyway=request.form.get("anyway"))
    except draft.Overtaken:
        return _page(_("Somebody has worked on the draft meanwhile. This is how it is now.")), 409
    except changing.Changed as error:
        return _page(
            _(
                "The rules in force have changed since the draft was begun."
                " See the differences below, then publish again."
            ),
            places.fingerprint(error.now),
        ), 409
    except Unreadable as error:
        return _page(str(error)), 422
    flash(_("The rules are published. They count from now on.") if changed else _("Nothing was different."), "success")
    return redirect(url_for("administration.rules"), 303)


@blueprint.post("/rules/discard")
@requires(May.ADMINISTER)
def discard() -> Answer:
    try:
        with unit_of_work():
            draft.discard(version=_version())
    except draft.Overtaken:
        return _page(_("Somebody has worked on the draft meanwhile. This is how it is now.")), 409
    flash(_("The draft is thrown away."), "success")
    return redirect(url_for("administration.rules"), 303)


def _edit(change: Callable[[Rules], Rules]) -> Answer:
    with unit_of_work():
        draft.edit(change, version=_version(), by=actor(), now=clock.now())
    return redirect(url_for("administration.rules"), 303)


def _page(problem: str = "", anyway: str = "") -> str:
    document = exporting.document()
    known, in_force = difference.names(document), places.part(document, "rules")
    found, version = draft.rules()
    former = next(iter(history.changes("rules", most=1)), None)
    return render_template(
        "administration/rules.html",
        rules=[(one, difference.rule(one, known)) for one in found],
        draft=draft.current(),
        version=version,
        changes=difference.lines(in_force, found, known),
        former=former,
        in_force=places.fingerprint(in_force),
        problem=problem,
        anyway=anyway,
    )


def _form(sheet: Sheet, form: BaseForm, place: int, version: int) -> str:
    return render_template("administration/rule.html", sheet=sheet, form=form, place=place, version=version)


def _overtaken(now: object, yours: object, version: int) -> str:
    known = difference.names(exporting.document())
    lines = difference.lines([now] if now else [], [yours], known)
    return render_template(
        "administration/conflict.html",
        title=_("Routing rules"),
        lines=lines,
        latest=None,
        typed=typed("version"),
        seen=seen(),
        version=version,
    )


def _place(found: Rules) -> int:
    """The number of the rule that is meant, from 1; 0 for none."""
    given = request.values.get("place", "")
    place = int(given) if given.isascii() and given.isdigit() and len(given) < 5 else 0
    return place if place <= len(found) else abort(404)


def _version() -> int:
    given = request.form.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else -1


def _known(given: dict[str, str], document: Document) -> bool:
    """Whether the choices are of this municipality."""
    choices = {
        "kind": dict(names(document, "kinds")),
        "department": dict(offered(document)),
        "category": {"": "", **dict(category_names(document))},
    }
    return all(given[name] in listed for name, listed in choices.items())
