"""What became of a message, in words that are true: from its status, channel, attempts, calls and batch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseflow import clock
from caseflow.cases import words
from caseflow.cases.delivery import refusals
from caseflow.cases.models import Case
from caseflow.messages.models import Message

# A way to send, as a choice and as a heading; `none` sends nothing.
WAY = {
    "email": _l("E-mail"),
    "phone": _l("Phone"),
    "letter": _l("Letter"),
    "sms": _l("SMS"),
    "none": _l("Own page only"),
}
# What the button under a text does.
SEND = {
    "email": _l("Send as e-mail"),
    "phone": _l("Put in the call list"),
    "letter": _l("Send as letter"),
    "sms": _l("Send as SMS"),
    "none": _l("Publish on the own page"),
}
# What is told when it is done.
SENT = {
    "email": _l("The e-mail is in the outbox."),
    "phone": _l("The call is on its way to the call list."),
    "letter": _l("The letter is in the outbox."),
    "sms": _l("The SMS is in the outbox."),
    "none": _l("The resident can read it on the own page."),
}
DIDNT_ARRIVE = {
    "email": _l("The e-mail did not get through."),
    "phone": _l("The call could not be made."),
    "letter": _l("The letter could not be made."),
    "sms": _l("The SMS did not get through."),
}
CAME_BACK = {
    "email": _l("The e-mail came back."),
    "letter": _l("The letter came back."),
    "sms": _l("The SMS did not get through."),
}
NOBODY_KNOWS = {
    "email": _l("Nobody knows whether the e-mail went out."),
    "phone": _l("Nobody knows whether the call was listed."),
    "letter": _l("Nobody knows whether the letter was made."),
    "sms": _l("Nobody knows whether the SMS went out."),
}
CALL_OUTCOME = {
    "reached": _l("reached"),
    "no_answer": _l("no answer"),
    "busy": _l("busy"),
    "other_person": _l("somebody else answered"),
    "wrong_number": _l("wrong number"),
}


@dataclass(frozen=True)
class State:
    """`text` is the state in words; `tone` says what it asks for: done, under_way, trouble or over."""

    text: str
    tone: str
    detail: str | None = None


def state(message: Message) -> State:
    """The message's state as it is now."""
    match message.status:
        case "queued":
            return _queued(message)
        case "claimed":
            return State(_("being made ready"), "under_way")
        case "calling":
            return State(_("being handed over"), "under_way")
        case "accepted":
            return _ACCEPTED[message.channel](message)
        case "delivered":
            return _delivered(message)
        case "failed" | "bounced" | "returned" | "unknown":
            return _in_trouble(message)
    return State(_("taken back"), "over")


def what_went_wrong(channel: str, status: str, reason: str | None) -> str:
    """A sentence about a message that ended badly; `reason` is a name of `refusals.WHY`, as far as one is known."""
    table = {"unknown": NOBODY_KNOWS, "bounced": CAME_BACK, "returned": CAME_BACK}.get(status, DIDNT_ARRIVE)
    told = str(table.get(channel, ""))
    if status == "unknown" or reason not in refusals.WHY:
        return told
    return _("%(what)s: %(why)s.", what=told.rstrip("."), why=refusals.WHY[reason])


def address(message: Message) -> str:
    """Where the message goes, on one line, as it was frozen when it was put."""
    recipient = message.recipient
    if message.channel == "letter":
        lines = recipient.get("lines")
        return ", ".join(str(line) for line in lines) if isinstance(lines, list) else ""
    if message.channel in ("phone", "sms"):
        return words.phone_in_words(str(recipient.get("phone") or ""))
    return str(recipient.get("email") or "")


def address_of(case: Case, channel: str) -> str:
    """Where a message by this channel would go now, on one line."""
    if channel == "letter":
        place = f"{words.postcode_in_words(case.postcode or '')} {case.town}"
        care_of = f"c/o {case.care_of}" if case.care_of else None
        return ", ".join(part for part in (case.name, care_of, case.street, place) if part)
    if channel in ("phone", "sms"):
        best_time = case.best_time if channel == "phone" else None
        return ", ".join(part for part in (words.phone_in_words(case.phone or ""), best_time) if part)
    return case.email or "" if channel == "email" else ""


def _queued(message: Message) -> State:
    if not message.attempts:
        held = message.hold_until is not None and clock.now() < message.hold_until
        return State(_("leaves in a moment") if held else _("in the outbox"), "under_way")
    tried = ngettext("%(num)d attempt failed", "%(num)d attempts failed", message.attempts)
    again = _("next attempt %(when)s", when=words.moment(message.next_attempt_at))
    return State(f"{tried}, {again}", "under_way", message.error)


def _in_trouble(message: Message) -> State:
    told = what_went_wrong(message.channel, message.status, refusals.why(message.error))
    if message.handled_at:
        handled = _("Dealt with %(when)s.", when=_when(message.handled_at))
        return State(f"{told} {handled}", "over", refusals.said(message.error))
    return State(told, "trouble", refusals.said(message.error))


def _mailed(message: Message) -> State:
    if message.provider_ref is None:
        return State(_("noted as arrived %(when)s", when=_when(message.accepted_at)), "done")
    if message.provider_ref.endswith(".eml"):
        return State(_("kept as a file, because no mail server is set up"), "done")
    return State(_("taken over by the mail server %(when)s", when=_when(message.accepted_at)), "done")


def _texted(message: Message) -> State:
    if message.provider_ref is None:
        return State(_("noted as arrived %(when)s", when=_when(message.accepted_at)), "done")
    if message.provider_ref.endswith(".txt"):
        return State(_("kept as a file, because no SMS account is set up"), "done")
    return State(_("taken over by the SMS provider %(when)s", when=_when(message.accepted_at)), "done")


def _listed(message: Message) -> State:
    if not message.calls:
        return State(_("in the call list"), "under_way")
    last = message.calls[-1]
    tried = ngettext("called %(num)d time", "called %(num)d times", len(message.calls))
    outcome = _("last %(when)s: %(outcome)s", when=words.moment(last.at), outcome=CALL_OUTCOME[last.outcome])
    return State(f"{tried}, {outcome}", "under_way")


def _piled(message: Message) -> State:
    if message.batch is None:
        return State(_("in the pile, waits to be printed"), "under_way")
    facts = {"number": message.batch.id, "day": format_date(message.batch.created_at, "yyyy-MM-dd")}
    if message.batch.handed_at:
        return State(_("in batch %(number)s of %(day)s, handed over to the printer", **facts), "under_way")
    return State(_("in batch %(number)s of %(day)s, not posted yet", **facts), "under_way")


def _delivered(message: Message) -> State:
    when = _when(message.delivered_at)
    if message.channel == "letter":
        return State(_("posted %(when)s", when=when), "done")
    if message.channel == "phone":
        return State(_("told by phone %(when)s", when=when), "done")
    return State(_("arrived %(when)s", when=when), "done")


def _when(at: datetime | None) -> str:
    return words.moment(at) if at else ""


_ACCEPTED = {"email": _mailed, "phone": _listed, "letter": _piled, "sms": _texted}
