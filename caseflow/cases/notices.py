"""Notices: what has happened in a case, in a sentence, to who has asked to be told.

They name neither the department nor anything of what was said, so that they may go by plain e-mail and to a locked
telephone whatever the case is about. What was said is itself no notice: where it goes to the same address, none is
sent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from caseflow.cases import announcements
from caseflow.cases.models import NOTIFY_BY, Case, Entry, Municipality
from caseflow.database import db
from caseflow.messages import fate
from caseflow.messages.models import Message

# The acts that a resident wants to know of, as each is told. What stands not here is the house's own business.
_TOLD: dict[str, Callable[[], str]] = {
    "take_up": lambda: _("Somebody is working on your case."),
    "transfer": lambda: _("We have moved your case to where it belongs."),
    "park": lambda: _("We have planned your case for later."),
    "resume": lambda: _("We have taken up your case again."),
    "wake": lambda: _("We have taken up your case again."),
    "reopen": lambda: _("We have taken up your case again."),
    "close": lambda: _("We have closed your case."),
    "merge": lambda: _("Others have reported the same thing, and now we deal with it together."),
    "unmerge": lambda: _("We deal with your case by itself again."),
    "reply": lambda: _("We have answered you."),
    "question": lambda: _("We have asked you something."),
}
_FOLLOWED = {"until": "park", "resolution": "close", "department": "transfer"}


def possible(case: Case) -> tuple[str, ...]:
    """The ways by which this case's resident can be told now."""
    return tuple(way for way in NOTIFY_BY if way == "none" or announcements.address(case, way))


def of_act(case: Case, verb: str, before: str, *, now: datetime, data: dict[str, object]) -> None:
    """An act has moved the case: tell whoever wants to know. What is overtaken before it leaves is not sent."""
    told = verb
    if verb == "assign" and before == "new":
        told = "take_up"
    elif verb == "follow":
        told = next((told for key, told in _FOLLOWED.items() if key in data), "")
    if told not in _TOLD or told in ("reply", "question") or _said_with_it(case, now):
        return
    hold = current_app.config["OUTBOX_HOLD"]
    _put(case, told, hold=now + hold if hold else None, now=now)


def of_entry(case: Case, entry: Entry, *, channel: str, now: datetime) -> None:
    """Something was said to the resident by a channel: by the other one, that there is something to read.

    It is held as long as what it tells of, and bears its moment, so that undoing the one finds the other.
    """
    if case.notify_by not in ("none", channel):
        _put(case, entry.sort, hold=entry.held_until, now=now)


def _put(case: Case, told: str, *, hold: datetime | None, now: datetime) -> None:
    if announcements.address(case, case.notify_by) is None:
        return
    for earlier in db.session.scalars(_unsent(case)):
        fate.cancel(earlier)
    message = announcements.compose(case, None, channel=case.notify_by, purpose="update", now=now)
    municipality = db.session.get_one(Municipality, 1).name
    with force_locale(case.language):
        said, number = _TOLD[told](), case.number
        if case.notify_by == "sms":
            facts = {"municipality": municipality, "number": number, "what": said}
            text = _("%(municipality)s, case %(number)s: %(what)s", **facts)
            message.body = f"{text} {announcements.front_door()}"
        else:
            own = _("You asked us to tell you when something happens. You can change that on your own page.")
            message.body = f"{said} " + _("You read more on the own page of the case.") + f"\n\n{own}"
            about = _("Something has happened in your case")
            message.subject, message.frame = f"[{number}] {about}", {**message.frame, "department": ""}
    announcements.put(message, case, hold=hold)


def address_changed(case: Case, *, now: datetime) -> None:
    """To the e-mail address that is left: who did not change it hears of it there."""
    with force_locale(case.language):
        changed = _("Somebody who has the code changed the contact details of your case. From now on we write there.")
        text = changed + " " + _("If it was not you, call us.")
        _mail(case, "update", _("The contact details were changed"), text, now=now)


def link_again(case: Case, *, now: datetime) -> None:
    """The way to the own page, to the address that the case has: somebody asked for it."""
    with force_locale(case.language):
        asked = _("Somebody, probably you, asked us for the link to this case.")
        text = asked + " " + _("If it was not you, you need do nothing: only you have got this mail.")
        _mail(case, "link", _("The link to your case"), text, now=now)


def _mail(case: Case, purpose: str, about: str, text: str, *, now: datetime) -> None:
    message = announcements.compose(case, None, channel="email", purpose=purpose, now=now)
    message.subject, message.body = f"[{case.number}] {about}", text
    message.frame = {**message.frame, "department": ""}
    announcements.put(message, case)


def told_with(entry: Entry) -> sa.ColumnElement[bool]:
    """The condition on Message that it carries the entry, or tells that there is something to read."""
    notice = sa.and_(Message.case_id == entry.case_id, Message.purpose == "update", Message.created_at == entry.at)
    return sa.or_(Message.entry_id == entry.id, notice)


def _said_with_it(case: Case, now: datetime) -> bool:
    """Whether something was said in the same act, which brings its own message."""
    said = sa.select(Entry.id).where(Entry.case_id == case.id, Entry.at == now, Entry.sort.in_(("reply", "question")))
    return db.session.scalar(said.limit(1)) is not None


def _unsent(case: Case) -> sa.Select[tuple[Message]]:
    mine = (Message.case_id == case.id, Message.purpose == "update")
    waiting = (Message.status == "queued", Message.attempts == 0)
    return sa.select(Message).where(*mine, *waiting).with_for_update(skip_locked=True)
