"""What an SMS provider is: it takes one SMS, shows what it has taken, and calls back with what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from caseflow.messages.sms.account import Account


@dataclass(frozen=True)
class Sms:
    """`to` in E.164; `receipts` is the address at which the provider tells what became of it."""

    to: str
    text: str
    receipts: str


@dataclass(frozen=True)
class Sent:
    """An SMS that the provider has taken, as its history shows it; `text` is None where it no longer shows that."""

    id: str
    text: str | None
    at: datetime


@dataclass(frozen=True)
class Receipt:
    """What the provider called back with. `fate` is None while the SMS is still on its way."""

    id: str
    fate: Literal["delivered", "failed"] | None
    at: datetime | None = None


class Refused(Exception):
    """The provider did not take it: for good, or until somebody has put something right."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


class Unclear(Exception):
    """The provider may have taken it: its answer was lost, or says neither yes nor no."""


class Unreadable(Exception):
    """The history could not be read, or not to its end."""


class Provider(Protocol):
    """A module with these functions. The exceptions' texts are for caseworkers and operators, without passwords."""

    def send(self, sms: Sms, account: Account) -> str:
        """The provider's name for the SMS that it has taken. Raises `Refused`, `Unclear`."""
        ...

    def history(self, to: str, since: datetime, account: Account) -> list[Sent]:
        """Every SMS to this number that was taken since then. Raises `Unreadable`."""
        ...

    def receipt(self, form: Mapping[str, str]) -> Receipt:
        """What a call back says. ValueError: it is none of this provider's."""
        ...
