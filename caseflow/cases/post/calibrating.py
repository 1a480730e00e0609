"""The page that fits letters to envelopes, in the words of whoever prints it."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from flask_babel import gettext as _

from caseflow.cases import words
from caseflow.cases.models import Municipality
from caseflow.messages.calibration import Guide, calibration
from caseflow.messages.envelopes import Envelope
from caseflow.messages.typesetting import Language


def page(envelope: Envelope, town: Municipality, language: str, *, now: datetime) -> bytes:
    """The page as PDF, with the municipality's own address for a sample."""
    place = f"{words.postcode_in_words(town.postcode)}  {town.town.upper()}"
    guide = Guide(
        language=cast(Language, language),
        title=_("Fit the letters to the envelope %(name)s", name=envelope.name),
        intro=_("With this page you find the two numbers that move the address into the window."),
        steps=(
            _("Print this page without scaling (100 percent) on the printer that prints the letters."),
            _("Check with a ruler that the line of 100 mm is 100 mm long."),
            _("Fold the page at the dashes and put it into the envelope."),
            _("Knock the envelope's left edge on the table, and then its bottom edge."),
            _("Read the number of the upper scale at the window's left edge."),
            _("Read the number of the other scale at the window's bottom edge."),
            _("Write both numbers into the municipality's file, as offset_x and offset_y of this envelope."),
        ),
        across=_("Right (offset_x)"),
        down=_("Down (offset_y)"),
        ruler=_("This line is 100 mm long"),
        fold=_("Fold here"),
        safe=_("always seen"),
        exposed=_("seen when the letter slides"),
        sample=(town.name, town.street, place),
    )
    return calibration(envelope, guide, at=now)
