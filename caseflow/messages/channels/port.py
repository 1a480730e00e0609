"""What a channel is: it sends one message and says truthfully what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

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
    """The connection was lost after the provider may have taken it. After `ask_again` the channel's `reconcile` may
    know more."""

    reason: str
    ask_again: timedelta | None = None


@dataclass(frozen=True)
class Absent:
    """Reconciling found for certain that the provider never took it: it may be sent again. `at_once` after a crash of
    our own; a provider that could not answer is given the ladder's time."""

    at_once: bool = True


@dataclass(frozen=True)
class Delivered:
    """Learnt after the provider had accepted it: the message is with the resident."""

    at: datetime | None = None


@dataclass(frozen=True)
class Lost:
    """Learnt after the provider had accepted it: the message did not get there."""

    how: Literal["failed", "bounced", "returned"]
    reason: str


class Channel(Protocol):
    """A module with these two functions. Neither is called inside a transaction."""

    def send(self, message: Message, config: Mapping[str, Any]) -> Accepted | Rejected | Unknown: ...

    def reconcile(self, message: Message, config: Mapping[str, Any]) -> Accepted | Absent | Unknown:
        """After a crash while calling: did it go out? `Unknown` leaves the question to a person."""
        ...
