"""How accessible the pages are, and what becomes of personal data: what the law wants each page to lead to."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from flask import render_template, url_for

from caseflow.accounts.permissions import public
from caseflow.cases.municipality import directory
from caseflow.intake.offer import offer
from caseflow.intake.views.door import blueprint


@blueprint.get("/accessibility")
@public
def accessibility() -> str:
    said = directory.known().accessibility
    days = {name: date.fromisoformat(str(said[name])) for name in ("assessed", "updated") if name in said}
    return render_template(
        "intake/accessibility.html", said=said, days=days, report=_report(str(said.get("category", "")))
    )


@blueprint.get("/privacy")
@public
def privacy() -> str:
    town = directory.known()
    kept = [kind for kind in directory.kinds() if kind.listed and kind.retention]
    return render_template("intake/privacy.html", town=town, said=town.privacy, kept=kept)


def _report(code: str) -> str:
    """The form, with what it is about chosen beforehand where the municipality says what that is."""
    home, category = offer().home_of(code), offer().category(code)
    chosen = {"department": home.code, "category": code, "kind": category.kind} if home and category else {}
    asked = {**chosen, "from": url_for("intake.accessibility", _external=True)}
    return f"{url_for('intake.new')}?{urlencode(asked)}"
