"""The open figures: the page and the files for everyone, and the administrator's choice to have them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug import Response as AnyResponse

from caseflow import clock, language
from caseflow.accounts.permissions import May, public, requires, signed_in
from caseflow.database import unit_of_work
from caseflow.statistics import open_data, open_data_file
from caseflow.statistics.open_data_file import ALL, Line
from caseflow.statistics.suppression import LEAST

blueprint = Blueprint("open_data", __name__)
# Programs on other sites may read what is everybody's.
FOR_ALL = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=3600"}


@blueprint.get("/open-data")
@public
def page() -> str:
    """The newest month as a table, and where the files are."""
    months = _published()
    newest = list(open_data_file.lines(months[-1:], language.current()))
    shown: dict[str, Any] = {"about": open_data_file.about(), "least": LEAST, "months": months, **_table(newest)}
    return render_template("statistics/open_data.html", **shown)


@blueprint.get("/open-data/cases.csv")
@public
def file() -> Response:
    found = open_data_file.lines(_published(), language.current())
    return Response("".join(open_data_file.as_csv(found)), mimetype="text/csv", headers=FOR_ALL)


@blueprint.get("/open-data/cases.json")
@public
def description() -> AnyResponse:
    addresses = {name: url_for(f"open_data.{name}", _external=True) for name in ("page", "file")}
    answer = jsonify(open_data_file.description(_published(), **addresses))
    answer.headers.update(FOR_ALL)
    return answer


@blueprint.get("/staff/open-data")
@requires(May.ADMINISTER)
def choice() -> str:
    shown = {"since": open_data.published_since(), "months": open_data.months(), "about": open_data_file.about()}
    return render_template("statistics/open_data_choice.html", **shown)


@blueprint.post("/staff/open-data")
@requires(May.ADMINISTER)
def open_up() -> AnyResponse:
    with unit_of_work():
        open_data.open_up(by=signed_in().as_actor(), now=clock.now())
    flash(_("The figures are open to everyone. The months that are over come within a minute."), "success")
    return redirect(url_for("open_data.choice"), 303)


@blueprint.post("/staff/open-data/withdrawal")
@requires(May.ADMINISTER)
def close_down() -> AnyResponse:
    with unit_of_work():
        open_data.close_down(by=signed_in().as_actor(), now=clock.now())
    flash(_("The open figures are taken away."), "success")
    return redirect(url_for("open_data.choice"), 303)


def _published() -> Any:
    return open_data.months() if open_data.published_since() else abort(404)


def _table(found: list[Line]) -> dict[str, Any]:
    """The month's rows by department and its kinds, totals last."""
    kinds = {line.kind: line.kind_name for line in found}
    kinds = {
        **{code: name for code, name in kinds.items() if code != ALL},
        **({ALL: kinds[ALL]} if ALL in kinds else {}),
    }
    rows: dict[str, dict[str, int | None]] = {}
    for line in sorted(found, key=lambda one: (one.department == ALL, one.department_name)):
        rows.setdefault(line.department_name, {})[line.kind] = line.received
    return {"kinds": kinds, "rows": rows, "month": found[0].month if found else None}
