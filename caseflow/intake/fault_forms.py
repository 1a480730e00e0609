"""Following a known fault: by which way one is told, if by any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, Form, HiddenField, RadioField, TelField

from caseflow.cases import typed
from caseflow.cases.contact import Unusable
from caseflow.intake.forms import cleaned, must_choose, new_submission, seal
from caseflow.intake.own_forms import MISSING_FOR_NEWS, NEWS_NEED, must_be_textable

WAYS = {"email": _l("By e-mail"), "sms": _l("By SMS"), "none": _l("Not at all: I look at a page of my own")}


class FollowForm(Form):
    """`address` is where news go, once `validate` has said yes."""

    way = RadioField(
        _l("How shall we tell you?"),
        validate_choice=False,
        validators=must_choose(_l("Choose how we shall tell you.")),
    )
    email = EmailField(_l("E-mail address"), filters=[typed.text])
    phone = TelField(_l("Mobile number"), filters=[typed.text])
    submission = HiddenField(default=new_submission)

    def __init__(self, formdata: Any, *, ways: Sequence[str]) -> None:
        super().__init__(formdata)
        self.address = ""
        self.way.choices = [(way, WAYS[way]) for way in ways]

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        sound = super().validate(extra_validators)
        name = NEWS_NEED.get(self.way.data or "")
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
        if not self[name].data:
            raise Unusable(str(MISSING_FOR_NEWS[name]))
        found = cleaned(name, self[name].data, needed=True)[name]
        if name == "phone":
            must_be_textable(found)
        return found.lower() if name == "email" else found
