"""The resident's forms. What they take in is clean when `validate` says yes; when it says no, nothing typed is lost."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length

from caseflow.cases import contact, typed, words
from caseflow.cases.contact import Unusable
from caseflow.cases.files.resident_files import ResidentFilesField
from caseflow.cases.lifecycle import Errand
from caseflow.intake.came_from import page_address
from caseflow.intake.offer import Choice, Offer

SHORTEST, LONGEST = 3, 20_000
PLACE_LENGTH = 200
# What each way to answer needs, and what else belongs to it. Anything else that was typed is not kept.
NEEDED = {"email": ("email",), "phone": ("phone",), "letter": ("name", "street", "postcode", "town"), "none": ()}
KEPT = {
    "email": ("name", "email"),
    "phone": ("name", "phone", "best_time"),
    "letter": ("name", "care_of", "street", "postcode", "town"),
    "none": (),
}
MISSING = {
    "email": _l("Write your e-mail address, so that we can answer."),
    "phone": _l("Write your phone number, so that we can call you."),
    "name": _l("Write your name, which stands on the envelope."),
    "street": _l("Write your street and number, or your box."),
    "postcode": _l("Write your postcode, for example 612 80."),
    "town": _l("Write the name of your post town, for example Finspång."),
}
WAYS = {**words.CHANNEL, "none": _l("I need no answer")}
_SEAL = uuid.UUID("5b0fe0a4-6d3c-4c39-9b6a-5a0d3f6a7c11")


def new_submission() -> str:
    """A random mark for one filling-in of a form."""
    return uuid.uuid4().hex


def seal(submission: str | None, *content: object) -> str:
    """The key that makes sending the same thing twice one thing: the form's mark and all that was said in it.

    A form without a proper mark gets a random one: two people's equal words must never become one case.
    """
    try:
        mark = uuid.UUID(submission or "").hex
    except ValueError:
        mark = new_submission()
    return uuid.uuid5(_SEAL, json.dumps([mark, *content])).hex


class OneOf:
    """The choice must be one of the field's, in our own words; no choice is the other validators' business."""

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, form: Form, field: SelectField) -> None:
        if field.data and field.data not in {value for value, *_rest in field.iter_choices()}:
            raise ValidationError(self.message)


def must_choose(message: str) -> list[Any]:
    return [InputRequired(message), OneOf(message)]


def way_field() -> RadioField:
    """By which way the answer is wanted."""
    must = must_choose(_l("Choose how you want the answer."))
    return RadioField(_l("I want the answer by"), choices=list(WAYS.items()), validate_choice=False, validators=must)


def contact_fields() -> tuple[Field, ...]:
    """Where somebody is reached: name, email, phone, best_time, care_of, street, postcode, town."""
    return (
        StringField(_l("Name"), filters=[typed.text]),
        EmailField(_l("E-mail address"), filters=[typed.text]),
        TelField(_l("Phone number"), filters=[typed.text]),
        StringField(_l("When is it best to call?"), filters=[typed.text]),
        StringField(_l("c/o"), filters=[typed.text]),
        StringField(_l("Street and number, or box"), filters=[typed.text]),
        StringField(_l("Postcode"), filters=[typed.text]),
        StringField(_l("Post town"), filters=[typed.text]),
    )


def _not_too_long() -> Length:
    return Length(max=LONGEST, message=_l("The text is too long. Shorten it to 20,000 characters."))


def said_field(label: str, missing: str) -> TextAreaField:
    """What somebody says in a case that is there already."""
    checks = [DataRequired(missing), _not_too_long()]
    return TextAreaField(label, filters=[typed.text], validators=checks)


class ErrandForm(Form):
    """The form of the contact page, over what the municipality offers, in a language."""

    kind = RadioField(
        _l("I want to"),
        validate_choice=False,
        validators=must_choose(_l("Choose what you want to do.")),
    )
    department = SelectField(
        _l("Which department is it about?"),
        validate_choice=False,
        validators=[OneOf(_l("Choose a department in the list, or leave it to us."))],
    )
    category = SelectField(
        _l("What is it about?"),
        validate_choice=False,
        validators=[OneOf(_l("Choose again what it is about, or leave it to us."))],
    )
    description = TextAreaField(_l("Describe your errand"), filters=[typed.text])
    place = StringField(_l("Where is it?"), filters=[typed.line])
    files = ResidentFilesField(_l("Photos and files"))
    reply_by = way_field()
    protected = BooleanField(_l("I have protected personal data"))
    name, email, phone, best_time, care_of, street, postcode, town = contact_fields()
    asked = HiddenField()
    told = HiddenField()  # which known faults the page has shown
    came_from = HiddenField(filters=[page_address])
    submission = HiddenField(default=new_submission)

    def __init__(
        self,
        formdata: MultiDict[str, str] | None,
        *,
        offer: Offer,
        language: str,
        chosen: Mapping[str, str] | None = None,
    ) -> None:
        self.offer = offer
        self.contact: dict[str, str] = {}
        self.answers: list[dict[str, Any]] = []
        super().__init__(formdata, data=self._offered(chosen or {}))
        self.kind.choices = _listed(offer.kinds, language)
        unsure = _("I do not know, or something else")
        self.department.choices = [
            ("", _("Choose")),
            *((place.code, unsure if place.triage else place.name(language)) for place in offer.departments),
        ]
        self.category.choices = {"": [("", _("Choose if you like"))]} | {
            place.name(language): _listed(place.categories, language) for place in offer.departments
        }

    def _offered(self, chosen: Mapping[str, str]) -> dict[str, str]:
        """Of what an address asks to have chosen beforehand, that which exists."""
        known = {
            "kind": {kind.code for kind in self.offer.kinds},
            "department": {place.code for place in self.offer.departments},
            "category": {one.code for place in self.offer.departments for one in place.categories},
            "reply_by": set(WAYS),
        }
        offered = {name: chosen[name] for name, codes in known.items() if chosen.get(name) in codes}
        return offered | {"came_from": chosen.get("came_from", "")}

    def validate_reply_by(self, field: Field) -> None:
        if self.protected.data and field.data != "none":
            told = _(
                "Choose that you need no answer: with protected personal data you read it on the page of the case."
            )
            raise ValidationError(told)

    def validate_description(self, field: Field) -> None:
        if len(field.data) < SHORTEST:
            raise ValidationError(_("Describe your errand in a few words."))
        if len(field.data) > LONGEST:
            over = len(field.data) - LONGEST
            raise ValidationError(_("The text is %(num)s characters too long. Shorten it to 20,000.", num=over))

    def validate_place(self, field: Field) -> None:
        if len(field.data) > PLACE_LENGTH:
            raise ValidationError(_("Write at most %(num)s characters here.", num=PLACE_LENGTH))

    def validate_category(self, field: Field) -> None:
        home = self.offer.home_of(field.data or "")
        chosen = next((place for place in self.offer.departments if place.code == self.department.data), None)
        if home and chosen and not chosen.triage and chosen != home:
            raise ValidationError(_("This belongs to another department. Choose again, or leave it to us."))

    @property
    def chosen_category(self) -> Choice | None:
        return self.offer.category(self.category.data or "")

    @property
    def was_asked(self) -> bool:
        """Whether the page has shown what the category says and asks, if it does."""
        category = self.chosen_category
        return not category or not category.has_step or self.asked.data == category.code

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        good = super().validate(extra_validators)
        return self._clean_contact() and good

    def errand(self, language: str) -> Errand:
        """What was asked for, once `validate` has said yes. Who knows the category knows the department."""
        home = self.offer.home_of(self.category.data or "")
        said: dict[str, Any] = {
            "kind": self.kind.data,
            "department": home.code if home else self.department.data or None,
            "category": self.category.data or None,
            "description": self.description.data,
            "reply_by": self.reply_by.data,
            **({"place": self.place.data} if self.place.data else {}),
            **({"answers": self.answers} if self.answers else {}),
            **self.contact,
        }
        enclosed = sorted(upload.sha256 for upload in self.files.data)
        mark = seal(self.submission.data, sorted(said.items()), *([enclosed] if enclosed else []))
        return Errand(
            **said, language=language, submission=mark, came_from=self.came_from.data, protected=self.protected.data
        )

    def _clean_contact(self) -> bool:
        """Put what the chosen channel keeps into `contact`; its complaints stand at their fields."""
        channel = self.reply_by.data
        for name in KEPT.get(channel, ()):
            field = self[name]
            try:
                self.contact |= cleaned(name, field.data, needed=name in NEEDED[channel])
            except Unusable as error:
                field.errors = [str(error)]
        note_remark(self.contact)
        return not any(self[name].errors for name in KEPT.get(channel, ()))


class SayForm(Form):
    """Something to add to a case."""

    text = TextAreaField(_l("Add something"), filters=[typed.text], validators=[_not_too_long()])
    files = ResidentFilesField(_l("Photos and files"))
    submission = HiddenField(default=new_submission)

    def validate_text(self, field: Field) -> None:
        """Files may come without words."""
        if not field.data and not self.files.data and not self.files.process_errors:
            raise ValidationError(_("Write what you want to add."))

    @property
    def said(self) -> str:
        """What a valid form says; of files alone, that they are there."""
        return self.text.data or _("(Only files, no text.)")


class LookupForm(Form):
    """Number and code, to find one's case."""

    number = StringField(
        _l("Case number"),
        filters=[typed.text],
        validators=[DataRequired(_l("Write the case number, for example 2026-10001."))],
    )
    code = StringField(
        _l("Code"),
        filters=[typed.text],
        validators=[DataRequired(_l("Write the code from your receipt or letter: 28 characters."))],
    )


def _listed(choices: Sequence[Choice], language: str) -> list[tuple[str, str]]:
    return [(choice.code, choice.name(language)) for choice in choices]


def cleaned(name: str, said: str, *, needed: bool) -> dict[str, str]:
    """One contact field as the case keeps it; nothing for an empty one that is not needed."""
    if not said.strip():
        if needed:
            raise Unusable(str(MISSING[name]))
        return {}
    if name == "phone":
        number, remark = contact.phone_with_remark(said)
        return {"phone": number, "remark": remark}
    value = _CLEAN.get(name, typed.line)(said)
    if len(value) > contact.LENGTHS.get(name, len(value)):
        raise Unusable(_("Write at most %(num)s characters here.", num=contact.LENGTHS[name]))
    return {name: value} if value else {}


def note_remark(details: dict[str, Any]) -> None:
    """What was written beside the phone number ("after five") belongs to the best time to call."""
    if remark := details.pop("remark", None):
        details["best_time"] = "; ".join(filter(None, (remark, details.get("best_time"))))


_CLEAN: dict[str, Callable[[str], str]] = {
    "email": contact.email,
    "postcode": contact.postcode,
    "care_of": contact.care_of,
}
