"""All that the calls page shows: the list, and the card of one call with what to say and what has been said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.models import Entry
from caseflow.cases.municipality import directory
from caseflow.cases.telephone import call_ladder, call_list, calls
from caseflow.cases.telephone.call_list import Waiting

LISTED = 50


@dataclass(frozen=True)
class Opened:
    """A card as its page shows it: in hand (`mine`), or only to be read; `taker` is who else is calling, by name."""

    card: calls.Card
    mine: bool
    taker: str | None
    script: Sequence[str]
    said: Sequence[Entry]
    next_step: call_ladder.Step


@dataclass(frozen=True)
class CallPage:
    """`rows` are the first LISTED of `total` calls; of all, `to_call` can be made now. `in_hand` is the person's own.
    `gone`: the call that was asked for is no longer in the list."""

    rows: Sequence[Waiting]
    total: int
    to_call: int
    in_hand: Waiting | None
    opened: Opened | None
    gone: bool
    today: date


def build(staff: Staff, chosen: int | None, now: datetime) -> CallPage | None:
    """The page with the chosen call, else with the one in hand. None: there is no such call for this person."""
    waiting = call_list.waiting(staff, now)
    in_hand = next((call for call in waiting if call.mine), None)
    wanted = chosen if chosen is not None else in_hand.id if in_hand else None
    card = calls.find(staff, wanted) if wanted is not None else None
    if wanted is not None and card is None:
        return None
    gone = card is not None and card.message.status != "accepted"
    return CallPage(
        rows=waiting[:LISTED],
        total=len(waiting),
        to_call=sum(call.now and call.taker is None for call in waiting),
        in_hand=in_hand,
        opened=_opened(card, staff, now) if card and not gone else None,
        gone=gone,
        today=clock.today(now, directory.municipality().zone),
    )


def _opened(card: calls.Card, staff: Staff, now: datetime) -> Opened:
    return Opened(
        card=card,
        mine=call_list.held(staff, now) == card.message.id,
        taker=calls.taker(card, staff.id, now),
        script=calls.script(card, staff.name),
        said=calls.said_before(card),
        next_step=call_ladder.following(card.case, card.message, now),
    )
