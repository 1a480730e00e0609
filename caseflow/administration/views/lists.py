"""Lists, and their order: what residents want, departments, categories, mail texts, notes, checklists."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from caseflow import clock
from caseflow.accounts.permissions import May, requires
from caseflow.administration import difference, previews
from caseflow.administration.views.parts import Answer, conflict
from caseflow.administration.views.room import actor, blueprint, seen
from caseflow.cases.municipality import changing, exporting, places
from caseflow.cases.texts import mail_texts
from caseflow.cases.views.templates import TEXT_NAMES
from caseflow.database import unit_of_work


@blueprint.get("/kinds")
@requires(May.ADMINISTER)
def kinds() -> str:
    document = exporting.document()
    return _list(document, "kinds", document["kinds"], "kinds", _("What residents want"))


@blueprint.get("/departments")
@requires(May.ADMINISTER)
def departments() -> str:
    document = exporting.document()
    return _list(document, "departments", document["departments"], "departments", _("Departments and categories"))


@blueprint.get("/departments/<path:code>/categories")
@requires(May.ADMINISTER)
def categories(code: str) -> str:
    document = exporting.document()
    home = next((one for one in document["departments"] if one["code"] == code), None) or abort(404)
    name = _("Categories of %(name)s", name=difference.names(document)[code])
    return _list(document, code, home.get("categories", []), "categories", name, home=code)


@blueprint.post("/order/<path:code>")
@requires(May.ADMINISTER)
def move(code: str) -> Answer:
    """One step up or down."""
    document = exporting.document()
    order = places.part(document, f"order/{code}")
    new = moved(order, request.form.get("code", ""), request.form.get("step", ""))
    try:
        with unit_of_work():
            changing.amend(f"order/{code}", new, seen=seen(), by=actor(), now=clock.now())
    except changing.Changed as error:
        again = moved(error.now, request.form.get("code", ""), request.form.get("step", ""))
        return conflict(f"order/{code}", error.now, again, document), 409
    flash(_("The order is changed."), "success")
    return redirect(_list_page(code), 303)


@blueprint.get("/texts")
@requires(May.ADMINISTER)
def texts() -> str:
    own = places.part(exporting.document(), "texts").get("texts", {})
    return render_template("administration/texts.html", codes=list(mail_texts.TEXTS), names=TEXT_NAMES, own=own)


@blueprint.get("/retention")
@requires(May.ADMINISTER)
def retention() -> str:
    document = exporting.document()
    return render_template("administration/retention.html", document=document, known=difference.names(document))


@blueprint.get("/checklists")
@requires(May.ADMINISTER)
def checklists() -> str:
    document = exporting.document()
    return render_template("administration/checklists.html", document=document, known=difference.names(document))


def moved(order: list[str], code: str, step: str) -> list[str]:
    """The order with one of it moved one step "up" or "down"."""
    if code not in order or step not in ("up", "down"):
        abort(404)
    at = order.index(code)
    to = min(max(at + (-1 if step == "up" else 1), 0), len(order) - 1)
    rest = [one for one in order if one != code]
    return [*rest[:to], code, *rest[to:]]


def _list(document: dict[str, Any], what: str, rows: list[Any], sort: str, name: str, **more: Any) -> str:
    return render_template(
        "administration/list.html",
        title=name,
        what=what,
        sort=sort,
        rows=rows,
        known=difference.names(document),
        seen=places.fingerprint(places.part(document, f"order/{what}")),
        promise=previews.promise,
        **more,
    )


def _list_page(code: str) -> str:
    if code in places.ORDERED:
        return url_for(f"administration.{code}")
    return url_for("administration.categories", code=code)
