"""The figures for other programs: a workbook for Excel, and JSON with every definition beside the numbers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from werkzeug import Response as AnyResponse

from caseflow import clock
from caseflow.accounts.permissions import May, requires
from caseflow.cases import spreadsheet
from caseflow.statistics import as_json, export
from caseflow.statistics.views import _ask as asked

blueprint = Blueprint("figures_out", __name__, url_prefix="/staff")


@blueprint.get("/statistics.xlsx")
@requires(May.SEE_STATISTICS)
def workbook() -> AnyResponse:
    form, count = asked()
    if not form.validate():
        return redirect(f"{url_for('statistics.page')}?{request.query_string.decode()}", 303)
    report = count()
    period = report.figures.period
    rows = (export.as_numbers(row) for row in export.rows(report))
    file = spreadsheet.xlsx("caseflow", export.header(), rows, now=clock.now())
    answer = Response(file, mimetype=spreadsheet.FORMS["xlsx"])
    answer.headers.set("Content-Disposition", "attachment", filename=f"statistics_{period.first}_{period.last}.xlsx")
    return answer


@blueprint.get("/statistics.json")
@requires(May.SEE_STATISTICS)
def data() -> AnyResponse | tuple[AnyResponse, int]:
    """What is wrong with the filter is told by field."""
    form, count = asked()
    if not form.validate():
        wrong: dict[str, Any] = {name: [str(error) for error in errors] for name, errors in form.errors.items() if name}
        return jsonify({"errors": wrong}), 422
    answer = jsonify(as_json.document(count(), form.address()))
    answer.headers["Cache-Control"] = "no-store"
    return answer
