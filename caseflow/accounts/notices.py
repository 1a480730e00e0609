"""Mails to a person about the own account, so that who did not do it learns of it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from caseflow.accounts.models import Staff
from caseflow.database import db
from caseflow.messages import staff_mail


def password_changed(staff: Staff, now: datetime) -> None:
    body = _l("Your password has been changed. If it was not you, tell whoever manages the accounts at once.")
    staff_mail.put(staff, purpose="account", subject=_l("Your password has been changed"), body=body, now=now)


def second_step_changed(staff: Staff, now: datetime) -> None:
    body = _l(
        "An authenticator app or a passkey was added to your account, or taken away. If it was not you, tell whoever "
        "manages the accounts at once."
    )
    staff_mail.put(staff, purpose="account", subject=_l("Your second step has been changed"), body=body, now=now)


def second_step_reset(staff: Staff, now: datetime) -> None:
    body = _l(
        "Your authenticator app, passkeys and recovery codes have been taken away, because somebody asked for it in "
        "your name. You sign in with your password, and set up a new second step on the page “My account”. If it was "
        "not you who asked, tell whoever manages the accounts at once."
    )
    staff_mail.put(staff, purpose="account", subject=_l("Your second step has been taken away"), body=body, now=now)


def house_name() -> str:
    """The municipality's name; the room that has its model stands above this one."""
    return str(db.session.scalar(sa.text("SELECT name FROM municipality WHERE id = 1")) or "caseflow")
