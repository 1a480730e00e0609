"""A case that staff register for a resident: who came by phone, letter or desk, or wrote an e-mail."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, HiddenField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from caseflow.accounts.models import Staff
from caseflow.cases import lifecycle, questions, typed, words
from caseflow.cases.files.attachment_field import AttachmentsField
from caseflow.cases.models import REPLY_BY, SOURCES, Case, Category
from caseflow.cases.municipality import directory
from caseflow.cases.questions import Question
from caseflow.cases.screen.contact_fields import ContactFields
from caseflow.cases.screen.form_parts import choice, radio, text_field
from caseflow.cases.screen.question_fields import field
from caseflow.database import db
from caseflow.language import LANGUAGES

PLACE_LENGTH = 200


class RegistrationForm(ContactFields):
    """The resident's form with what only staff know: how it came in, and the resident's language."""

    submission = HiddenField(default=lambda: uuid.uuid4().hex, validators=[DataRequired(), Length(max=64)])
    source = radio(_l("How did it come in?"), _l("Choose how it came in."))
    language = choice(_l("Language of the resident"), _l("Choose a language."), choices=list(LANGUAGES.items()))
    kind = choice(_l("The resident wants to"), _l("Choose what the resident wants."))
    department = choice(_l("Department"), _l("Choose a department, or that you do not know."))
    category = choice(_l("Category, if you know it"), _l("Choose a category of the list."), or_nothing=True)
    description = text_field(_l("What the resident says"), empty=_l("Write what the resident wants."))
    place = StringField(_l("Where is it?"), filters=[typed.text], validators=[Length(max=PLACE_LENGTH)])
    reply_by = radio(_l("The resident wants the reply by"), _l("Choose how the reply goes."))
    protected = BooleanField(_l("The resident has protected personal data"))
    files = AttachmentsField(_l("Attach files"))
    asked = HiddenField()
    questions: tuple[Question, ...] = ()

    @classmethod
    def of(cls, formdata: MultiDict[str, Any] | None, *, spoken: str) -> RegistrationForm:
        """With a field for each question that the chosen category asks."""
        code = str(formdata.get("category") or "") if formdata else ""
        rows = db.session.scalar(sa.select(Category.questions).where(Category.code == code.replace("\x00", "")))
        asks = questions.of(rows or ())
        fields = {f"q_{one.code}": field(one, spoken, typed.line, needed=False) for one in asks}
        made: type[RegistrationForm] = type("AskingRegistration", (cls,), {**fields, "questions": asks})
        return made(formdata, spoken=spoken)

    def __init__(self, formdata: MultiDict[str, Any] | None, *, spoken: str) -> None:
        self.answers: list[dict[str, Any]] = []
        super().__init__(formdata, language=spoken)
        self.source.choices = [(code, words.SOURCE[code]) for code in SOURCES if code != "web"]
        self.reply_by.choices = [(code, words.CHANNEL[code]) for code in REPLY_BY]
        self.kind.choices = [("", _("Choose")), *((row.code, row.name(spoken)) for row in directory.kinds())]
        places = directory.offered()
        self.may_ask = any(one.questions for place in places for one in place.offered)
        unsure = _("I do not know, or something else")
        self.department.choices = [
            ("", _("Choose")),
            *((row.code, unsure if row.triage else row.name(spoken)) for row in places),
        ]
        self.category.choices = {
            "": [("", _("No category"))],
            **{row.name(spoken): [(one.code, one.name(spoken)) for one in row.offered] for row in places},
        }

    @property
    def was_asked(self) -> bool:
        """Whether the page has shown the questions of the chosen category, if it has any."""
        return not self.questions or self.asked.data == self.category.data

    def validate_protected(self, field: Field) -> None:
        if field.data and (self.reply_by.data != "none" or any(self[name].data for name in lifecycle.CONTACT)):
            raise ValidationError(_("Then nothing is kept: empty the contact details and choose that no reply goes."))

    def validate(self, extra_validators: Any = None) -> bool:
        sound = super().validate(extra_validators)
        return self.complete_for(self.reply_by.data or "") and sound

    def errand(self) -> lifecycle.Errand:
        reached = {name: self[name].data for name in lifecycle.CONTACT}
        said = ("kind", "description", "place", "language", "reply_by", "submission", "department", "source")
        return lifecycle.Errand(
            **{name: self[name].data for name in said},
            category=self.category.data or None,
            answers=self.answers,
            protected=self.protected.data,
            **reached,
        )


def registered(staff: Staff, number: str, since: datetime) -> Case | None:
    """The case that this person has registered since then, wherever it went: for the number and code alone."""
    return db.session.scalar(
        sa.select(Case).where(Case.number == number, Case.registered_by == staff.id, Case.received_at >= since)
    )
