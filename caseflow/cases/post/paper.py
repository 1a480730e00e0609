"""Whether a letter can be printed and would arrive, told to its writer before it is sent."""

from __future__ import annotations

from collections.abc import Collection

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import ValidationError

from caseflow import clock, files
from caseflow.cases import announcements
from caseflow.cases.files.attachments import Upload
from caseflow.cases.models import Case
from caseflow.cases.municipality import directory
from caseflow.messages.enclosures import Refused, printable
from caseflow.messages.envelopes import Envelope
from caseflow.messages.glyphs import undrawable
from caseflow.messages.postal import problems

# What is wrong with an address for certain; a line that is merely long is wrapped.
ADDRESS = {
    "few": _l("The address needs a name, a street, a postcode and a town."),
    "many": _l("The address has more lines than the window shows."),
    "empty": _l("A line of the address is empty."),
    "postcode": _l("The postcode must have five digits, for example 612 80."),
    "no_room": _l("The address is too long for the window of the envelope. Shorten it."),
    "unprintable": _l("Some letters of the address cannot be printed. Write them with Latin letters."),
}
ENCLOSURE = {
    "kind": _l("Only PDF, JPEG and PNG files can be printed with a letter."),
    "locked": _l("A file is locked by a password, so it cannot be printed with the letter."),
    "broken": _l("A file is damaged and cannot be printed with the letter."),
    "pages": _l("A file has more pages than an envelope takes."),
}


def check_address(case: Case) -> None:
    """Raises ValidationError when a letter to the case's address cannot be sent."""
    lines = announcements.address_lines(case)
    envelope = Envelope.from_dict(directory.municipality().envelope)
    found = next((one.code for one in problems(lines, envelope) if one.code in ADDRESS), None) if lines else "few"
    if found:
        raise ValidationError(_("%(why)s Correct the contact details first.", why=ADDRESS[found]))


def check_text(text: str) -> None:
    """Raises ValidationError when the letter's font lacks what was typed, for example an emoji."""
    lost = undrawable(text)
    if lost:
        raise ValidationError(_("A letter cannot print %(signs)s. Write it in words.", signs=" ".join(lost)))


def check_files(uploads: Collection[Upload]) -> None:
    """Raises ValidationError when a file cannot lie in the envelope."""
    for upload in uploads:
        content = files.read(upload.sha256, current_app.config)
        try:
            printable(upload.name, content, language="sv", at=clock.now())
        except Refused as refusal:
            raise ValidationError(f"{upload.name}: {ENCLOSURE[refusal.code]}") from refusal
