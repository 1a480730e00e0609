"""Where the administrators' pages hang, and what they share."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.datastructures import MultiDict

from caseflow.accounts.actors import Actor
from caseflow.accounts.permissions import signed_in

blueprint = Blueprint("administration", __name__, url_prefix="/staff/administration")


def actor() -> Actor:
    return signed_in().as_actor()


def seen() -> str:
    """The fingerprint of what the page showed."""
    return request.form.get("seen", "")


def typed(*without: str) -> MultiDict[str, str]:
    """What was typed, to be sent once more from a page that asks about it."""
    left_out = {"csrf_token", "seen", "act", *without}
    return MultiDict([(name, value) for name, value in request.form.items(multi=True) if name not in left_out])
