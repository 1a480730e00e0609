"""The filter of the statistics: which days, and whose cases. It lies in the address, so that a page can be sent on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import DateField, Field, Form, RadioField, SelectField, StringField, ValidationError
from wtforms.form import BaseForm
from wtforms.validators import AnyOf, InputRequired, StopValidation

from caseflow.statistics import whereabouts
from caseflow.statistics.definitions import MIN_N
from caseflow.statistics.figures import Filter
from caseflow.statistics.periods import DEFAULT, PRESETS, between

# What departments, kinds and channels are called, by dimension and code.
Names = Mapping[str, Mapping[str, str]]

# What can be chosen, and what can be shown besides the tables that are always there.
NARROWS = ("department", "kind", "channel", "category", "source", "answered_by", "language", "place")
MORE = ("category", "source", "answered_by", "language", "place")
DIMENSION_NAMES = {
    "department": _l("Department"),
    "kind": _l("Kind"),
    "channel": _l("Reply wanted"),
    "category": _l("Category"),
    "source": _l("Came in by"),
    "answered_by": _l("First answered by"),
    "language": _l("Language"),
    "place": _l("Place"),
}
OWN_DATES = "dates"
EARLIEST = date(2000, 1, 1)
PERIODS = [
    ("weeks", _l("12 weeks")),
    ("month", _l("This month")),
    ("last-month", _l("Last month")),
    ("quarter", _l("This quarter")),
    ("year", _l("This year")),
    (OWN_DATES, _l("Other dates")),
]


class OnlyWithOwnDates:
    """The two dates count only when they are asked for; what was typed there before does no harm."""

    def __init__(self, asked_by: str = "period") -> None:
        self._asked_by = asked_by

    def __call__(self, form: FilterForm, field: Field) -> None:
        if form[self._asked_by].data != OWN_DATES:
            field.errors = []
            raise StopValidation()


class DayField(DateField):
    """A date as browsers send it; what cannot be read stays in the field."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_("Write the date as year-month-day, for example 2026-09-30.")) from error


class ListedField(SelectField):
    """One of a list, or all."""

    options: Mapping[str, str] = {}

    def offer(self, everything: str, options: Mapping[str, str]) -> None:
        self.choices = [("", everything), *options.items()]
        self.options = options

    def pre_validate(self, form: BaseForm) -> None:
        if self.data and self.data not in self.options:
            raise ValidationError(_("Choose one of the list."))


class FilterForm(Form):
    """Read from the address; `today` is the municipality's day."""

    period = RadioField(_l("Period"), choices=PERIODS, default=DEFAULT, validate_choice=False)
    since = DayField(
        _l("From"), [OnlyWithOwnDates(), InputRequired(_l("Write the first day, for example 2026-09-01."))]
    )
    until = DayField(_l("To"), [OnlyWithOwnDates(), InputRequired(_l("Write the last day, for example 2026-09-30."))])
    department = ListedField(_l("Department"), default="", validate_choice=False)
    kind = ListedField(_l("Kind"), default="", validate_choice=False)
    channel = ListedField(_l("Reply wanted"), default="", validate_choice=False)
    category = ListedField(_l("Category"), default="", validate_choice=False)
    source = ListedField(_l("Came in by"), default="", validate_choice=False)
    answered_by = ListedField(_l("First answered by"), default="", validate_choice=False)
    language = ListedField(_l("Language"), default="", validate_choice=False)
    place = StringField(_l("Place"), filters=[lambda written: whereabouts.code_of(written or "")])
    by = ListedField(_l("Show also by"), default="", validate_choice=False)

    def __init__(self, args: MultiDict[str, str], today: date, names: Names) -> None:
        super().__init__(args)
        self.today = today
        self.department.offer(_("All departments"), names["department"])
        self.kind.offer(_("All kinds"), names["kind"])
        self.channel.offer(_("All channels"), names["channel"])
        self.category.offer(_("All categories"), names["category"])
        self.source.offer(_("All ways in"), names["source"])
        self.answered_by.offer(_("All channels"), names["answered_by"])
        self.language.offer(_("All languages"), names["language"])
        self.by.offer(_("nothing else"), {name: str(DIMENSION_NAMES[name]) for name in MORE})

    def validate_period(self, field: Field) -> None:
        AnyOf([*PRESETS, OWN_DATES], message=_("Choose one of the list."))(self, field)

    def validate_since(self, field: Field) -> None:
        if field.data and field.data < EARLIEST:
            raise ValidationError(_("Choose a day from the year 2000 on."))

    def validate_until(self, field: Field) -> None:
        if field.data and field.data > self.today:
            raise ValidationError(_("Choose a day up to today."))
        if self.since.data and field.data and self.since.data > field.data:
            raise ValidationError(_("The last day lies before the first. Choose a later one."))

    def refuse_place(self) -> None:
        """Of the place that was asked for there are too few cases."""
        said = _("Fewer than %(number)s cases came in from there in the period. Choose a longer one.", number=MIN_N)
        self.place.errors = [said]

    def chosen(self) -> Filter:
        """The filter of a form that has been validated."""
        since, until = self.since.data, self.until.data
        if since and until and self.period.data == OWN_DATES:
            period = between(since, until)
        else:
            period = PRESETS[self.period.data](self.today)
        return Filter(period, **{name: self[name].data or None for name in NARROWS})

    @property
    def asks_more(self) -> bool:
        """Whether anything is chosen of what is folded away."""
        return any(self[name].data for name in (*NARROWS[3:], "by"))

    def picked(self) -> list[str]:
        """The department, kind and channel that were chosen, by name."""
        listed = (getattr(self, name) for name in NARROWS if name != "place")
        found = [field.options[field.data] for field in listed if field.data]
        return [*found, whereabouts.name_of(self.place.data)] if self.place.data else found

    def address(self) -> dict[str, str]:
        """The filter as the address has it, for links that keep it: what differs from the default."""
        dates = ("since", "until") if self.period.data == OWN_DATES else ()
        found = {name: self[name].data for name in ("period", *NARROWS, "by", *dates)}
        return {name: str(value) for name, value in found.items() if value and value != DEFAULT}
