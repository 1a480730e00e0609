"""How figures leave a page: as a file to keep, or as data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flask import Response, jsonify
from wtforms import Form

from caseflow.cases.files import spreadsheet


def file(content: Any, mimetype: str, name: str) -> Response:
    """To be kept under that name."""
    answer = Response(content, mimetype=mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def workbook(heads: Sequence[str], rows: Iterable[Iterable[spreadsheet.Cell]], name: str, now: datetime) -> Response:
    return file(spreadsheet.xlsx("caseflow", heads, rows, now=now), spreadsheet.FORMS["xlsx"], name)


def data(document: dict[str, Any]) -> Response:
    answer = jsonify(document)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def refused(form: Form) -> tuple[Response, int]:
    """What is wrong with the question, told by field."""
    wrong = {name: [str(error) for error in errors] for name, errors in form.errors.items() if name}
    return jsonify({"errors": wrong}), 422
