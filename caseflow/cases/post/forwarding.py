"""A letter to a resident with protected personal data: by way of the tax agency, which alone knows the address.

The outer letter asks the agency to forward what lies with it (a *förmedlingsuppdrag*); the answer is a letter of its
own, which goes into an inner envelope. Name and personal identity number are written on that by hand, and kept nowhere.
"""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from caseflow import files
from caseflow.cases.models import Case
from caseflow.cases.municipality import directory
from caseflow.cases.municipality.resident_rules import ResidentRules
from caseflow.messages.channels import letter
from caseflow.messages.models import Message

AGENCY_SPEAKS = "sv"


def lines() -> list[str]:
    """The agency's address as it stands in the window; empty where the municipality has not said it whole."""
    parts = [part.strip() for part in ResidentRules.of(directory.known()).forwarding.split(",")]
    found = [part for part in parts if part]
    return found if 2 <= len(found) <= 5 else []


def enveloped(inner: Message, case: Case, around: dict[str, object], *, now: datetime) -> Message:
    """The letter to the agency, with the letter to the resident as what lies in it. `around`: what stands around the
    words to the agency, in its language."""
    with force_locale(case.language):
        to = [_("To be opened by the addressee"), _("Case %(number)s", number=case.number)]
    sealed = Message(language=inner.language, subject=inner.subject, body=inner.body, created_at=now)
    sealed.recipient = {"lines": to}
    sealed.frame = {**inner.frame, "attachments": list(_listed(inner, "attachments"))}
    pdf = letter.draw(sealed, current_app.config)
    with force_locale(AGENCY_SPEAKS):
        name = _("The inner letter, %(number)s", number=case.number)
        kept = files.keep(pdf, current_app.config)
        # A margin would make it smaller and move its address out of the window.
        upload = {"name": f"{name}.pdf", "media_type": "application/pdf", "size": len(pdf), "sha256": kept, "margin": 0}
        inner.subject = _("Forwarding to a person with protected personal data")
        inner.body = _(
            "We ask you to forward the closed envelope that lies with this letter to the person whose name and personal"
            " identity number stand on it. Our reference is case %(number)s. Send the envelope back to us unopened if"
            " it cannot be forwarded.",
            number=case.number,
        )
    outside = {"link": "", "code": "", "qr": "", "link_note": "", "attachments": [name]}
    inner.language = AGENCY_SPEAKS
    inner.frame = {**inner.frame, **around, **outside, "enclosed": [upload, *_listed(inner, "enclosed")]}
    return inner


def _listed(message: Message, name: str) -> list[object]:
    found = message.frame.get(name)
    return found if isinstance(found, list) else []
