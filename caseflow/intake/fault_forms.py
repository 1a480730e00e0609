"""Following a known fault: by which way one is told, if by any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, Form, HiddenField, RadioField, TelField

from caseflow.cases.contact import Unusable
from caseflow.intake import contact
from caseflow.intake.forms import cleaned, must_choose, new_submission, seal
from caseflow.messages.sms.numbers import textable

WAYS = {"email": _l("By e-mail"), "sms": _l("By SMS"), "none": _l("Not at all: I look at a page of my own")}
NEEDED = {"email": "email", "sms": "phone"}
MISSING = {
    "email": _l("Write the e-mail address to which we tell you."),
    "phone": _l("Write the mobile number to which we tell you."),
}


class FollowForm(Form):
    """`address` is where news go, once `validate` has said yes."""

    way = RadioField(
        _l("How shall we tell you?"),
        validate_choice=False,
        validators=must_choose(_l("Choose how we shall tell you.")),
    )
    email = EmailField(_l("E-mail address"), filters=[contact.text])
    phone = TelField(_l("Mobile number"), filters=[contact.text])
    submission = HiddenField(default=new_submission)

    def __init__(self, formdata: Any, *, ways: Sequence[str]) -> None:
        super().__init__(formdata)
        self.address = ""
        self.way.choices = [(way, WAYS[way]) for way in ways]

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        sound = super().validate(extra_validators)
        name = NEEDED.get(self.way.data or "")
        if name is None:
            self.address = seal(self.submission.data)
            return sound
        try:
            self.address = self._clean(name)
        except Unusable as error:
            self[name].errors = [str(error)]
            return False
        return sound

    def _clean(self, name: str) -> str:
        typed = self[name].data or ""
        if not typed.strip():
            raise Unusable(str(MISSING[name]))
        found = cleaned(name, typed, needed=True)[name]
        if name == "phone" and not textable(found):
            raise Unusable(_("We can only send SMS to a mobile number. Write one, or choose e-mail."))
        return found.lower() if name == "email" else found
