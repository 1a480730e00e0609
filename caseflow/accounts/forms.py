"""The sign-in form."""

from __future__ import annotations

from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_security import LoginForm
from wtforms import EmailField, PasswordField

from caseflow.accounts.models import Staff


class SignInForm(LoginForm):
    """Flask-Security's form in our words; a demo account is refused outside demo mode as if it did not exist."""

    email = EmailField(_l("E-mail"), validators=LoginForm.email.kwargs["validators"])
    password = PasswordField(_l("Password"), validators=LoginForm.password.kwargs["validators"])

    def validate(self, **kwargs: object) -> bool:
        if not super().validate(**kwargs):
            return False
        assert isinstance(self.user, Staff)
        if self.user.demo and not current_app.config["DEMO"]:
            self.password.errors = [str(current_app.config["SECURITY_MSG_GENERIC_AUTHN_FAILED"][0])]
            return False
        return True
