"""The form that plans a case: one press for the usual days, or any day ahead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, RadioField, ValidationError

from caseflow.cases import words
from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import Case
from caseflow.cases.municipality import directory
from caseflow.cases.screen.desk import Desk
from caseflow.cases.screen.form_parts import DAY_HINT, ActForm, DayField, reason_field
from caseflow.workdays import add_working_days


def presets(today: date, calendar: Calendar) -> dict[str, date]:
    """The usual days by what they are called. One that is free gives way to the next working day: who would look?"""
    tomorrow, first_of_next_month = (
        today + timedelta(days=1),
        (today.replace(day=1) + timedelta(days=32)).replace(day=1),
    )
    days = {
        _("Tomorrow") if calendar.is_working_day(tomorrow) else _("Next working day"): tomorrow,
        _("In a week"): today + timedelta(days=7),
        _("First of next month"): first_of_next_month,
    }
    return {name: add_working_days(day, 0, calendar.is_working_day) for name, day in days.items()}


class ParkingFields(Form):
    """A day that was typed counts before one that was picked."""

    preset = RadioField(_l("Take up again"), validate_choice=False)
    until = DayField(_l("Or on another day"))
    reason = reason_field(_l("Say why: the resident reads it."), _l("Reason, which the resident reads"))
    today: date

    def offer_days(self, today: date) -> None:
        self.today = today
        usual = presets(today, Calendar.of(directory.municipality()))
        self.preset.choices = [(day.isoformat(), f"{name}: {words.long_date(day)}") for name, day in usual.items()]

    @property
    def chosen(self) -> date | None:
        """What is typed or else picked. The value of a preset is its day, so that it stays what the person saw."""
        if self.until.raw_data and self.until.raw_data[0]:
            return self.until.data
        try:
            return date.fromisoformat(self.preset.data or "")
        except ValueError:
            return None

    @property
    def day(self) -> date:
        """The day of a valid form."""
        assert self.chosen is not None
        return self.chosen

    def validate_until(self, field: Field) -> None:
        if self.chosen is None:
            raise ValidationError(DAY_HINT)
        if self.chosen <= self.today:
            raise ValidationError(_("Choose a day after today."))


class ParkingForm(ActForm, ParkingFields):
    title, verb = _l("Plan for later"), "park"

    def __init__(self, formdata: MultiDict[str, str] | None, *, case: Case, desk: Desk) -> None:
        super().__init__(formdata, case=case, desk=desk)
        self.offer_days(desk.today)

    def facts(self) -> Mapping[str, object]:
        return {"until": self.chosen.isoformat() if self.chosen else None}
