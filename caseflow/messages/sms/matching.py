"""After a lost answer: is one of the SMS in the provider's history the one that we do not know about?

46elks takes no name of ours for an SMS, so its history is compared by number, words and time. The words end with the
case's number, but the same ones may go to the same number twice: a notice after each missed call, or a message that
was sent again. Therefore what the history shows is set against what the outbox knows:

- an SMS that has an id which the outbox has recorded for some message is that message's, and is left out;
- of what remains with these words, each other attempt that may have sent them, and whose id nobody knows, may own one;
- one more than those is ours for certain; none at all is certain too; between the two a person must look.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from caseflow.messages.sms.port import Sent

# The provider's clock and ours may differ by this; a request that it has in hand is in its history after this.
SKEW, SETTLED = timedelta(minutes=2), timedelta(seconds=45)
# How far before the attempt the history is read, and for how long an attempt can still put something into it.
BACK, LINGER = timedelta(hours=1), timedelta(hours=1)


@dataclass(frozen=True)
class Attempted:
    """The attempt whose fate is not known: its words, when it began, and how many others may have sent the same."""

    text: str
    began: datetime
    others: int


class Doubtful(Exception):
    """The history does not say."""


def find(attempt: Attempted, history: Collection[Sent], recorded: Collection[str], now: datetime) -> str | None:
    """The provider's id of the attempt's SMS; None: it has none, for certain. Raises `Doubtful`.

    `history` is complete since `BACK` before the attempt; `recorded` are the ids in it that the outbox knows.
    """
    strange = [sent for sent in history if sent.id not in recorded]
    same = [sent for sent in strange if sent.text is not None and alike(sent.text, attempt.text)]
    if len(same) > attempt.others:
        return max(same, key=lambda sent: sent.at).id
    if same:
        raise Doubtful("these words went to this number more than once, and it is not known which time was this")
    if any(sent.at >= attempt.began - SKEW for sent in strange):
        raise Doubtful("an SMS that caseflow does not know went to this number at that time")
    if now - attempt.began < SETTLED:
        raise Doubtful("it is too soon to say that the provider does not have it")
    return None


def alike(one: str, other: str) -> bool:
    """Whether they say the same; white space is what a provider may have changed."""
    return one.split() == other.split()
