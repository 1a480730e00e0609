"""Periods and departments compared: the page, and the same as files and as data. All of it lies in the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from markupsafe import Markup
from werkzeug import Response as AnyResponse

from caseflow import clock, language, mould
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import directory, words
from caseflow.cases.deadlines import Calendar
from caseflow.statistics import answers, behind, comparison, comparison_out, differences, rollup, wording
from caseflow.statistics.comparison import Comparison
from caseflow.statistics.comparison_forms import ComparisonForm
from caseflow.statistics.comparison_words import summary
from caseflow.statistics.definitions import FIGURES, MIN_N
from caseflow.statistics.report import names_for
from caseflow.statistics.views import to_the_page

blueprint = Blueprint("comparison", __name__, url_prefix="/staff/statistics")

DRAWN = "statistics/_comparison.html"
PAGE = "statistics/comparison.html"
PAGE_VIEW = "comparison.page"
VOCABULARY = {
    "FIGURES": FIGURES,
    "MIN_N": MIN_N,
    "PARTS": comparison.PARTS,
    "summary": summary,
    "value_in_words": differences.value_in_words,
    "apart": differences.apart,
    "dates_in_words": wording.dates_in_words,
}
_PAGES = mould.Shelf(64)


@dataclass(frozen=True)
class _Asked:
    staff: Staff
    form: ComparisonForm
    calendar: Calendar
    now: datetime

    @cached_property
    def compared(self) -> Comparison:
        form = self.form
        return comparison.read(
            self.staff, form.chosen(), form.other_period(), form.departments(), self.calendar, now=self.now
        )

    def file_name(self, ending: str) -> str:
        return f"comparison_{self.compared.period.first}_{self.compared.against.first}.{ending}"


def _asked() -> _Asked:
    now, staff, calendar = clock.now(), signed_in(), Calendar.of(directory.known())
    today = clock.today(now, calendar.zone)
    return _Asked(staff, ComparisonForm(request.args, today, names_for(staff, language.current())), calendar, now)


@blueprint.get("/comparison")
@requires(May.SEE_STATISTICS)
def page() -> tuple[str, int]:
    asked = _asked()
    if not asked.form.validate():
        return render_template(PAGE, compared=_drawn_only(asked.form)), 422
    return render_template(PAGE, compared=_drawn(asked)), 200


def _drawn_only(form: ComparisonForm) -> Markup:
    return Markup(render_template(DRAWN, form=form))  # noqa: S704  # drawn by a template


def _drawn(asked: _Asked) -> Markup:
    """Kept until something new is counted or said, as the page of the statistics."""
    form, compared = asked.form, asked.compared

    def draw(it: mould.Holes) -> str:
        told = {"form": form, "it": it, "compared": compared, "query": urlencode(form.pairs())}
        return render_template(DRAWN, cases_of=behind.addresses(form.both()), **told, **VOCABULARY)

    key = asked.staff.id, request.query_string, repr(compared.sides), rollup.state()[0]
    return _PAGES.filled(key, draw, as_of=words.moment(compared.as_of) if compared.as_of else "")


@blueprint.get("/comparison.csv")
@requires(May.SEE_STATISTICS)
def csv() -> AnyResponse:
    asked = _asked()
    if not asked.form.validate():
        return to_the_page(PAGE_VIEW)
    return answers.file(comparison_out.csv(asked.compared), "text/csv", asked.file_name("csv"))


@blueprint.get("/comparison.xlsx")
@requires(May.SEE_STATISTICS)
def workbook() -> AnyResponse:
    asked = _asked()
    if not asked.form.validate():
        return to_the_page(PAGE_VIEW)
    rows = comparison_out.rows(asked.compared)
    return answers.workbook(comparison_out.header(), rows, asked.file_name("xlsx"), asked.now)


@blueprint.get("/comparison.json")
@requires(May.SEE_STATISTICS)
def data() -> AnyResponse | tuple[AnyResponse, int]:
    asked = _asked()
    if not asked.form.validate():
        return answers.refused(asked.form)
    return answers.data(comparison_out.document(asked.compared, asked.form.pairs()))
