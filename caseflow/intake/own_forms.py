"""The forms of the own page: how to be reached, what is not solved, taking back, how it went, the link again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, Form, HiddenField, RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from caseflow.cases import contact, typed, words
from caseflow.cases.contact import Unusable
from caseflow.cases.lifecycle import CONTACT, WISHES
from caseflow.cases.models import Case
from caseflow.cases.survey import MARKS
from caseflow.intake.forms import (
    MISSING,
    NEEDED,
    cleaned,
    contact_fields,
    must_choose,
    new_submission,
    note_remark,
    said_field,
    seal,
    way_field,
)
from caseflow.messages.sms.numbers import textable

REASON_LENGTH = 1_000
_NO_MARK = "0" * 32  # the same content has the same seal
NOTICES = {"none": _l("No, I look here myself"), "email": _l("Yes, by e-mail"), "sms": _l("Yes, by SMS")}
NEWS_NEED = {"email": "email", "sms": "phone"}
MISSING_FOR_NEWS = {
    "email": _l("Write the e-mail address to which we tell you."),
    "phone": _l("Write the mobile number to which we tell you."),
}
MARK_WORDS = {1: _l("Very badly"), 2: _l("Badly"), 3: _l("Neither well nor badly"), 4: _l("Well"), 5: _l("Very well")}


def must_be_textable(number: str) -> None:
    if not textable(number):
        raise Unusable(_("We can only send SMS to a mobile number. Write one, or choose e-mail."))


class ReachForm(Form):
    """How the answer comes, how one is told of news, and the details for both. What stands in it is what is kept."""

    reply_by = way_field()
    notify_by = RadioField(
        _l("Shall we tell you when something happens?"),
        validate_choice=False,
        validators=must_choose(_l("Choose whether we shall tell you.")),
    )
    name, email, phone, best_time, care_of, street, postcode, town = contact_fields()
    shown = HiddenField()  # the seal of what the page was made of

    def __init__(self, formdata: Any, *, case: Case, news: Sequence[str]) -> None:
        self.details: dict[str, str | None] = {}
        held = {name: getattr(case, name) for name in (*CONTACT, *WISHES)}
        self.as_held = seal(_NO_MARK, sorted(held.items()))
        in_words = {
            "phone": words.phone_in_words(case.phone) if case.phone else "",
            "postcode": words.postcode_in_words(case.postcode or ""),
        }
        super().__init__(formdata, data={**held, **in_words, "shown": self.as_held})
        self.notify_by.choices = [(way, NOTICES[way]) for way in news]

    @property
    def overtaken(self) -> bool:
        """Whether somebody has changed the details since the page was shown."""
        return bool(self.shown.data != self.as_held)

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        sound = super().validate(extra_validators)
        wanted = NEWS_NEED.get(self.notify_by.data)
        self.details = {"reply_by": self.reply_by.data, "notify_by": self.notify_by.data}
        for name in CONTACT:
            for_news = name == wanted and name not in NEEDED.get(self.reply_by.data, ())
            self._clean(name, MISSING_FOR_NEWS if for_news else MISSING, needed=for_news or self._needs(name))
        note_remark(self.details)
        if wanted == "phone" and not self.phone.errors:
            try:
                must_be_textable(str(self.details["phone"]))
            except Unusable as error:
                self.phone.errors = [str(error)]
        return sound and not any(self[name].errors for name in CONTACT)

    def _needs(self, name: str) -> bool:
        return name in NEEDED.get(self.reply_by.data, ())

    def _clean(self, name: str, missing: Mapping[str, str], *, needed: bool) -> None:
        """Keep what was typed as the case keeps it; an emptied field is forgotten."""
        field = self[name]
        self.details.setdefault(name, None)
        try:
            if needed and not field.data.strip():
                raise Unusable(str(missing[name]))
            self.details |= cleaned(name, field.data, needed=False)
        except Unusable as error:
            field.errors = [str(error)]


class ObjectionForm(Form):
    """It is not solved, and why."""

    text = said_field(_l("What is not solved?"), _l("Write what is not solved, so that we know what to do."))
    submission = HiddenField(default=new_submission)

    def __init__(self, formdata: Any = None) -> None:
        super().__init__(formdata, prefix="objection-")


class WithdrawalForm(Form):
    """To take the case back; nobody has to say why."""

    reason = TextAreaField(
        _l("Why? (optional)"),
        filters=[typed.text],
        validators=[Length(max=REASON_LENGTH, message=_l("Write at most 1,000 characters."))],
    )


class RatingForm(Form):
    """Two marks. `about` is what the second question asks: see survey.second_of."""

    ease = RadioField(
        _l("How well did it go to reach us and get help?"),
        coerce=int,
        choices=[(mark, MARK_WORDS[mark]) for mark in reversed(MARKS)],
        validate_choice=False,
        validators=[InputRequired(_l("Choose how well it went."))],
    )
    second = RadioField(
        coerce=int,
        choices=[(mark, MARK_WORDS[mark]) for mark in reversed(MARKS)],
        validate_choice=False,
        validators=[InputRequired(_l("Choose one of the answers."))],
    )

    def __init__(self, formdata: Any, *, about: str) -> None:
        super().__init__(formdata, prefix="rating-")
        clarity, treatment = _("How well did you understand our answer?"), _("How well were you treated?")
        self.second.label.text = treatment if about == "treatment" else clarity

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        sound = super().validate(extra_validators)
        for field in (self.ease, self.second):
            if not field.errors and field.data not in MARKS:
                field.errors, sound = [_("Choose one of the answers.")], False
        return sound


class LinkForm(Form):
    """The e-mail address of somebody who has lost the way to the own page."""

    email = EmailField(
        _l("E-mail address"),
        filters=[typed.text],
        validators=[DataRequired(_l("Write the e-mail address that you gave us."))],
    )

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        sound = super().validate(extra_validators)
        if sound:
            try:
                self.email.data = contact.email(str(self.email.data))
            except Unusable as error:
                self.email.errors, sound = [str(error)], False
        return sound
