"""Telephone: the reply becomes a call in the call list. A person makes it, so nothing leaves by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from caseflow.messages.channels.port import Absent, Accepted
from caseflow.messages.models import Message


def send(message: Message, config: Mapping[str, Any]) -> Accepted:
    """`accepted` is what the call list shows: see `caseflow.cases.telephone.calls`."""
    return Accepted(reference="call-list")


def reconcile(message: Message, config: Mapping[str, Any]) -> Absent:
    """Listing is an act in the database alone, so a crash left nothing outside."""
    return Absent()
