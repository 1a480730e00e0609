"""The managers' page, and the same figures as a file."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, redirect, render_template, request, stream_with_context, url_for
from werkzeug import Response as AnyResponse

from caseflow import clock, language
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import directory, words
from caseflow.cases.deadlines import Calendar
from caseflow.statistics import export, figures, opinions, rollup
from caseflow.statistics.definitions import FIGURES, MIN_N, TARGET
from caseflow.statistics.forms import FilterForm
from caseflow.statistics.groups import cells
from caseflow.statistics.report import DIMENSION_NAMES, Report, names_for
from caseflow.statistics.wording import percent_in_words, short_dates

blueprint = Blueprint("statistics", __name__, url_prefix="/staff")

# What the template needs to say besides the report itself.
VOCABULARY = {
    "FIGURES": FIGURES,
    "MIN_N": MIN_N,
    "TARGET": TARGET,
    "DIMENSION_NAMES": DIMENSION_NAMES,
    "cells": cells,
    "percent": percent_in_words,
    "short_dates": short_dates,
    "moment": words.moment,
}


@blueprint.get("/statistics")
@requires(May.SEE_STATISTICS)
def page() -> tuple[str, int]:
    form, count = _ask()
    if not form.validate():
        return render_template("statistics/page.html", form=form, report=None), 422
    return render_template("statistics/page.html", form=form, report=count(), **VOCABULARY), 200


@blueprint.get("/statistics.csv")
@requires(May.SEE_STATISTICS)
def csv() -> AnyResponse:
    form, count = _ask()
    if not form.validate():
        return redirect(f"{url_for('statistics.page')}?{request.query_string.decode()}", 303)
    report = count()
    period = report.figures.period
    response = Response(stream_with_context(export.lines(report)), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"statistics_{period.first}_{period.last}.csv")
    return response


def _ask() -> tuple[FilterForm, Callable[[], Report]]:
    """The filter as it was asked for, and how to count it once it is found valid."""
    staff, now = signed_in(), clock.now()
    calendar = Calendar.of(directory.municipality())
    today = clock.today(now, calendar.zone)
    names = names_for(staff, language.current())
    form = FilterForm(request.args, today, names)
    return form, lambda: Report(
        figures.read(staff, form.chosen(), calendar, now=now),
        names,
        today,
        opinions.read(staff, form.chosen()),
        rollup.counted_until(),
    )
