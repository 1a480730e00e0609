"""What a row of the list of deliveries says: what happened and when, and what it means for the resident."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from caseflow.cases.delivery import delivery_words, refusals
from caseflow.messages.models import TROUBLE, LetterBatch, Message

# What a group asks for, and why its rows stand in it.
HEADING = {
    "decide": _l("Find out whether it arrived"),
    "elsewhere": _l("Correct the address, or tell the resident another way"),
    "again": _l("Send again once the fault is gone"),
    "late": _l("See what holds it up"),
    "read": _l("Read and decide"),
}
HINT = {
    "decide": _l("Nobody can say whether these went out. Sent again, they may arrive twice."),
    "elsewhere": _l("To the same address these would not arrive a second time either."),
    "again": _l("These were given up, or a server refused us. The address may well be right."),
    "late": _l("These should have been on their way by now."),
    "read": _l("Mails that could not be placed by themselves."),
}
SORT = {
    None: _l("everything"),
    "decide": _l("what may or may not have arrived"),
    "elsewhere": _l("what the address did not take"),
    "again": _l("what was given up"),
    "late": _l("what waits too long"),
    "read": _l("mails to read"),
}
CHANNEL = {
    None: _l("all channels"),
    "email": _l("e-mail"),
    "phone": _l("phone"),
    "letter": _l("letter"),
    "sms": _l("text message"),
}
WHOSE = {"all": _l("all cases"), "mine": _l("my cases")}
PURPOSE = {
    "receipt": _l("Our receipt"),
    "question": _l("Our question"),
    "reply": _l("Our reply"),
    "notice": _l("Our notice"),
    "update": _l("Our notice of what happened"),
    "link": _l("The link to the own page"),
}
NOT_THERE = {
    "receipt": _l("The resident has no receipt, and would not get an answer this way either."),
    "question": _l("The resident does not know that we ask."),
    "reply": _l("The resident has not got the reply."),
    "notice": _l("The resident does not know that we called."),
    "update": _l("The resident does not know that something has happened."),
    "link": _l("Whoever asked for the link has not got it."),
}


# Why a mail waits for a person, by the note that the mailroom left.
HELD_BECAUSE = {
    "staff": _l("It answers a mail of ours to a colleague."),
    "own_address": _l("It says to come from an address of ours."),
    "unreadable": _l("It could not be taken apart."),
    "robot": _l("A program may have sent it."),
    "old": _l("It had lain in the mailbox for more than a week."),
    "flood": _l("Its sender wrote more than a person does in an hour."),
    "killed": _l("Reading it failed again and again."),
    "failed": _l("It could not be dealt with."),
}


@dataclass(frozen=True)
class Telling:
    """`what` happened (or happens) and `when`; `meaning` for the resident; `said` is the server's own words."""

    what: str
    when: datetime
    meaning: str
    said: str | None = None
    tried: str | None = None


def told(row: sa.Row[Any]) -> Telling:
    """The words of one row of `worklist.page`."""
    if row.what == "batch":
        return _of_batch(row.LetterBatch)
    if row.what == "mail":
        mail = row.IncomingMail
        return Telling(str(HELD_BECAUSE.get(mail.note or "", _("It could not be placed by itself."))), mail.at, "")
    return _of_trouble(row) if row.Message.status in TROUBLE else _of_waiting(row.Message)


def letters_in(batch: LetterBatch) -> int:
    lines = batch.manifest.get("letters")
    return len(lines) if isinstance(lines, list) else 0


def _of_trouble(row: sa.Row[Any]) -> Telling:
    message: Message = row.Message
    what = delivery_words.what_went_wrong(message.channel, message.status, refusals.why(message.error))
    unclear = message.status == "unknown"
    meaning = _("The resident may have got it, or not.") if unclear else str(NOT_THERE[message.purpose])
    tried = ngettext("tried %(num)d time", "tried %(num)d times", row.tried) if row.tried > 1 else None
    return Telling(what, row.lost_at or message.created_at, meaning, refusals.said(message.error), tried)


def _of_waiting(message: Message) -> Telling:
    meaning = _("The resident still waits.")
    if message.status in ("claimed", "calling"):
        return Telling(
            _("A worker took it and never came back. Tell whoever runs the system."), message.created_at, meaning
        )
    if message.status == "queued":
        state = delivery_words.state(message)
        return Telling(_waits(message, state.text), message.created_at, meaning, state.detail)
    if message.channel == "phone":
        return Telling(_("Nobody has made the call that was due."), message.next_attempt_at, meaning)
    return Telling(_("It lies in the pile and is not printed."), message.accepted_at or message.created_at, meaning)


def _waits(message: Message, state: str) -> str:
    """The state begins small where it follows something; here it stands alone."""
    return (
        state[:1].upper() + state[1:] + "."
        if message.attempts
        else _("No worker has taken it up. Tell whoever runs the system.")
    )


def _of_batch(batch: LetterBatch) -> Telling:
    what = {
        "unknown": _("Nobody knows whether the printer got it."),
        "failed": _("It could not be handed over to the printer."),
    }.get(batch.handover, _("It is not posted yet."))
    waiting = letters_in(batch)
    meaning = ngettext("%(num)d resident waits for a letter.", "%(num)d residents wait for a letter.", waiting)
    return Telling(what, batch.created_at, meaning, batch.handover_error)
