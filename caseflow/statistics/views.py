"""The managers' page, and the same figures as a file."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, request, stream_with_context, url_for
from markupsafe import Markup
from werkzeug import Response as AnyResponse

from caseflow import clock, language, mould
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import words
from caseflow.cases.municipality import directory
from caseflow.statistics import answers, behind, board, diagrams, export, rollup, wording
from caseflow.statistics.asked import Asked
from caseflow.statistics.asked import by as asked_for
from caseflow.statistics.definitions import FIGURES, MIN_N, TARGET
from caseflow.statistics.forms import FilterForm
from caseflow.statistics.groups import cells
from caseflow.statistics.report import DIMENSION_NAMES
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
    asked = of_request()
    if not asked.valid():
        return _refused(asked.form)
    return render_template("statistics/page.html", figures=_drawn(asked)), 200


def _refused(form: FilterForm) -> tuple[str, int]:
    return render_template("statistics/page.html", figures=Markup(render_template(FIGURES_DRAWN, form=form))), 422  # noqa: S704


def _drawn(asked: Asked) -> Markup:
    """What all who see the same departments are told by the same question, until something new is counted or the day is
    over."""
    (state, as_of), said = rollup.state(), asked.said()

    def draw(it: mould.Holes) -> str:
        told = {"form": asked.form, "report": asked.counted(said), "cases_of": behind.addresses(asked.form.address())}
        return render_template(FIGURES_DRAWN, it=it, **told, **VOCABULARY)

    key = tuple(asked.names["department"]), request.query_string, asked.today, state, as_of is None, repr(said)
    return _PAGES.filled(key, draw, as_of=words.moment(as_of) if as_of else "")


@blueprint.get("/statistics/cases")
@requires(May.SEE_STATISTICS)
def cases() -> tuple[str, int]:
    """The very cases behind a number."""
    figure, part = request.args.get("figure", "received"), request.args.get("part", "")
    if not behind.known(figure, part):
        abort(404)
    asked = of_request()
    form, page = asked.form, request.args.get("page", 1, type=int)
    if not asked.valid():
        return _refused(form)
    found = behind.find(asked.staff, form.chosen(), asked.calendar, figure, part, page, now=asked.now)
    facts = {
        "departments": form.department.options,
        "kinds": form.kind.options,
        "STATUS": words.STATUS,
        "written": words.written,
        "narrower": {code: wording.part_in_words(figure, code) for code, number in found.parts.items() if number},
    }
    return render_template(
        "statistics/cases.html",
        form=form,
        found=found,
        figure=FIGURES[figure],
        part=wording.part_in_words(figure, part),
        asked={**form.address(), "figure": figure, **({"part": part} if part else {})},
        dates=wording.dates_in_words(form.chosen().period.first, form.chosen().period.last),
        **facts,
    ), 200


@blueprint.get("/statistics/board.pdf")
@requires(May.SEE_STATISTICS)
def board_report() -> AnyResponse:
    """The figures on one printed page, for a meeting of the board."""
    asked = of_request()
    if not asked.valid():
        return to_the_page()
    report = asked.counted()
    page = board.pdf(report, directory.known().name, language.current(), now=asked.now)
    response = Response(page, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=report.file_name("pdf"))
    return response


@blueprint.get("/statistics.csv")
@requires(May.SEE_STATISTICS)
def csv() -> AnyResponse:
    asked = of_request()
    if not asked.valid():
        return to_the_page()
    report = asked.counted()
    return answers.file(stream_with_context(export.lines(report)), "text/csv", report.file_name("csv"))


def of_request() -> Asked:
    """What the address asks for."""
    return asked_for(signed_in(), request.args, language.current(), clock.now())


def to_the_page(page: str = "statistics.page") -> AnyResponse:
    """Where a filter that is not valid is told what is wrong."""
    return redirect(f"{url_for(page)}?{request.query_string.decode()}", 303)
