"""What is compared: the filter of the statistics, a second period, and departments to stand side by side."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Field, RadioField, SelectMultipleField, ValidationError
from wtforms.form import BaseForm
from wtforms.validators import AnyOf, InputRequired

from caseflow.statistics.forms import EARLIEST, NARROWS, OWN_DATES, DayField, FilterForm, Names, OnlyWithOwnDates
from caseflow.statistics.periods import Period, between

AGAINST = [("before", _l("The period before")), ("year", _l("The same last year")), (OWN_DATES, _l("Other dates"))]
# Departments stand side by side; the rest narrows both sides.
BOTH_SIDES = [name for name in NARROWS if name != "department"]


class SeveralField(SelectMultipleField):
    """Some of a list, as boxes to tick."""

    def pre_validate(self, form: BaseForm) -> None:
        if not set(self.data or ()) <= {choice[0] for choice in self.iter_choices()}:
            raise ValidationError(_("Choose one of the list."))


class ComparisonForm(FilterForm):
    """Read from the address, as the filter. A department of the filter stands there alone."""

    against = RadioField(_l("Compare with"), choices=AGAINST, default="before", validate_choice=False)
    other_since = DayField(
        _l("From"), [OnlyWithOwnDates("against"), InputRequired(_l("Write the first day, for example 2026-09-01."))]
    )
    other_until = DayField(
        _l("To"), [OnlyWithOwnDates("against"), InputRequired(_l("Write the last day, for example 2026-09-30."))]
    )
    beside = SeveralField(_l("Departments side by side"), validate_choice=False)

    def __init__(self, args: MultiDict[str, str], today: date, names: Names) -> None:
        super().__init__(args, today, names)
        self.beside.choices = list(names["department"].items())
        if self.department.data and not self.beside.data:
            self.beside.data = [self.department.data]
        self.department.data = ""

    def validate_against(self, field: Field) -> None:
        AnyOf([value for value, _text in AGAINST], message=_("Choose one of the list."))(self, field)
        wrong = self.period.errors or self.since.errors or self.until.errors
        if field.data != OWN_DATES and not wrong and self.other_period().overlaps(self.chosen().period):
            raise ValidationError(_("The two periods have days in common. Choose a shorter period, or other dates."))

    def validate_other_since(self, field: Field) -> None:
        self.validate_since(field)

    def validate_other_until(self, field: Field) -> None:
        first, last = self.other_since.data, field.data
        if last and last > self.today:
            raise ValidationError(_("Choose a day up to today."))
        if first and last and first > last:
            raise ValidationError(_("The last day lies before the first. Choose a later one."))
        wrong = self.period.errors or self.since.errors or self.until.errors
        if first and last and not wrong and Period(first, last).overlaps(self.chosen().period):
            # The few days by which two periods differ would tell the few cases of those days.
            raise ValidationError(_("The two periods have days in common. Choose days outside the first period."))

    def other_period(self) -> Period:
        """What a valid form compares with."""
        period, first, last = self.chosen().period, self.other_since.data, self.other_until.data
        if self.against.data == OWN_DATES and first and last:
            return between(max(first, EARLIEST), last)
        return period.year_before() if self.against.data == "year" else period.just_before()

    def departments(self) -> dict[str, str]:
        """Those side by side, in the order of the list."""
        return {code: name for code, name in self.department.options.items() if code in (self.beside.data or ())}

    def both(self) -> dict[str, str]:
        """What narrows both sides and is no period."""
        return {name: self[name].data for name in BOTH_SIDES if self[name].data}

    def pairs(self) -> list[tuple[str, str]]:
        """The whole question as the address has it; a name may stand there several times."""
        alone = {name: value for name, value in self.address().items() if name not in ("department", "by")}
        if self.against.data != "before":
            alone["against"] = self.against.data
        if self.against.data == OWN_DATES:
            alone |= {name: str(self[name].data) for name in ("other_since", "other_until")}
        return [*alone.items(), *(("beside", code) for code in self.departments())]
