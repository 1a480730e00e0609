"""The figures for other programs: a workbook for Excel, and JSON with every definition beside the numbers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify
from werkzeug import Response as AnyResponse

from caseflow.accounts.permissions import May, requires
from caseflow.cases import spreadsheet
from caseflow.statistics import as_json, export
from caseflow.statistics.views import of_request, to_the_page

blueprint = Blueprint("figures_out", __name__, url_prefix="/staff")


@blueprint.get("/statistics.xlsx")
@requires(May.SEE_STATISTICS)
def workbook() -> AnyResponse:
    asked = of_request()
    if not asked.valid():
        return to_the_page()
    report = asked.counted()
    rows = (export.as_numbers(row) for row in export.rows(report))
    file = spreadsheet.xlsx("caseflow", export.header(), rows, now=asked.now)
    answer = Response(file, mimetype=spreadsheet.FORMS["xlsx"])
    answer.headers.set("Content-Disposition", "attachment", filename=report.file_name("xlsx"))
    return answer


@blueprint.get("/statistics.json")
@requires(May.SEE_STATISTICS)
def data() -> AnyResponse | tuple[AnyResponse, int]:
    """What is wrong with the filter is told by field."""
    asked = of_request()
    if not asked.valid():
        found = asked.form.errors.items()
        wrong: dict[str, Any] = {name: [str(error) for error in errors] for name, errors in found if name}
        return jsonify({"errors": wrong}), 422
    answer = jsonify(as_json.document(asked.counted(), asked.form.address()))
    answer.headers["Cache-Control"] = "no-store"
    return answer
