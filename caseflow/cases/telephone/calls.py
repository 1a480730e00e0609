"""A call: what a caseworker tells a resident by telephone, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from caseflow.accounts.models import Staff
from caseflow.audit import Actor, record
from caseflow.cases import announcements, lifecycle
from caseflow.cases.models import Case, Entry
from caseflow.cases.relations import family
from caseflow.cases.scope import handled_by
from caseflow.cases.telephone import call_ladder
from caseflow.cases.telephone.call_ladder import Step
from caseflow.database import LAST_ID, db
from caseflow.messages import fate
from caseflow.messages.models import Call, Message

# After this many calls that nobody answered, other ways to tell the resident are offered.
TRIES = 2


class Gone(Exception):
    """The call is no longer in the list: it has been made, taken back or sent another way."""


class Taken(Exception):
    """Somebody else is calling just now; the text is who."""


class NotOffered(Exception):
    """The channel is not one that may take over from the telephone now."""


@dataclass(frozen=True)
class Card:
    """One call to make: the message, its case, and the calls made so far with the callers' names, oldest first."""

    message: Message
    case: Case
    tries: Sequence[tuple[Call, str]]

    @property
    def changed_number(self) -> str | None:
        """The case's number of today, when it is another than the one that the message was put with."""
        return self.case.phone if self.case.phone != self.message.recipient["phone"] else None

    @property
    def offers(self) -> tuple[str, ...]:
        """The channels that may take over, once TRIES calls have found nobody."""
        if sum(call.outcome in call_ladder.UNANSWERED for call, _name in self.tries) < TRIES:
            return ()
        return tuple(channel for channel in announcements.reachable_by(self.case) if channel != "phone")


def find(staff: Staff, message_id: int, *, for_act: bool = False) -> Card | None:
    """The call to make, whatever its state, or None when there is none for this person.

    `for_act` locks case and message, in that order, as every act of the staff does.
    """
    if abs(message_id) > LAST_ID:
        return None
    query = sa.select(Case, Message).select_from(Case).join(Message, Message.case_id == Case.id)
    query = query.where(Message.id == message_id, Message.channel == "phone", handled_by(staff))
    query = query.execution_options(populate_existing=True)
    if for_act:
        family.locked(Case.id == sa.select(Message.case_id).where(Message.id == message_id).scalar_subquery())
        query = query.with_for_update(of=(Case, Message))
    found = db.session.execute(query).one_or_none()
    return Card(found.Message, found.Case, _tries(message_id)) if found else None


def log_call(
    card: Card, outcome: str, *, note: str | None, by: Actor, now: datetime, submission: str | None
) -> Step | None:
    """Write down a call and say what follows, if anything; the same submission is one call. Raises `Gone`, `Taken`.

    Reached: the message is delivered, and what the resident answered to a question becomes part of the case.
    Not spoken to: the call comes back, or goes on as `call_ladder` says. Wrong number: the case goes back to its
    caseworker.
    """
    if submission and db.session.scalar(sa.select(Call.id).where(Call.submission == submission)):
        return None
    message = _to_act_on(card, by, now)
    step = call_ladder.following(card.case, message, now) if outcome in call_ladder.UNANSWERED else None
    call = Call(message_id=message.id, staff_id=by.staff_id, at=now, outcome=outcome, note=note, submission=submission)
    db.session.add(call)
    facts: dict[str, Any] = {"again": step.again.isoformat()} if step and step.again else {}
    record("case", card.case.id, "call", by=by, at=now, outcome=outcome, message=message.id, **facts)
    if step:
        call_ladder.follow(step, card.case, message, outcome, now=now)
    elif outcome == "wrong_number":
        fate.unreachable(message, reason="wrong number")
        lifecycle.undelivered(message, now)
    else:
        fate.arrived(message, now=now)
        if message.purpose == "question" and note:
            lifecycle.hear(card.case, note, by=by, now=now)
    return step


def redirect(card: Card, *, channel: str, reason: str, by: Actor, now: datetime) -> None:
    """Tell the resident by another channel, after TRIES calls that nobody answered. Raises `Gone`, `Taken` and
    `NotOffered`."""
    message = _to_act_on(card, by, now)
    if channel not in card.offers:
        raise NotOffered(channel)
    lifecycle.redirect(card.case, message, channel=channel, reason=reason, by=by, now=now)


def script(card: Card, caller: str) -> list[str]:
    """How to begin the call, in the resident's language: who calls, from where, about what."""
    name, frame = card.message.recipient.get("name"), card.message.frame
    with force_locale(card.message.language):
        return [
            _(
                "Hello, my name is %(caller)s and I am calling from %(place)s.",
                caller=caller,
                place=frame["sender_name"],
            ),
            _("Am I speaking to %(name)s?", name=name) if name else _("Was it you who wrote to us?"),
            _("It is about your case %(number)s: %(subject)s", number=card.case.number, subject=card.case.subject),
        ]


def taker(card: Card, caller: int | None, now: datetime) -> str | None:
    """Who else is calling just now, by name."""
    message = card.message
    if message.taken_until is None or message.taken_until <= now or message.taken_by == caller:
        return None
    return db.session.get_one(Staff, message.taken_by).name


def said_before(card: Card) -> Sequence[Entry]:
    """What has been said in the case besides the words to tell, oldest first, with its authors."""
    said = sa.select(Entry).where(Entry.case_id == card.case.id, Entry.retracted_at.is_(None))
    said = said.where(Entry.id.is_distinct_from(card.message.entry_id)).options(joinedload(Entry.author))
    return db.session.scalars(said.order_by(Entry.id)).all()


def _to_act_on(card: Card, by: Actor, now: datetime) -> Message:
    """The message, if it still waits for a call and nobody else is making it."""
    if card.message.status != "accepted":
        raise Gone
    other = taker(card, by.staff_id, now)
    if other is not None:
        raise Taken(other)
    return card.message


def _tries(message_id: int) -> Sequence[tuple[Call, str]]:
    query = sa.select(Call, Staff.name).join(Staff, Staff.id == Call.staff_id)
    rows = db.session.execute(query.where(Call.message_id == message_id).order_by(Call.id))
    return [(call, name) for call, name in rows]
