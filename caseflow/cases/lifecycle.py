"""The case's life: one table of transitions, one verb per act. `moving.move` is the one door.

Every verb takes the case locked by its caller, says who acts (`by`) and when (`now`), and writes one event.
The web, the workers and the commands call the same verbs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import sees_protected
from caseflow.audit import SYSTEM, Actor, Event, record
from caseflow.cases import (
    absence,
    announcements,
    attachments,
    checklists,
    codes,
    directory,
    family,
    joining,
    known_faults,
    mentions,
    merging,
    notices,
    refusals,
    withdrawal,
)
from caseflow.cases.absence import Absence, CoveredCase
from caseflow.cases.attachments import Upload
from caseflow.cases.deadlines import Calendar, due_on, promise_of
from caseflow.cases.former_contact import FormerContact
from caseflow.cases.models import NUMBER_SEQUENCE, OPEN, RESOLUTIONS, Case, Department, Entry, Municipality
from caseflow.cases.moving import Illegal as Illegal
from caseflow.cases.moving import Row, move
from caseflow.cases.routing import belongs, route, triage_department
from caseflow.database import db
from caseflow.messages import fate
from caseflow.messages.models import AUTOMATIC, Message
from caseflow.prepared import Prepared, held

_SAME = {status: status for status in (*OPEN, "answered")}
_BACK_TO_WORK = {"waiting": "in_progress", "planned": "in_progress", "answered": "in_progress", "closed": "in_progress"}
_WORK_AGAIN = {**_SAME, "waiting": "in_progress", "answered": "in_progress", "closed": "in_progress"}

# verb → {status before: status after}. A verb is legal in the statuses that its row names.
TRANSITIONS: dict[str, Row] = {
    "assign": {**_SAME, "new": "in_progress"},
    "release": _SAME,
    "transfer": dict.fromkeys(OPEN, "new"),
    "ask": dict.fromkeys(("new", "in_progress", "waiting"), "waiting"),
    "park": dict.fromkeys(OPEN, "planned"),
    "resume": dict.fromkeys(("waiting", "planned"), "in_progress"),
    "wake": {"planned": "in_progress"},
    "cover": {status: status for status in ("new", "in_progress", "waiting")},
    "reply": dict.fromkeys((*OPEN, "answered"), "answered"),
    "close": dict.fromkeys((*OPEN, "answered"), "closed"),
    "reopen": dict.fromkeys(("answered", "closed"), "in_progress"),
    "note": {**_SAME, "closed": "closed"},
    "correct": {**_SAME, "closed": "closed"},
    "hear": {**_SAME, **_BACK_TO_WORK},
    "not_solved": dict.fromkeys(("answered", "closed"), "in_progress"),
    # Whoever waits for an answer to a question that never arrived waits in vain.
    "undelivered": _WORK_AGAIN,
    "prioritise": _SAME,
    "categorise": {**_SAME, "closed": "closed"},
    "redirect": {**_SAME, "closed": "closed"},
    # What was said is taken back: at once, as if it had never been (`back_to` says where), or later, before it left.
    "unsend": _WORK_AGAIN,
    "recall": _WORK_AGAIN,
    **merging.ROWS,
    **joining.ROWS,
    **known_faults.ROWS,
}

# How a case may end without an answer having gone out; the reason is then always said in words.
RESOLUTIONS_WITHOUT_ANSWER = tuple(resolution for resolution in RESOLUTIONS if resolution != "answered")
CONTACT = ("name", "email", "phone", "best_time", "care_of", "street", "postcode", "town")
# How the answer is to come, and how other news.
WISHES = ("reply_by", "notify_by")
SUBJECT_LENGTH, SAYS_SOMETHING = 80, 15
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True)
class Errand:
    """What a resident wants, as it came in at a door. `submission` makes filing it twice one case."""

    kind: str
    description: str
    language: str
    reply_by: str
    submission: str
    department: str | None = None
    category: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    best_time: str | None = None
    care_of: str | None = None
    street: str | None = None
    postcode: str | None = None
    town: str | None = None
    source: str = "web"
    place: str | None = None
    answers: Sequence[dict[str, Any]] = ()  # to what the category asks besides
    came_from: str | None = None  # the page of another site that led to the form
    protected: bool = False  # the resident has protected personal data: see ADR 32


def legal(case: Case) -> frozenset[str]:
    """The verbs that the case's status allows now."""
    return frozenset(verb for verb, row in TRANSITIONS.items() if case.status in row)


# What a case begins with; its number is drawn in the same statement. Built once: it costs more than the rest of filing.
_BEGINS_WITH = (
    *CONTACT,
    *("code", "submission", "version", "kind_code", "department_code", "category_code", "routed", "subject"),
    *("description", "language", "source", "registered_by", "reply_by", "status", "received_at", "due_on", "promise"),
    "came_from",
    "protected",
    "place",
    "answers",
)
_NUMBER = sa.func.concat(sa.bindparam("year", type_=sa.Text), NUMBER_SEQUENCE.next_value())
_TABLE = cast(sa.Table, Case.__table__)
# SQLAlchemy builds an INSERT that may meet a row anew each time.
_NEW_CASE = Prepared(
    insert(_TABLE)
    .values(number=_NUMBER, **{name: sa.bindparam(name, type_=_TABLE.c[name].type) for name in _BEGINS_WITH})
    .on_conflict_do_nothing(index_elements=["submission"])
    .returning(*_TABLE.c)
)


def receive(
    errand: Errand,
    *,
    by: Actor,
    now: datetime,
    receipt: bool = True,
    since: datetime | None = None,
    uploads: Sequence[Upload] = (),
    code: str | None = None,
) -> Case:
    """Make the errand a case: routed, promised, recorded, receipted. The same submission gives the same case.

    No `receipt` goes to who may be a robot. `since` is when the resident said it, when that was before, and `code` the
    one that was given then.
    """
    municipality, promise = directory.known(), promise_of(directory.kind(errand.kind))
    way = route(
        kind=errand.kind,
        department=errand.department or triage_department(),
        category=errand.category,
        text="\n".join(filter(None, (errand.description, errand.place))),
    )
    values = {field: getattr(errand, field) for field in CONTACT}
    values |= {
        "year": f"{clock.today(now, municipality.zone).year}-",
        "code": code or codes.new(),
        "submission": errand.submission,
        "version": 1,
        "kind_code": errand.kind,
        "department_code": way.department_code,
        "category_code": errand.category if belongs(errand.category, way.department_code) else None,
        "routed": way.because,
        "subject": subject_line(errand.description),
        "description": errand.description,
        "language": errand.language,
        "source": errand.source,
        "came_from": errand.came_from,
        "protected": errand.protected,
        "place": errand.place or None,
        "answers": list(errand.answers),
        "registered_by": by.staff_id,
        "reply_by": errand.reply_by,
        "status": "new",
        "received_at": since or now,
        "due_on": due_on(since or now, promise, Calendar.of(municipality)),
        "promise": promise,
    }
    made = next((held(Case, row._asdict()) for row in _NEW_CASE.all(values)), None)
    case = made or db.session.scalars(sa.select(Case).where(Case.submission == errand.submission)).one()
    if made is not None:
        facts = {"to": "new", "kind": case.kind_code, "department": case.department_code, "source": case.source}
        # What the resident chose, which routing may overrule: so that other rules can be tried on the same cases.
        facts |= {"asked": errand.department or "", "about": errand.category or ""}
        record("case", case.id, "receive", by=by, at=now, version=1, **facts)
        attachments.attach(case, uploads, now=now)
        checklists.begin(case)
        if receipt:
            announcements.receipt(case, now=now)
    return case


def assign(case: Case, *, to: Staff, by: Actor, now: datetime) -> None:
    """Give the case to a person who reaches it; a new case is then in progress."""
    if case.protected and not sees_protected(to, case.department_code):
        raise Illegal("the resident has protected personal data, and this person is not named for that")
    old, case.assignee_id = case.assignee_id, to.id
    _move(case, "assign", by=by, now=now, assignee=to.id, assignee_before=old)


def release(case: Case, *, by: Actor, now: datetime) -> None:
    """Put the case back to the department, with nobody named."""
    old, case.assignee_id = case.assignee_id, None
    _move(case, "release", by=by, now=now, assignee=None, assignee_before=old)


def transfer(case: Case, *, to: Department, reason: str, by: Actor, now: datetime) -> None:
    """Hand the case to another department, as new and unassigned; the promise to the resident stays."""
    old = case.department_code
    _move(case, "transfer", by=by, now=now, reason=reason, department=to.code, department_before=old)
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
    _move(case, "ask", by=by, now=now, channel=channel, entry=entry.id)
    announcements.question(case, entry, channel=channel, now=now)
    notices.of_entry(case, entry, channel=channel, now=now)
    return entry


def park(case: Case, *, until: date, reason: str, by: Actor, now: datetime) -> None:
    """Plan the case for a day, with a reason that the resident sees."""
    _move(case, "park", by=by, now=now, reason=reason, sets={"planned_until": until}, until=until.isoformat())
    merging.follow(case, by=by, now=now, reason=reason, until=until.isoformat())


def resume(case: Case, *, by: Actor, now: datetime) -> None:
    """Take up again what waited or was planned."""
    _move(case, "resume", by=by, now=now)


def wake(case: Case, *, by: Actor, now: datetime) -> None:
    """The planned day came: work again, at its caseworker or, while that person is away, with the department."""
    planned = case.planned_until
    _move(case, "wake", by=by, now=now, planned_for=planned.isoformat() if planned else None)
    case.planned_for = planned
    _leave_to_the_department_if_away(case, now)


def cover(case: Case, away: Absence, *, by: Actor, now: datetime) -> None:
    """Its caseworker is away: the case is back with the department."""
    old, case.assignee_id = case.assignee_id, None
    until = away.last_day.isoformat() if away.last_day else None
    facts: dict[str, Any] = {"sort": away.sort, "since": away.first_day.isoformat(), "until": until}
    _move(case, "cover", by=by, now=now, assignee=None, assignee_before=old, **facts)
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
    _move(case, "reply", by=by, now=now, reason=reason, channel=channel, entry=entry.id)
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
    _move(case, "close", by=by, now=now, reason=reason, sets=ended, resolution=resolution)
    if resolution != "answered":
        merging.follow(case, by=by, now=now, reason=reason, resolution=resolution)


def reopen(case: Case, *, reason: str, by: Actor, now: datetime) -> None:
    """Take up an answered or closed case again; a merged one is taken out of its main case instead."""
    if merging.is_merged(case):
        raise Illegal("the case is merged into another")
    _move(case, "reopen", by=by, now=now, reason=reason)


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
    _move(case, "note", by=by, now=now, entry=entry.id, **called)
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
    _move(case, "hear", by=by, now=now, back_to=_resting(case), entry=entry.id)
    main = merging.echo(case, entry, by=by, now=now)
    _leave_to_the_department_if_away(main or case, now)
    return entry


def not_solved(case: Case, text: str, *, by: Actor, now: datetime, submission: str | None = None) -> Entry:
    """The resident says why what was answered or closed is not solved, and its caseworker has it again."""
    if merging.is_merged(case):
        raise Illegal("the case is merged into another")
    entry = _say(case, "resident", text, by=by, now=now, submission=submission)
    _move(case, "not_solved", by=by, now=now, entry=entry.id)
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
        _move(case, "correct", by=by, now=now, fields=changed)
        db.session.add(FormerContact(case_id=case.id, version=case.version, details=before, at=now))


def prioritise(case: Case, *, to: str, by: Actor, now: datetime) -> None:
    """Say that the case comes before others (`high`), or no longer (`normal`); the promise stays what it is."""
    old, case.priority = case.priority, to
    _move(case, "prioritise", by=by, now=now, priority=to, priority_before=old)


def categorise(case: Case, *, to: str | None, by: Actor, now: datetime) -> None:
    """Say what the case is about, in its department's words; None when none of them fits."""
    if to is not None and not belongs(to, case.department_code):
        raise Illegal(f"{to} is no category of {case.department_code}")
    old, case.category_code = case.category_code, to
    _move(case, "categorise", by=by, now=now, category=to, category_before=old)
    checklists.follow_category(case, now=now)


def redirect(case: Case, message: Message, *, channel: str, reason: str, by: Actor, now: datetime) -> None:
    """Send what did not get through by another channel instead."""
    fate.cancel(message)
    _move(case, "redirect", by=by, now=now, reason=reason, channel=channel, channel_before=message.channel)
    announcements.again(case, message, channel=channel, now=now)


def unsend(case: Case, entry: Entry, *, by: Actor, now: datetime) -> None:
    """Undo a reply or a question while it is held: nobody has seen it, and its text goes back to its writer.

    The case is again what it was, but for `new` and `planned`, which somebody who writes replies has left.
    """
    before = _status_before(case, entry)
    merging.retract(entry, by=by, now=now)
    for message in _messages_of(entry):
        if message.status != "cancelled":
            fate.cancel(message)
    entry.retracted_at = now
    case.answered_at = db.session.scalar(_first_reply(case))
    still = "answered" if before == "answered" and case.answered_at else None
    back_to = "waiting" if before == "waiting" else still
    _move(case, "unsend", by=by, now=now, back_to=back_to, entry=entry.id)


def recall(case: Case, message: Message, *, reason: str, by: Actor, now: datetime) -> None:
    """Take back what waits to leave the house; what the resident may have read on the own page stays said."""
    fate.cancel(message)
    facts: dict[str, Any] = {"message": message.id, "channel": message.channel}
    _move(case, "recall", by=by, now=now, reason=reason, back_to=_resting(case), **facts)


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
    _move(case, "undelivered", by=SYSTEM, now=now, back_to=_resting(case), **facts)
    main = merging.main_of(case)
    if main is not None:
        _move(main, "undelivered", by=SYSTEM, now=now, merged=case.number, **facts)
    _leave_to_the_department_if_away(main or case, now)


def subject_line(description: str) -> str:
    """The first sentence that says something ("Hej!" does not), cut at a word within 80 characters."""
    sentences = [part.strip() for part in _SENTENCE_END.split(description.strip())]
    first = next((sentence for sentence in sentences if len(sentence) >= SAYS_SOMETHING), " ".join(description.split()))
    if len(first) <= SUBJECT_LENGTH:
        return first
    return first[: SUBJECT_LENGTH - 1].rsplit(" ", 1)[0].rstrip(",.;: ") + "…"


def _move(
    case: Case,
    verb: str,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    back_to: str | None = None,
    sets: Mapping[str, object] | None = None,
    **data: object,
) -> None:
    move(case, verb, TRANSITIONS[verb], by=by, now=now, reason=reason, back_to=back_to, sets=sets, **data)


def _resting(case: Case) -> str | None:
    """The status that a merged case keeps whatever is said in it; None for a case of its own."""
    return case.status if merging.is_merged(case) else None


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


def _messages_of(entry: Entry) -> Sequence[Message]:
    """The messages that carry the entry or tell of it, locked after their case."""
    query = sa.select(Message).where(notices.told_with(entry)).order_by(Message.id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def _status_before(case: Case, entry: Entry) -> str | None:
    """What the case was when the entry was said; all that was done with it bears its moment."""
    acts = sa.select(Event.data["from"].astext).where(Event.subject == "case", Event.subject_id == case.id)
    return db.session.scalar(acts.where(Event.at == entry.at).order_by(Event.id).limit(1))


def _first_reply(case: Case) -> sa.Select[tuple[datetime]]:
    said = sa.select(sa.func.min(Entry.at)).where(Entry.case_id == case.id, Entry.sort == "reply")
    return said.where(Entry.retracted_at.is_(None))


def _take_if_free(case: Case, by: Actor) -> None:
    if case.assignee_id is None:
        case.assignee_id = by.staff_id
