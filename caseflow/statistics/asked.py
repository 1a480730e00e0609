"""A page of figures as somebody asks for it: the filter, and what is counted once that is found valid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from werkzeug.datastructures import MultiDict

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.deadlines import Calendar
from caseflow.cases.municipality import directory
from caseflow.statistics import figures, opinions, rollup
from caseflow.statistics.forms import FilterForm, Names
from caseflow.statistics.opinions import Opinions
from caseflow.statistics.report import Report, names_for


@dataclass(frozen=True)
class Asked:
    """Who asks, when, and for what."""

    staff: Staff
    form: FilterForm
    names: Names
    calendar: Calendar
    now: datetime

    @property
    def today(self) -> date:
        return clock.today(self.now, self.calendar.zone)

    def valid(self) -> bool:
        """Also asked by the figures themselves: a place is told of only where enough cases came in."""
        form = self.form
        if not form.validate():
            return False
        if form.place.data and not figures.enough_came(self.staff, form.chosen()):
            form.refuse_place()
            return False
        return True

    def said(self) -> Opinions:
        return opinions.read(self.staff, self.form.chosen())

    def counted(self, said: Opinions | None = None) -> Report:
        """What a valid form asks for; `said` is what residents said of it, where that is known already."""
        by = [*figures.USUAL, *filter(None, [self.form.by.data])]
        found = figures.read(self.staff, self.form.chosen(), self.calendar, now=self.now, by=by)
        return Report(found, self.names, self.today, said or self.said(), rollup.counted_until())


def by(staff: Staff, wanted: Mapping[str, str], lang: str, now: datetime) -> Asked:
    """`wanted` holds the filter as an address has it."""
    calendar, names = Calendar.of(directory.known()), names_for(staff, lang)
    form = FilterForm(MultiDict(wanted), clock.today(now, calendar.zone), names)
    return Asked(staff, form, names, calendar, now)
