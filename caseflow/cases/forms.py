"""The forms of the staff screens: one for each act on a case. What they take in is clean when `validate` says yes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    Field,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length

from caseflow.cases import announcements, directory, lifecycle, words
from caseflow.cases.models import Case

TEXT_LENGTH = 20_000
REASON_LENGTH = 1_000
# What a standard text leaves for its writer to fill in: {{name}}, __date__ or a line of underscores.
UNFILLED = re.compile(r"\{\{[^{}\n]*\}\}|__[^_\n]+__|_{4,}")
DAY_HINT = _l("Write the date as year, month and day, for example 2026-12-02.")


def tidy(typed: str | None) -> str | None:
    """Text as it is kept: Unix line ends, no NUL (which PostgreSQL refuses), nothing around it."""
    return typed.replace("\r\n", "\n").replace("\x00", "").strip() if typed else typed


class OneOf:
    """The choice must be one of the field's; says so in words instead of WTForms' own."""

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, form: Form, field: SelectField) -> None:
        offered = {str(value) for value, *_label in field.iter_choices()}
        if field.data not in offered:
            raise ValidationError(self.message)


def _choice(label: str, message: str, **extra: Any) -> SelectField:
    return SelectField(label, validators=[OneOf(message)], validate_choice=False, **extra)


def _reason(message: str, label: str = _l("Reason")) -> StringField:
    longest = Length(max=REASON_LENGTH, message=_l("Write a shorter reason."))
    return StringField(label, filters=[tidy], validators=[DataRequired(message), longest])


class ActForm(Form):
    """An act on a case as its page showed it: `version` is the case's when the page was made.

    `verb` and `facts` tell which event the act leaves behind, so that a double click can be recognised.
    """

    title: ClassVar[str] = ""
    verb: ClassVar[str] = ""
    version = HiddenField()

    def __init__(self, formdata: MultiDict[str, str] | None, *, case: Case, today: date) -> None:
        self.case, self.today = case, today
        super().__init__(formdata, version=str(case.version))

    def validate_version(self, field: Field) -> None:
        if self.read_at is None:
            raise ValidationError(_("The page was incomplete. Nothing is saved yet: try again."))

    @property
    def read_at(self) -> int | None:
        """The version of the case that the person has seen; None when the form did not say."""
        typed = str(self.version.data or "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None

    def facts(self) -> Mapping[str, object]:
        """What the act's event will hold in its data."""
        return {}


class TextForm(ActForm):
    """Something to say. `submission` makes saying it twice (a double click) one entry."""

    submission = HiddenField(default=lambda: uuid.uuid4().hex, filters=[lambda typed: typed[:64] if typed else None])
    text = TextAreaField(
        filters=[tidy],
        validators=[
            DataRequired(_l("Write something first.")),
            Length(max=TEXT_LENGTH, message=_l("The text is too long: at most 20,000 characters.")),
        ],
    )


class NoteForm(TextForm):
    title, verb = _l("Write an internal note"), "note"


class QuestionForm(TextForm):
    title, verb = _l("Ask the resident"), "ask"
    channel = RadioField(_l("Send by"), validators=[OneOf(_l("Choose how to send it."))], validate_choice=False)

    def __init__(self, formdata: MultiDict[str, str] | None, *, case: Case, today: date) -> None:
        super().__init__(formdata, case=case, today=today)
        reachable = announcements.reachable_by(case)
        self.channel.choices = [(code, words.CHANNEL_TO_SEND[code]) for code in reachable]
        if formdata is None:
            self.channel.data = case.reply_by if case.reply_by in reachable else reachable[0]

    def validate_text(self, field: Field) -> None:
        left = UNFILLED.search(field.data or "")
        if left:
            raise ValidationError(_("Fill in “%(gap)s” in the text first.", gap=left.group()))


class ReplyForm(QuestionForm):
    title, verb = _l("Reply to the resident"), "reply"
    reason = StringField(
        _l("Why another channel than the one that the resident asked for?"),
        filters=[tidy],
        validators=[Length(max=REASON_LENGTH, message=_l("Write a shorter reason."))],
    )
    close_after = BooleanField(_l("Close the case after sending"), default=True)

    def validate_reason(self, field: Field) -> None:
        if self.channel.data == self.case.reply_by:
            field.data = None
        elif not field.data:
            raise ValidationError(_("Say why the reply goes another way than the resident asked for."))


class AssignmentForm(ActForm):
    title, verb = _l("Assign the case"), "assign"
    assignee = _choice(_l("Caseworker"), _l("Choose somebody who works in the department."))

    def __init__(self, formdata: MultiDict[str, str] | None, *, case: Case, today: date) -> None:
        super().__init__(formdata, case=case, today=today)
        colleagues = directory.colleagues(case.department_code)
        self.assignee.choices = [("", _("Nobody")), *((str(person.id), person.name) for person in colleagues)]
        if formdata is None:
            self.assignee.data = str(case.assignee_id or "")

    @property
    def chosen(self) -> int | None:
        return int(self.assignee.data) if self.assignee.data else None

    def facts(self) -> Mapping[str, object]:
        return {"assignee": self.chosen}


class TransferForm(ActForm):
    title, verb = _l("Move to another department"), "transfer"
    department = _choice(_l("Department"), _l("Choose the department."))
    reason = _reason(_l("Say why, so that the next department understands."))

    def __init__(self, formdata: MultiDict[str, str] | None, *, case: Case, today: date) -> None:
        super().__init__(formdata, case=case, today=today)
        others = [row for row in directory.department_names() if row.code != case.department_code]
        self.department.choices = [(row.code, row.name) for row in others]

    def facts(self) -> Mapping[str, object]:
        return {"department": self.department.data}


class DayField(DateField):
    """A date whose refusal is in the person's language."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(DAY_HINT)) from error


class ParkingForm(ActForm):
    title, verb = _l("Plan for later"), "park"
    until = DayField(_l("Take up again on"), validators=[DataRequired(DAY_HINT)])
    reason = _reason(_l("Say why: the resident reads it."), _l("Reason, which the resident reads"))

    def validate_until(self, field: Field) -> None:
        if field.data <= self.today:
            raise ValidationError(_("Choose a day after today."))

    def facts(self) -> Mapping[str, object]:
        return {"until": self.until.data.isoformat() if self.until.data else None}


class ResumptionForm(ActForm):
    title, verb = _l("Take up again"), "resume"


class ClosureForm(ActForm):
    title, verb = _l("Close the case"), "close"
    resolution = _choice(_l("How it ended"), _l("Choose how the case ended."))
    reason = StringField(
        _l("Reason, which the resident reads"),
        filters=[tidy],
        validators=[Length(max=REASON_LENGTH, message=_l("Write a shorter reason."))],
    )

    def __init__(self, formdata: MultiDict[str, str] | None, *, case: Case, today: date) -> None:
        super().__init__(formdata, case=case, today=today)
        answered = ("answered",) if case.answered_at else ()
        self.resolution.choices = [
            (code, words.RESOLUTION[code]) for code in (*answered, *lifecycle.RESOLUTIONS_WITHOUT_ANSWER)
        ]

    def validate_reason(self, field: Field) -> None:
        if self.resolution.data != "answered" and not field.data:
            raise ValidationError(_("Say why in words: the resident reads it."))

    def facts(self) -> Mapping[str, object]:
        return {"resolution": self.resolution.data}


class ReopeningForm(ActForm):
    title, verb = _l("Open the case again"), "reopen"
    reason = _reason(_l("Say why the case is opened again."))


class RedirectionForm(ActForm):
    """For one message: the same words by another channel."""

    title, verb = _l("Send another way"), "redirect"
    channel = _choice(_l("Send by"), _l("Choose how to send it."))
    reason = _reason(_l("Say why it goes another way."))

    def __init__(self, formdata: MultiDict[str, str] | None, *, case: Case, today: date) -> None:
        super().__init__(formdata, case=case, today=today)
        self.channel.choices = [(code, words.CHANNEL_TO_SEND[code]) for code in announcements.reachable_by(case)]

    def facts(self) -> Mapping[str, object]:
        return {"channel": self.channel.data}


class SettlementForm(ActForm):
    """For one message of which nobody knows whether it went out."""

    title, verb = _l("Say whether it arrived"), "settle"
    arrived = _choice(_l("Did it arrive?"), _l("Say whether it arrived."), choices=[("yes", "yes"), ("no", "no")])


class ResendForm(ActForm):
    title, verb = _l("Send again"), "resend"
