"""The form's stamp: when its page was made, signed. It stands for the session's token where there are no cookies.

A form in another site's frame has no cookie of ours, and needs none: what a token keeps from being forged is a
person's right to act, and everybody may file an errand.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

LONGEST = 24 * 3600  # seconds from the page to the press


def new() -> str:
    """For a page that is made now."""
    return _signer().dumps(secrets.token_urlsafe(9))


def made_at(stamp: str | None) -> datetime | None:
    """When the page was made; None for a stamp that is not ours or too old."""
    try:
        at: datetime = _signer().loads(stamp or "", max_age=LONGEST, return_timestamp=True)[1]
    except BadSignature:
        return None
    return at.replace(tzinfo=UTC)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="caseflow form 1")
