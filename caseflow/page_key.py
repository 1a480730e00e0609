"""Where a page of a list ended, as it stands in the address of the next: made by us, and typed by anybody."""

from __future__ import annotations

import base64
import json
from typing import Any

from caseflow.database import LAST_ID


def packed(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def unpacked(key: str | None) -> list[Any]:
    """The parts. ValueError for what is no key."""
    try:
        parts = json.loads(base64.urlsafe_b64decode((key or "").encode()))
    except RecursionError as error:
        raise ValueError("nested") from error
    if not isinstance(parts, list):
        raise ValueError("no list")
    return parts


def an_id(part: object) -> int:
    """The part as an id that the database can compare with. ValueError for what is no number."""
    if not isinstance(part, int):
        raise ValueError(part)
    return max(0, min(part, LAST_ID))
