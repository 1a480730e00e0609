"""How Flask-Security is set, and its sentences in our words."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import lazy_gettext as _l

SETTINGS = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SINGLE_HASH": True,
    "SECURITY_PASSWORD_LENGTH_MIN": 12,
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "SECURITY_JOIN_USER_ROLES": False,
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_LOGIN_USER_TEMPLATE": "accounts/login.html",
    "SECURITY_POST_LOGIN_VIEW": "/staff/",
    "SECURITY_POST_LOGOUT_VIEW": "/login",
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_DEFAULT_REMEMBER_ME": False,
    "SECURITY_AUTO_LOGIN_AFTER_CONFIRM": False,
    # The library's own pages and files are not ours: no /verify, no /fs-static.
    "SECURITY_FRESHNESS": timedelta(-1),
    "SECURITY_STATIC_FOLDER": None,
    "SECURITY_MSG_GENERIC_AUTHN_FAILED": (_l("The e-mail address or the password is wrong."), "error"),
    "SECURITY_MSG_EMAIL_NOT_PROVIDED": (_l("Write your e-mail address."), "error"),
    "SECURITY_MSG_INVALID_EMAIL_ADDRESS": (
        _l("Write the whole e-mail address, for example name@example.org."),
        "error",
    ),
    "SECURITY_MSG_PASSWORD_NOT_PROVIDED": (_l("Write your password."), "error"),
    "SECURITY_MSG_UNAUTHENTICATED": (_l("Sign in to see this page."), "info"),
}
