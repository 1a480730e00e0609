"""The call list: what caseworkers tell residents by telephone, and what became of each call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _

from caseflow.accounts.models import Staff
from caseflow.audit import Actor, record
from caseflow.cases import announcements, lifecycle
from caseflow.cases.models import Case
from caseflow.cases.queue import LAST_ID
from caseflow.cases.scope import within
from caseflow.database import db
from caseflow.messages import outbox
from caseflow.messages.models import Call, Message

OUTCOMES = ("reached", "no_answer", "wrong_number")
# After this many calls that nobody answered, other ways to tell the resident are offered.
TRIES = 2
LISTED = 50
WAITS = (Message.channel == "phone", Message.status == "accepted")


class Gone(Exception):
    """The call is no longer in the list: it has been made, taken back or sent another way."""


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
        if sum(call.outcome == "no_answer" for call, _name in self.tries) < TRIES:
            return ()
        return tuple(channel for channel in announcements.reachable_by(self.case) if channel != "phone")


def waiting(staff: Staff, day_began: datetime) -> Sequence[sa.Row[Any]]:
    """The call list within the person's scope: fewest tries since `day_began` first, then by due date.

    At most LISTED rows: message id, case number, subject, due_on, name, tries (ever), tried_today, total (of the list).
    """
    tries = sa.select(sa.func.count()).where(Call.message_id == Message.id)
    today = tries.where(Call.at >= day_began).scalar_subquery().label("tried_today")
    columns = (
        Message.id,
        Case.number,
        Case.subject,
        Case.due_on,
        Message.recipient["name"].astext.label("name"),
        tries.scalar_subquery().label("tries"),
        today,
        sa.func.count().over().label("total"),
    )
    query = sa.select(*columns).select_from(Message).join(Case, Case.id == Message.case_id)
    return db.session.execute(
        query.where(*WAITS, within(staff)).order_by(today, Case.due_on, Message.id).limit(LISTED)
    ).all()


def find(staff: Staff, message_id: int, *, for_act: bool = False) -> Card | None:
    """The call to make, whatever its state, or None when there is none for this person.

    `for_act` locks case and message, in that order, as every act of the staff does.
    """
    if abs(message_id) > LAST_ID:
        return None
    query = sa.select(Case, Message).select_from(Case).join(Message, Message.case_id == Case.id)
    query = query.where(Message.id == message_id, Message.channel == "phone", within(staff))
    if for_act:
        query = query.with_for_update(of=(Case, Message)).execution_options(populate_existing=True)
    found = db.session.execute(query).one_or_none()
    return Card(found.Message, found.Case, _tries(message_id)) if found else None


def log_call(card: Card, outcome: str, *, note: str | None, by: Actor, now: datetime, submission: str | None) -> None:
    """Write down a call; the same submission is one call. Raises `Gone`.

    Reached: the message is delivered, and what the resident answered to a question becomes part of the case.
    No answer: the call stays in the list. Wrong number: the case goes back to its caseworker.
    """
    if submission and db.session.scalar(sa.select(Call.id).where(Call.submission == submission)):
        return
    message = _still_waiting(card)
    call = Call(message_id=message.id, staff_id=by.staff_id, at=now, outcome=outcome, note=note, submission=submission)
    db.session.add(call)
    record("case", card.case.id, "call", by=by, at=now, outcome=outcome, message=message.id)
    match outcome:
        case "reached":
            outbox.arrived(message, now=now)
            if message.purpose == "question" and note:
                lifecycle.hear(card.case, note, by=by, now=now)
        case "wrong_number":
            outbox.unreachable(message, reason="wrong number")
            lifecycle.undelivered(message, now)


def redirect(card: Card, *, channel: str, reason: str, by: Actor, now: datetime) -> None:
    """Tell the resident by another channel, after TRIES calls that nobody answered. Raises `Gone`, `NotOffered`."""
    message = _still_waiting(card)
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


def _still_waiting(card: Card) -> Message:
    if card.message.status != "accepted":
        raise Gone
    return card.message


def _tries(message_id: int) -> Sequence[tuple[Call, str]]:
    query = sa.select(Call, Staff.name).join(Staff, Staff.id == Call.staff_id)
    rows = db.session.execute(query.where(Call.message_id == message_id).order_by(Call.id))
    return [(call, name) for call, name in rows]
