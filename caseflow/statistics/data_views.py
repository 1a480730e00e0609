"""The figures for other programs: a workbook for Excel, and JSON with every definition beside the numbers."""

from __future__ import annotations

from flask import Blueprint
from werkzeug import Response as AnyResponse

from caseflow.accounts.permissions import May, requires
from caseflow.statistics import answers, as_json, export
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
    return answers.workbook(export.header(), rows, report.file_name("xlsx"), asked.now)


@blueprint.get("/statistics.json")
@requires(May.SEE_STATISTICS)
def data() -> AnyResponse | tuple[AnyResponse, int]:
    asked = of_request()
    if not asked.valid():
        return answers.refused(asked.form)
    return answers.data(as_json.document(asked.counted(), asked.form.address()))
