"""What a channel is: it sends one message and says truthfully what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from caseflow.messages.models import Message


@dataclass(frozen=True)
class Accepted:
    """The provider has taken the message over; `reference` is its name for it."""

    reference: str | None = None


@dataclass(frozen=True)
class Rejected:
    """The provider did not take it. A permanent refusal is final, another is tried again on the ladder."""

    permanent: bool
    reason: str


@dataclass(frozen=True)
class Unknown:
    """The connection was lost after the provider may have taken it."""

    reason: str


@dataclass(frozen=True)
class Absent:
    """Reconciling found for certain that the provider never took it: it may be sent again."""


class Channel(Protocol):
    """A module with these two functions. Neither is called inside a transaction."""

    def send(self, message: Message, config: Mapping[str, Any]) -> Accepted | Rejected | Unknown: ...

    def reconcile(self, message: Message, config: Mapping[str, Any]) -> Accepted | Absent | Unknown:
        """After a crash while calling: did it go out? `Unknown` leaves the question to a person."""
        ...
