"""Periods and departments compared: the page, and the same as files and as data. All of it lies in the address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from markupsafe import Markup
from werkzeug import Response as AnyResponse

from caseflow import clock, language, mould
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import words
from caseflow.cases.deadlines import Calendar
from caseflow.cases.municipality import directory
from caseflow.statistics import (
    answers,
    behind,
    comparison,
    comparison_out,
    differences,
    figures,
    opinions,
    rollup,
    wording,
)
from caseflow.statistics.comparison import Comparison
from caseflow.statistics.comparison_forms import ComparisonForm
from caseflow.statistics.comparison_words import summary
from caseflow.statistics.definitions import FIGURES, MIN_N
from caseflow.statistics.figures import Filter
from caseflow.statistics.opinions import Opinions
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

    def said(self) -> list[Opinions]:
        """What residents said in both periods."""
        return [opinions.read(self.staff, chosen) for chosen in self._both()]

    def valid(self) -> bool:
        """A place is told of only where enough cases came in during both periods."""
        if not self.form.validate():
            return False
        if self.form.place.data and not all(figures.enough_came(self.staff, chosen) for chosen in self._both()):
            self.form.refuse_place()
            return False
        return True

    def _both(self) -> list[Filter]:
        chosen = self.form.chosen()
        return [replace(chosen, period=period) for period in (chosen.period, self.form.other_period())]

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
    if not asked.valid():
        return render_template(PAGE, compared=_drawn_only(asked.form)), 422
    return render_template(PAGE, compared=_drawn(asked)), 200


def _drawn_only(form: ComparisonForm) -> Markup:
    return Markup(render_template(DRAWN, form=form))  # noqa: S704  # drawn by a template


def _drawn(asked: _Asked) -> Markup:
    """Kept until something new is counted or said or the day is over, as the page of the statistics."""
    form, (state, as_of) = asked.form, rollup.state()

    def draw(it: mould.Holes) -> str:
        told = {"form": form, "it": it, "compared": asked.compared, "query": urlencode(form.pairs())}
        return render_template(DRAWN, cases_of=behind.addresses(form.both()), **told, **VOCABULARY)

    seen = tuple(form.department.options)
    key = seen, request.query_string, form.today, state, as_of is None, repr(asked.said())
    return _PAGES.filled(key, draw, as_of=words.moment(as_of) if as_of else "")


@blueprint.get("/comparison.csv")
@requires(May.SEE_STATISTICS)
def csv() -> AnyResponse:
    asked = _asked()
    if not asked.valid():
        return to_the_page(PAGE_VIEW)
    return answers.file(comparison_out.csv(asked.compared), "text/csv", asked.file_name("csv"))


@blueprint.get("/comparison.xlsx")
@requires(May.SEE_STATISTICS)
def workbook() -> AnyResponse:
    asked = _asked()
    if not asked.valid():
        return to_the_page(PAGE_VIEW)
    rows = comparison_out.rows(asked.compared)
    return answers.workbook(comparison_out.header(), rows, asked.file_name("xlsx"), asked.now)


@blueprint.get("/comparison.json")
@requires(May.SEE_STATISTICS)
def data() -> AnyResponse | tuple[AnyResponse, int]:
    asked = _asked()
    if not asked.valid():
        return answers.refused(asked.form)
    return answers.data(comparison_out.document(asked.compared, asked.form.pairs()))
