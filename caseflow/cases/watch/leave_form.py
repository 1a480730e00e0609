"""The form that writes leave down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, ValidationError
from wtforms.validators import DataRequired

from caseflow.cases.screen.form_parts import DAY_HINT, DayField, choice
from caseflow.cases.watch import leave

FAR = timedelta(days=2 * 366)


class LeaveForm(Form):
    """`people` are who it may be for, by id, the person at the screen first. No last day: nobody knows yet."""

    person = choice(_l("Who"), _l("Choose one of those in the list."))
    first_day = DayField(_l("First day away"), validators=[DataRequired(DAY_HINT)])
    last_day = DayField(_l("Last day away"))

    def __init__(self, formdata: MultiDict[str, str] | None, *, people: Mapping[int, str], today: date) -> None:
        super().__init__(formdata)
        self.people, self.today = list(people), today
        self.person.choices = [(str(key), name) for key, name in people.items()]
        if formdata is None:
            self.person.data = str(self.people[0])

    @property
    def staff_id(self) -> int:
        """Whose leave a valid form is about."""
        return int(self.person.data)

    @property
    def first(self) -> date:
        """The first day of a valid form."""
        assert self.first_day.data is not None
        return self.first_day.data

    def validate_first_day(self, field: Field) -> None:
        if field.data and field.data > self.today + FAR:
            raise ValidationError(_("Choose a day within two years."))

    def validate_last_day(self, field: Field) -> None:
        first = self.first_day.data
        if field.data and first and field.data < first:
            raise ValidationError(_("The last day cannot come before the first."))
        if field.data and field.data < self.today:
            raise ValidationError(_("Choose today or a later day."))
        if first and not self.person.errors and leave.overlaps(self.staff_id, first, field.data):
            raise ValidationError(_("Leave is written down already for some of these days."))
