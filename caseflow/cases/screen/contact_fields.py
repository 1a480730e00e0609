"""The contact fields of the staff's forms, and what each reply channel needs of them."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, Field, Form, StringField, TelField, ValidationError
from wtforms.validators import Length

from caseflow.cases import contact, typed
from caseflow.cases.contact import LENGTHS

NEEDED = {
    "email": {"email": _l("Write the e-mail address that the reply goes to.")},
    "phone": {"phone": _l("Write the phone number that we call.")},
    "letter": {
        "name": _l("Write the name for the envelope."),
        "street": _l("Write the street or box address."),
        "postcode": _l("Write the postcode."),
        "town": _l("Write the town."),
    },
    "none": {},
}
TOO_LONG = _l("Write it shorter.")


def _line(said: str | None) -> str | None:
    """What was typed on one line, or nothing."""
    return typed.line(said) or None


def _text(label: str, longest: int, kind: type[StringField] = StringField) -> StringField:
    return kind(label, filters=[_line], validators=[Length(max=longest, message=TOO_LONG)])


class ContactFields(Form):
    """To be mixed into a form; what is typed comes out normalised."""

    name = _text(_l("Name"), LENGTHS["name"])
    email = _text(_l("E-mail"), 254, EmailField)
    phone = _text(_l("Phone"), 40, TelField)
    best_time = _text(_l("Best time to call"), LENGTHS["best_time"])
    care_of = _text(_l("c/o"), LENGTHS["care_of"])
    street = _text(_l("Street or box"), LENGTHS["street"])
    postcode = _text(_l("Postcode"), 20)
    town = _text(_l("Town"), LENGTHS["town"])

    def validate_email(self, field: Field) -> None:
        _normalise(field, contact.email)

    def validate_phone(self, field: Field) -> None:
        """What was written beside the number belongs to the best time to call, as on the resident's form."""
        _normalise(field, self._number)

    def validate_care_of(self, field: Field) -> None:
        _normalise(field, contact.care_of)

    def validate_postcode(self, field: Field) -> None:
        _normalise(field, contact.postcode)

    def _number(self, said: str) -> str:
        number, remark = contact.phone_with_remark(said)
        self.best_time.data = "; ".join(filter(None, (remark, self.best_time.data))) or None
        return number

    def complete_for(self, reply_by: str) -> bool:
        """Whether the channel has what it needs; where it has not, the field says so."""
        missing = {name: said for name, said in NEEDED.get(reply_by, {}).items() if not self[name].data}
        for name, said in missing.items():
            if not self[name].errors:
                self[name].errors = [str(said)]
        return not missing


def _normalise(field: Field, normal: Callable[[str], str]) -> None:
    if field.data:
        try:
            field.data = normal(field.data)
        except contact.Unusable as error:
            raise ValidationError(str(error)) from error
