"""The sign-in form."""

from __future__ import annotations

from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_security import LoginForm
from wtforms import EmailField, PasswordField

from caseflow.accounts.models import Staff


def _without_margins(typed: str | None) -> str | None:
    """Telephones put a space after a completed word."""
    return typed.strip() if typed else typed


def _message(name: str) -> str:
    return str(current_app.config[f"SECURITY_MSG_{name}"][0])


class SignInForm(LoginForm):
    """Flask-Security's form in our words; a demo account is refused outside demo mode as if it did not exist."""

    email = EmailField(_l("E-mail"), validators=LoginForm.email.kwargs["validators"], filters=[_without_margins])
    password = PasswordField(_l("Password"), validators=LoginForm.password.kwargs["validators"])

    def validate(self, **kwargs: object) -> bool:
        # Said for the whole form, because the library puts its one general answer in place of what a field says.
        missing = {"EMAIL_NOT_PROVIDED": self.email.data, "PASSWORD_NOT_PROVIDED": self.password.data}
        self.form_errors = [_message(name) for name, given in missing.items() if not given]
        if self.form_errors or not super().validate(**kwargs):
            return False
        assert isinstance(self.user, Staff)
        if self.user.demo and not current_app.config["DEMO"]:
            self.password.errors = [_message("GENERIC_AUTHN_FAILED")]
            return False
        return True
