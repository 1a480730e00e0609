"""What is filled in once for many cases; the form of each one case then has the last word."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, Form, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length

from caseflow.cases import words
from caseflow.cases.form_parts import REASON_LENGTH, TEXT_LENGTH, UNFILLED, choice, reason_field, tidy
from caseflow.cases.models import RESOLUTIONS
from caseflow.cases.queue_choices import Choices

Names = Mapping[str, str]


class Manifold(Form):
    """An act on many cases, with what there is to choose from."""

    def __init__(self, formdata: MultiDict[str, str] | None, choices: Choices, departments: Names) -> None:
        super().__init__(formdata)
        self.offer(choices, departments)

    def offer(self, choices: Choices, departments: Names) -> None:
        """Fill the lists."""

    @property
    def typed(self) -> dict[str, str]:
        """The fields as the form of one case takes them."""
        values = {field.short_name: field.data for field in self}
        return {name: ("y" if value is True else value) for name, value in values.items() if value}


class Assignment(Manifold):
    assignee = choice(_l("Caseworker"), _l("Choose somebody who works in the department."), or_nothing=True)

    def offer(self, choices: Choices, departments: Names) -> None:
        self.assignee.choices = [("", _("Nobody")), *choices.people.items()]


class Transfer(Manifold):
    department = choice(_l("Department"), _l("Choose the department."))
    reason = reason_field(_l("Say why, so that the next department understands."))

    def offer(self, choices: Choices, departments: Names) -> None:
        self.department.choices = [("", _("Choose a department")), *departments.items()]


class Priority(Manifold):
    priority = choice(_l("Priority"), _l("Choose the priority."), choices=list(words.PRIORITY.items()))


class Category(Manifold):
    category = choice(_l("Category"), _l("Choose one of the department's categories."), or_nothing=True)

    def offer(self, choices: Choices, departments: Names) -> None:
        self.category.choices = [("", _("None")), *choices.categories.items()]


class Resumption(Manifold):
    """Nothing to fill in."""


class Closure(Manifold):
    resolution = choice(_l("How it ended"), _l("Choose how the case ended."))
    reason = StringField(
        _l("Reason, which the resident reads"),
        filters=[tidy],
        validators=[Length(max=REASON_LENGTH, message=_l("Write a shorter reason."))],
    )

    def offer(self, choices: Choices, departments: Names) -> None:
        self.resolution.choices = [("", _("Choose")), *((code, words.RESOLUTION[code]) for code in RESOLUTIONS)]

    def validate_reason(self, field: Field) -> None:
        if self.resolution.data != "answered" and not field.data:
            raise ValidationError(_("Say why in words: the resident reads it."))


class Replies(Manifold):
    text = TextAreaField(
        _l("Reply to all of them"),
        filters=[tidy],
        validators=[
            DataRequired(_l("Write something first.")),
            Length(max=TEXT_LENGTH, message=_l("The text is too long: at most 20,000 characters.")),
        ],
    )
    close_after = BooleanField(_l("Close the cases after sending"))

    def validate_text(self, field: Field) -> None:
        left = UNFILLED.search(field.data or "")
        if left:
            raise ValidationError(_("Fill in “%(gap)s” in the text first.", gap=left.group()))


FORMS: dict[str, type[Manifold]] = {
    "assignment": Assignment,
    "transfer": Transfer,
    "priority": Priority,
    "category": Category,
    "resumption": Resumption,
    "closure": Closure,
    "replies": Replies,
}
