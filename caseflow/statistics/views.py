"""The managers' page, and the same figures as a file."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, redirect, render_template, request, stream_with_context, url_for
from markupsafe import Markup
from werkzeug import Response as AnyResponse

from caseflow import clock, language, mould
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import directory, words
from caseflow.cases.deadlines import Calendar
from caseflow.statistics import behind, board, diagrams, export, figures, opinions, rollup, wording
from caseflow.statistics.definitions import FIGURES, MIN_N, TARGET
from caseflow.statistics.forms import FilterForm
from caseflow.statistics.groups import cells
from caseflow.statistics.report import DIMENSION_NAMES, Report, names_for
from caseflow.statistics.wording import percent_in_words, short_dates

blueprint = Blueprint("statistics", __name__, url_prefix="/staff")

FIGURES_DRAWN = "statistics/_figures.html"

# What the template needs to say besides the report itself.
VOCABULARY = {
    "FIGURES": FIGURES,
    "MIN_N": MIN_N,
    "TARGET": TARGET,
    "DIMENSION_NAMES": DIMENSION_NAMES,
    "cells": cells,
    "percent": percent_in_words,
    "short_dates": short_dates,
    "hours": behind.hours_in_words,
    "STATUS": words.STATUS,
    "CHANNEL": words.CHANNEL,
    "NODES": diagrams.NODES,
    "forecast_chart": diagrams.forecast_chart,
    "weekdays": wording.weekdays,
}


# Whole pages, and a new one whenever something was counted.
_PAGES = mould.Shelf(64)


@blueprint.get("/statistics")
@requires(May.SEE_STATISTICS)
def page() -> tuple[str, int]:
    form, count = _ask()
    if not form.validate():
        return _refused(form)
    return render_template("statistics/page.html", figures=_drawn(form, count)), 200


def _refused(form: FilterForm) -> tuple[str, int]:
    return render_template("statistics/page.html", figures=Markup(render_template(FIGURES_DRAWN, form=form))), 422  # noqa: S704


def _drawn(form: FilterForm, count: Callable[[], Report]) -> Markup:
    """What the same person is told by the same question, until something new is counted or the day is over."""
    staff, (state, as_of) = signed_in(), rollup.state()
    today = clock.today(clock.now(), directory.known().zone)
    said = repr(opinions.read(staff, form.chosen()))
    cases_of = behind.addresses(form.address())

    def draw(it: mould.Holes) -> str:
        return render_template(FIGURES_DRAWN, it=it, form=form, report=count(), cases_of=cases_of, **VOCABULARY)

    key = staff.id, request.query_string, today, state, as_of is None, said
    return _PAGES.filled(key, draw, as_of=words.moment(as_of) if as_of else "")


@blueprint.get("/statistics/cases")
@requires(May.SEE_STATISTICS)
def cases() -> tuple[str, int]:
    """The very cases behind a number."""
    figure, part = request.args.get("figure", "received"), request.args.get("part", "")
    if not behind.known(figure, part):
        abort(404)
    staff, now = signed_in(), clock.now()
    form, _count = _ask()
    if not form.validate():
        return _refused(form)
    calendar = Calendar.of(directory.known())
    page = request.args.get("page", 1, type=int)
    found = behind.find(staff, form.chosen(), calendar, figure, part, page, now=now)
    asked = {**form.address(), "figure": figure, **({"part": part} if part else {})}
    facts = {
        "departments": form.department.options,
        "kinds": form.kind.options,
        "STATUS": words.STATUS,
        "written": words.written,
    }
    return render_template(
        "statistics/cases.html",
        form=form,
        found=found,
        figure=FIGURES[figure],
        part=wording.part_in_words(figure, part),
        asked=asked,
        dates=wording.dates_in_words(form.chosen().period.first, form.chosen().period.last),
        **facts,
    ), 200


@blueprint.get("/statistics/board.pdf")
@requires(May.SEE_STATISTICS)
def board_report() -> AnyResponse:
    """The figures on one printed page, for a meeting of the board."""
    form, count = _ask()
    if not form.validate():
        return redirect(f"{url_for('statistics.page')}?{request.query_string.decode()}", 303)
    report = count()
    page = board.pdf(report, directory.known().name, language.current(), now=clock.now())
    response = Response(page, mimetype="application/pdf")
    name = f"statistics_{report.figures.period.first}_{report.figures.period.last}.pdf"
    response.headers.set("Content-Disposition", "inline", filename=name)
    return response


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
    calendar = Calendar.of(directory.known())
    today = clock.today(now, calendar.zone)
    names = names_for(staff, language.current())
    form = FilterForm(request.args, today, names)
    return form, lambda: Report(
        figures.read(staff, form.chosen(), calendar, now=now, by=[*figures.USUAL, *filter(None, [form.by.data])]),
        names,
        today,
        opinions.read(staff, form.chosen()),
        rollup.counted_until(),
    )
