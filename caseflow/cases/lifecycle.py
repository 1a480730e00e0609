"""The case's life: one verb per act, and here all of them by name. `moving` has the table and the one door; how a case
begins is in `receiving`, what is done to something said in `taking_back`.

Every verb takes the case locked by its caller, says who acts (`by`) and when (`now`), and writes one event.
The web, the workers and the commands call the same verbs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import sees_protected
from caseflow.audit import SYSTEM, Actor, record
from caseflow.cases import announcements, notices, withdrawal
from caseflow.cases.delivery import refusals
from caseflow.cases.files import attachments
from caseflow.cases.files.attachments import Upload
from caseflow.cases.former_contact import FormerContact
from caseflow.cases.models import RESOLUTIONS, Case, Department, Entry, Municipality
from caseflow.cases.moving import TRANSITIONS as TRANSITIONS
from caseflow.cases.moving import Illegal as Illegal
from caseflow.cases.moving import legal as legal
from caseflow.cases.moving import move
from caseflow.cases.receiving import CONTACT as CONTACT
from caseflow.cases.receiving import Errand as Errand
from caseflow.cases.receiving import receive as receive
from caseflow.cases.relations import family, merging
from caseflow.cases.routing import belongs
from caseflow.cases.screen import checklists, mentions
from caseflow.cases.taking_back import recall as recall
from caseflow.cases.taking_back import redirect as redirect
from caseflow.cases.taking_back import unsend as unsend
from caseflow.cases.watch import absence
from caseflow.cases.watch.absence import Absence, CoveredCase
from caseflow.database import db
from caseflow.messages.models import AUTOMATIC, Message

# How a case may end without an answer having gone out; the reason is then always said in words.
RESOLUTIONS_WITHOUT_ANSWER = tuple(resolution for resolution in RESOLUTIONS if resolution != "answered")
# How the answer is to come, and how other news.
WISHES = ("reply_by", "notify_by")


def assign(case: Case, *, to: Staff, by: Actor, now: datetime) -> None:
    """Give the case to a person who reaches it; a new case is then in progress."""
    if case.protected and not sees_protected(to, case.department_code):
        raise Illegal("the resident has protected personal data, and this person is not named for that")
    old, case.assignee_id = case.assignee_id, to.id
    move(case, "assign", by=by, now=now, assignee=to.id, assignee_before=old)


def release(case: Case, *, by: Actor, now: datetime) -> None:
    """Put the case back to the department, with nobody named."""
    old, case.assignee_id = case.assignee_id, None
    move(case, "release", by=by, now=now, assignee=None, assignee_before=old)


def transfer(case: Case, *, to: Department, reason: str, by: Actor, now: datetime) -> None:
    """Hand the case to another department, as new and unassigned; the promise to the resident stays."""
    old = case.department_code
    move(case, "transfer", by=by, now=now, reason=reason, department=to.code, department_before=old)
    case.department_code, case.category_code, case.assignee_id = to.code, None, None
    case.routed = {"by": "transfer"}
    checklists.follow_category(case, now=now)
    merging.follow(case, by=by, now=now, department=to.code)


def ask(
    case: Case,
    text: str,
    *,
    channel: str,
    by: Actor,
    now: datetime,
    submission: str | None = None,
    uploads: Sequence[Upload] = (),
) -> Entry:
    """Ask the resident something and wait for the answer."""
    entry = _say(case, "question", text, by=by, now=now, submission=submission)
    attachments.attach(entry, uploads, now=now)
    _take_if_free(case, by)
    move(case, "ask", by=by, now=now, channel=channel, entry=entry.id)
    announcements.question(case, entry, channel=channel, now=now)
    notices.of_entry(case, entry, channel=channel, now=now)
    return entry


def park(case: Case, *, until: date, reason: str, by: Actor, now: datetime) -> None:
    """Plan the case for a day, with a reason that the resident sees."""
    move(case, "park", by=by, now=now, reason=reason, sets={"planned_until": until}, until=until.isoformat())
    merging.follow(case, by=by, now=now, reason=reason, until=until.isoformat())


def resume(case: Case, *, by: Actor, now: datetime) -> None:
    """Take up again what waited or was planned."""
    move(case, "resume", by=by, now=now)


def wake(case: Case, *, by: Actor, now: datetime) -> None:
    """The planned day came: work again, at its caseworker or, while that person is away, with the department."""
    planned = case.planned_until
    move(case, "wake", by=by, now=now, planned_for=planned.isoformat() if planned else None)
    case.planned_for = planned
    _leave_to_the_department_if_away(case, now)


def cover(case: Case, away: Absence, *, by: Actor, now: datetime) -> None:
    """Its caseworker is away: the case is back with the department."""
    old, case.assignee_id = case.assignee_id, None
    until = away.last_day.isoformat() if away.last_day else None
    facts: dict[str, Any] = {"sort": away.sort, "since": away.first_day.isoformat(), "until": until}
    move(case, "cover", by=by, now=now, assignee=None, assignee_before=old, **facts)
    taken = insert(CoveredCase).values(absence_id=away.id, case_id=case.id, at=now)
    db.session.execute(taken.on_conflict_do_nothing())


def escalate(case: Case, *, by: Actor, now: datetime) -> None:
    """Nobody has answered and the promise is about to break: the coordinator is to see it.

    No move: who is just writing the answer is not to be told that somebody else has changed the case.
    """
    case.escalated_for = case.due_on
    record("case", case.id, "escalate", by=by, at=now, version=case.version, due=case.due_on.isoformat())


def reply(
    case: Case,
    text: str,
    *,
    channel: str,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    close_after: bool = False,
    submission: str | None = None,
    uploads: Sequence[Upload] = (),
) -> Entry:
    """Answer the resident by a channel; `none` shows the answer on the resident's own page only.

    `reason` says why another channel than the wanted one was taken.
    """
    entry = _say(case, "reply", text, by=by, now=now, submission=submission)
    attachments.attach(entry, uploads, now=now)
    _take_if_free(case, by)
    case.answered_at = case.answered_at or now
    move(case, "reply", by=by, now=now, reason=reason, channel=channel, entry=entry.id)
    announcements.reply(case, entry, channel=channel, now=now)
    notices.of_entry(case, entry, channel=channel, now=now)
    merging.relay(case, entry, uploads, by=by, now=now)
    if close_after:
        close(case, resolution="answered", reason=None, by=by, now=now)
    return entry


def close(case: Case, *, resolution: str, reason: str | None, by: Actor, now: datetime) -> None:
    """End the case. Without an answer sent it needs a reason in words, which the resident sees; a resident needs none
    to take the case back."""
    if resolution == "answered" and case.answered_at is None:
        raise Illegal("nothing has been answered yet")
    if resolution != "answered" and by.role != "resident" and not (reason or "").strip():
        raise Illegal("closing without an answer needs a reason")
    ended = {"resolution": resolution, "closed_at": now}
    move(case, "close", by=by, now=now, reason=reason, sets=ended, resolution=resolution)
    if resolution != "answered":
        merging.follow(case, by=by, now=now, reason=reason, resolution=resolution)


def reopen(case: Case, *, reason: str, by: Actor, now: datetime) -> None:
    """Take up an answered or closed case again; a merged one is taken out of its main case instead."""
    if merging.is_merged(case):
        raise Illegal("the case is merged into another")
    move(case, "reopen", by=by, now=now, reason=reason)


def note(
    case: Case,
    text: str,
    *,
    by: Actor,
    now: datetime,
    submission: str | None = None,
    people: Sequence[Staff] = (),
) -> Entry:
    """Write something for colleagues; the resident never sees it here (but it is a public document).

    `people` are called to it.
    """
    entry = _say(case, "note", text, by=by, now=now, submission=submission)
    called: dict[str, Any] = {"people": [person.id for person in people]} if people else {}
    move(case, "note", by=by, now=now, entry=entry.id, **called)
    mentions.tell(case, entry, people, now=now)
    return entry


def hear(
    case: Case,
    text: str,
    *,
    by: Actor,
    now: datetime,
    submission: str | None = None,
    uploads: Sequence[Upload] = (),
) -> Entry:
    """The resident adds something: what waited, was planned, answered or closed is work again.

    Where the case is merged into another, that one is the work.
    """
    entry = _say(case, "resident", text, by=by, now=now, submission=submission)
    attachments.attach(entry, uploads, now=now)
    move(case, "hear", by=by, now=now, back_to=merging.resting(case), entry=entry.id)
    main = merging.echo(case, entry, by=by, now=now)
    _leave_to_the_department_if_away(main or case, now)
    return entry


def not_solved(case: Case, text: str, *, by: Actor, now: datetime, submission: str | None = None) -> Entry:
    """The resident says why what was answered or closed is not solved, and its caseworker has it again."""
    if merging.is_merged(case):
        raise Illegal("the case is merged into another")
    entry = _say(case, "resident", text, by=by, now=now, submission=submission)
    move(case, "not_solved", by=by, now=now, entry=entry.id)
    _leave_to_the_department_if_away(case, now)
    return entry


def withdraw(case: Case, *, reason: str | None, by: Actor, now: datetime) -> None:
    """The resident takes the case back: it ends, and what waits to leave the house for it stays here.

    Not where others wait for the same: their case goes on.
    """
    if merging.others_of(case):
        raise Illegal("others wait for the same")
    close(case, resolution="withdrawn", reason=reason, by=by, now=now)
    withdrawal.tell(case, now=now)


def correct(case: Case, contact: dict[str, str | None], *, by: Actor, now: datetime) -> None:
    """Put right how the resident is reached, and by which way; the event names the fields and not their content, which
    stands beside it as it was."""
    changed = [field for field in (*CONTACT, *WISHES) if field in contact and contact[field] != getattr(case, field)]
    if case.protected and changed:
        raise Illegal("nothing is kept of who has protected personal data")
    before = {field: getattr(case, field) for field in changed}
    if by.role == "resident" and before.get("email"):
        notices.address_changed(case, now=now)
    for field in changed:
        setattr(case, field, contact[field])
    if changed:
        move(case, "correct", by=by, now=now, fields=changed)
        db.session.add(FormerContact(case_id=case.id, version=case.version, details=before, at=now))


def prioritise(case: Case, *, to: str, by: Actor, now: datetime) -> None:
    """Say that the case comes before others (`high`), or no longer (`normal`); the promise stays what it is."""
    old, case.priority = case.priority, to
    move(case, "prioritise", by=by, now=now, priority=to, priority_before=old)


def categorise(case: Case, *, to: str | None, by: Actor, now: datetime) -> None:
    """Say what the case is about, in its department's words; None when none of them fits."""
    if to is not None and not belongs(to, case.department_code):
        raise Illegal(f"{to} is no category of {case.department_code}")
    old, case.category_code = case.category_code, to
    move(case, "categorise", by=by, now=now, category=to, category_before=old)
    checklists.follow_category(case, now=now)


def undelivered(message: Message, now: datetime) -> None:
    """A message ended badly: its case goes back to its caseworker. An automatic one is only noted."""
    assert message.case_id is not None  # mail to staff is seen to elsewhere
    case = family.locked_whole(message.case_id)
    facts: dict[str, Any] = {"channel": message.channel, "outcome": message.status}
    if why := refusals.why(message.error):
        facts["why"] = why
    if message.purpose in AUTOMATIC:
        record("case", case.id, f"{message.purpose}_undelivered", by=SYSTEM, at=now, **facts)
        return
    move(case, "undelivered", by=SYSTEM, now=now, back_to=merging.resting(case), **facts)
    main = merging.main_of(case)
    if main is not None:
        move(main, "undelivered", by=SYSTEM, now=now, merged=case.number, **facts)
    _leave_to_the_department_if_away(main or case, now)


def _leave_to_the_department_if_away(case: Case, now: datetime) -> None:
    """Work that comes to somebody who is not there is the department's."""
    if case.assignee_id is None or case.status not in TRANSITIONS["cover"]:
        return
    today = clock.today(now, db.session.get_one(Municipality, 1).zone)
    if away := absence.of(case.assignee_id, today):
        cover(case, away, by=SYSTEM, now=now)
    elif not absence.works(case.assignee_id):
        release(case, by=SYSTEM, now=now)


def _say(case: Case, sort: str, text: str, *, by: Actor, now: datetime, submission: str | None) -> Entry:
    entry = Entry(case_id=case.id, sort=sort, author_id=by.staff_id, text=text.strip(), at=now, submission=submission)
    db.session.add(entry)
    db.session.flush()
    return entry


def _take_if_free(case: Case, by: Actor) -> None:
    if case.assignee_id is None:
        case.assignee_id = by.staff_id
