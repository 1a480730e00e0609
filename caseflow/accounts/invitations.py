"""How a person gets a password: invited by who manages accounts, or again when it is forgotten."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from caseflow.accounts import identities, journal, links
from caseflow.accounts.actors import SYSTEM, Actor
from caseflow.accounts.links import AccountLink
from caseflow.accounts.models import Staff
from caseflow.database import db


class NotInvited(ValueError):
    """A closed account, one of the demonstration, or one whose person signs in outside gets no link."""


def invite(staff: Staff, *, by: Actor, now: datetime) -> AccountLink:
    """Mail the person a link to choose a password, good for 7 days, in the running unit of work.

    Done again it sends a new link and ends the old one. The password that the account has, if any, stays until then.
    """
    if staff.demo or not staff.active or identities.signs_in_outside(staff):
        raise NotInvited(f"account {staff.id} is closed, of the demonstration, or signs in outside")
    body = _l(
        "You have an account for the municipality’s errands. Choose a password to begin.\n\n"
        "The link below is yours alone. It works once, within 7 days."
    )
    link = links.send(staff, "invitation", subject=_l("Welcome: choose your password"), body=body, now=now)
    journal.record("invited", staff.id, by=by, at=now)
    return link


def recover(address: str, now: datetime) -> None:
    """Mail a link for a new password, good for one hour, if this is the address of an account that may sign in."""
    staff = db.session.scalar(sa.select(Staff).where(Staff.email == address, Staff.active, ~Staff.demo))
    if staff is None or identities.signs_in_outside(staff):
        return
    body = _l(
        "Somebody asked for a new password for your account; we hope it was you.\n\n"
        "Choose it at the link below. It works once, within one hour. If you did not ask, you need not do anything."
    )
    links.send(staff, "recovery", subject=_l("Choose a new password"), body=body, now=now)
    journal.record("recovery_sent", staff.id, by=SYSTEM, at=now)


def pending(staff: Staff, now: datetime) -> AccountLink | None:
    """The invitation that the person has not answered yet, while it is good."""
    query = sa.select(AccountLink).where(AccountLink.staff_id == staff.id, AccountLink.purpose == "invitation")
    return db.session.scalar(query.where(AccountLink.ended_at.is_(None), AccountLink.expires_at > now).limit(1))
