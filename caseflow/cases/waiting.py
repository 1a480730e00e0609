"""Since when a resident waits: the rule of the database's `waits_since`, for a page that has read the case anyway."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from caseflow.cases.models import Case, Entry

TOLD = ("reply", "question")


def since(case: Case, entries: Iterable[Entry]) -> datetime | None:
    """When the first message came in that nobody has answered; None when nobody waits for us."""
    if not case.is_open:
        return None
    said = [entry for entry in entries if entry.retracted_at is None]
    told = max((entry.id for entry in said if entry.sort in TOLD), default=None)
    if told is None:
        return case.received_at
    return min((entry.at for entry in said if entry.sort == "resident" and entry.id > told), default=None)
