"""The sign-in form, and the form for a new password."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, after_this_request, current_app, request
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_security import LoginForm, verify_password
from werkzeug.datastructures import MultiDict
from wtforms import EmailField, Form, PasswordField, StringField, ValidationError
from wtforms.validators import EqualTo, InputRequired, Length

from caseflow import clock
from caseflow.accounts import attempts, factors, passwords
from caseflow.accounts.models import Staff
from caseflow.database import unit_of_work


def _without_margins(typed: str | None) -> str | None:
    """Telephones put a space after a completed word. JSON may bring something else than text, refused later."""
    return typed.strip() if isinstance(typed, str) else typed


def _sayable(typed: str | None) -> str | None:
    """JSON may bring half a sign, which no hash takes."""
    return typed.encode("utf-8", "replace").decode() if isinstance(typed, str) else typed


def _message(name: str) -> str:
    return str(current_app.config[f"SECURITY_MSG_{name}"][0])


class MustWait(Exception):
    """Too many attempts have failed; `minutes` until the next is looked at."""

    def __init__(self, minutes: int) -> None:
        super().__init__(minutes)
        self.minutes = minutes


def _tried(email: str, is_right: Callable[[Staff | None], bool], step: str = "password") -> bool:
    """Whether a password or a code is right, counted by account and place. Raises MustWait before it is looked at."""
    now = clock.now()
    with unit_of_work():
        attempt = attempts.begin(email, request.remote_addr, now, step=step)
        right = not attempt.wait and is_right(attempt.staff)
        if right:
            attempts.succeeded(attempt)
        elif not attempt.wait:
            attempts.failed(attempt, now)
    if attempt.wait:
        raise MustWait(attempt.wait)
    return right


def _wait(minutes: int) -> str:
    """What to say to who must wait; machines are told too."""

    @after_this_request
    def too_many(response: Response) -> Response:
        response.status_code = 429
        response.headers["Retry-After"] = str(minutes * 60)
        return response

    return told_to_wait(minutes)


def told_to_wait(minutes: int) -> str:
    return ngettext(
        "Too many attempts have failed. Try again in %(num)d minute.",
        "Too many attempts have failed. Try again in %(num)d minutes.",
        minutes,
    )


class SignInForm(LoginForm):
    """Flask-Security's form in our words; a demo account is refused outside demo mode as if it did not exist."""

    email = EmailField(_l("E-mail"), validators=LoginForm.email.kwargs["validators"], filters=[_without_margins])
    password = PasswordField(_l("Password"), validators=LoginForm.password.kwargs["validators"], filters=[_sayable])

    def validate(self, **kwargs: object) -> bool:
        # Said for the whole form, because the library puts its one general answer in place of what a field says.
        missing = {"EMAIL_NOT_PROVIDED": self.email.data, "PASSWORD_NOT_PROVIDED": self.password.data}
        self.form_errors = [_message(name) for name, given in missing.items() if not given]
        if self.form_errors:
            return False
        try:
            return _tried(str(self.email.data), lambda staff: self._right(staff, **kwargs))
        except MustWait as error:
            self.form_errors = [_wait(error.minutes)]
            return False

    def _right(self, staff: Staff | None, **kwargs: object) -> bool:
        # The library then looks nobody up: whose attempts are counted is whose password it reads.
        self.user, self.ifield = staff, self.email
        if not super().validate(**kwargs):
            return False
        if staff is not None and staff.demo and not current_app.config["DEMO"]:
            self.password.errors = [_message("GENERIC_AUTHN_FAILED")]
            return False
        return True


class OfStaff(Form):
    """A form about one account."""

    def __init__(self, formdata: MultiDict[str, str] | None = None, *, staff: Staff) -> None:
        super().__init__(formdata)
        self.staff = staff


class ChosenPasswordForm(OfStaff):
    """A password and the same once more."""

    new = PasswordField(_l("New password"), [InputRequired(_l("Write a new password."))])
    again = PasswordField(_l("New password once more"), [EqualTo("new", _l("The two new passwords differ."))])

    def validate_new(self, field: PasswordField) -> None:
        if why := passwords.objection(passwords.normalised(field.data or ""), self.staff.email, self.staff.name):
            raise ValidationError(why)


class ForgottenForm(Form):
    """Whose password is forgotten. Asking is counted, whoever is asked about: see throttle.py."""

    http_status = 422
    email = EmailField(
        _l("E-mail"), [InputRequired(_l("Write your e-mail address."))], filters=[_without_margins, _sayable]
    )

    def validate_email(self, field: EmailField) -> None:
        if attempts.normalised(field.data or "") is None:
            raise ValidationError(_l("Write the whole e-mail address, for example name@example.org."))

    def may_ask(self) -> bool:
        now = clock.now()
        with unit_of_work():
            minutes = attempts.ask(self.email.data or "", request.remote_addr, now)
        if minutes:
            self.http_status, self.email.errors = 429, [_wait(minutes)]
        return not minutes


class ProofForm(OfStaff):
    """The present password, because a browser that was left open must not be enough."""

    current = PasswordField(_l("Present password"), [InputRequired(_l("Write your present password."))])

    def proves(self) -> bool:
        """Whether the present password is right; tried only when all else is well, and counted like a sign-in."""
        typed = passwords.normalised(self.current.data or "")
        try:
            if not _tried(self.staff.email, lambda _staff: verify_password(typed, self.staff.password)):
                self.current.errors = [_l("That is not your present password.")]
        except MustWait as error:
            self.current.errors = [_wait(error.minutes)]
        return not self.current.errors


class NewPasswordForm(ProofForm, ChosenPasswordForm):
    """A new password for who knows the present one."""

    current = PasswordField(
        _l("Present password"), [InputRequired(_l("Write your present password."))], id="present_password"
    )


class CodeForm(OfStaff):
    """The second step: a code of the app, or a recovery code."""

    http_status = 422
    code = StringField(_l("Code"), [InputRequired(_l("Write the code."))], filters=[_sayable])

    def proves(self) -> bool:
        typed, now = self.code.data or "", clock.now()
        try:
            if not _tried(self.staff.email, lambda _staff: factors.proves(self.staff, typed, now), step="code"):
                self.code.errors = [_l("The code is wrong, or has been used already.")]
        except MustWait as error:
            self.http_status, self.code.errors = 429, [_wait(error.minutes)]
        return not self.code.errors


class AppForm(Form):
    """The first code of a new authenticator app."""

    code = StringField(_l("The code that the app shows"), [InputRequired(_l("Write the code."))], filters=[_sayable])


class PasskeyForm(Form):
    """What a new passkey is called."""

    name = StringField(
        _l("What you call it"),
        [InputRequired(_l("Give the passkey a name.")), Length(max=60, message=_l("Use at most 60 characters."))],
        filters=[_without_margins, _sayable],
    )

    def validate_name(self, field: StringField) -> None:
        if "\x00" in (field.data or ""):
            raise ValidationError(_l("Give the passkey a name."))
