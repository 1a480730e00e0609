"""What follows a call in which the resident was not spoken to: another call, another channel, or a person decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import force_locale, ngettext

from caseflow.audit import SYSTEM, record
from caseflow.cases import announcements, lifecycle
from caseflow.cases.models import Case
from caseflow.cases.municipality import directory
from caseflow.cases.telephone import call_windows
from caseflow.cases.telephone.call_hours import CallHours
from caseflow.database import db
from caseflow.messages import fate
from caseflow.messages.models import Call, Message

UNANSWERED = ("no_answer", "busy", "other_person")
# Whoever else answers there would read the SMS.
TOLD_BY_SMS = ("no_answer", "busy")


@dataclass(frozen=True)
class Step:
    """What follows the `tried`-th unanswered call: called `again` at that time, else sent by `channel`; else neither,
    and a person decides. `notice`: an SMS then says that we tried, unless somebody else answered."""

    tried: int
    again: datetime | None = None
    channel: str | None = None
    notice: bool = False


def following(case: Case, message: Message, now: datetime) -> Step:
    """The step after one more unanswered call than are written down."""
    hours = CallHours.of(directory.municipality())
    tried = _unanswered(message) + 1
    if tried > len(hours.rules.ladder):
        possible = hours.rules.then in announcements.reachable_by(case) and not case.department.secret
        return Step(tried, channel=hours.rules.then if possible else None)
    earliest = now + hours.rules.ladder[tried - 1]
    again = hours.next_turn(earliest, call_windows.read(wish_of(message)))
    notice = 0 < hours.rules.notice_after <= tried and announcements.may_say_that_we_called(case, message)
    return Step(tried, again, notice=notice)


def follow(step: Step, case: Case, message: Message, outcome: str, *, now: datetime) -> None:
    """Take the step; case and message are locked."""
    if step.again is not None:
        message.next_attempt_at, message.taken_by, message.taken_until = step.again, None, None
        if step.notice and outcome in TOLD_BY_SMS:
            notice = announcements.tried_to_call(case, now=now)
            record("case", case.id, "notice", by=SYSTEM, at=now, message=notice.id, channel=notice.channel)
    elif step.channel is not None:
        reason = _nobody_answered(step.tried)
        lifecycle.redirect(case, message, channel=step.channel, reason=reason, by=SYSTEM, now=now)
    else:
        fate.unreachable(message, reason=f"nobody answered {step.tried} calls")
        lifecycle.undelivered(message, now)


def wish_of(message: Message) -> str | None:
    """When the resident wants to be called, as it was typed."""
    wish = message.recipient.get("best_time")
    return str(wish) if wish else None


def _unanswered(message: Message) -> int:
    """Only since the number was last right: a message that is sent again begins anew, with calls of its own."""
    count = sa.select(sa.func.count()).where(Call.message_id == message.id, Call.outcome.in_(UNANSWERED))
    return db.session.scalars(count.where(Call.at >= (message.accepted_at or message.created_at))).one()


def _nobody_answered(tried: int) -> str:
    """Read by colleagues: in the house's own language, whoever made the last call."""
    with force_locale(directory.municipality().languages[0]):
        return ngettext("Nobody answered %(num)d call.", "Nobody answered %(num)d calls.", tried)
