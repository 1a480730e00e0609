"""What makes a filled-in form look like a robot's. No puzzle for people: what is suspect waits for a person to look.

Too fast, too old or without a stamp is no suspicion: the page comes back with everything typed, and a second press
sends it. Robots rarely press twice.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from flask import current_app

from caseflow import limiting
from caseflow.cases.lifecycle import Errand
from caseflow.intake import proof, stamps

# A field that nobody sees, and that robots fill in because it is there.
TRAP = "homepage"
LINK = re.compile(r"https?://|www\.|\[url", re.IGNORECASE)
MOST_LINKS = 2
# From one place; the same words from anywhere; with one page's stamp.
FROM_A_PLACE, SAME_WORDS, ONE_STAMP = "10/10 minutes", "2/hour", "3/day"


def hurried(form: Mapping[str, str], now: datetime) -> bool:
    """Whether the page was made just now, too long ago, or not by us."""
    least: timedelta | None = current_app.config.get("FORM_PATIENCE", timedelta(seconds=3))
    if not least:
        return False
    made = stamps.made_at(form.get("stamp"))
    return made is None or now - made < least


def reasons(form: Mapping[str, str], errand: Errand, bits: int) -> list[str]:
    """Why a person is to look first, by name; empty for what looks like a person's. `bits`: see proof.py."""
    words = hashlib.sha256(" ".join(errand.description.casefold().split()).encode()).hexdigest()
    stamp = form.get("stamp") or ""
    found = {
        "trap": bool(form.get(TRAP)),
        "links": len(LINK.findall(errand.description)) > MOST_LINKS,
        "flood": limiting.often(FROM_A_PLACE, "filing", limiting.place()),
        "again": limiting.often(SAME_WORDS, "words", words),
        "stamp": bool(stamp) and limiting.often(ONE_STAMP, "stamp", stamp),
        "proof": bits > 0 and not proof.holds(stamp, form.get("proof"), bits),
    }
    return [name for name, holds in found.items() if holds]


def stamp_of(form: Mapping[str, str]) -> str:
    """For a page that is shown again: its own stamp, so that whoever waited need not wait again."""
    given = form.get("stamp", "")
    return given if stamps.made_at(given) else stamps.new()
