"""A case as its resident reads it: what was answered, what happened, how the answer travels. Never a note."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload, selectinload

from caseflow import clock
from caseflow.audit import Event
from caseflow.cases import questions, words
from caseflow.cases.files import attachments
from caseflow.cases.models import Case, Entry
from caseflow.cases.municipality import directory
from caseflow.cases.screen import desk
from caseflow.database import db
from caseflow.language import current
from caseflow.messages.models import TROUBLE, Attachment, Message

OUTWARD = ("reply", "question")


@dataclass(frozen=True)
class Step:
    """One thing that happened: when, in a sentence, with the reason given or the resident's own words."""

    at: datetime
    text: str
    reason: str | None = None
    own_words: str | None = None
    files: Sequence[Attachment] = ()  # that went with the resident's own words
    code: str | None = None  # of another case of the same resident that it tells of


@dataclass(frozen=True)
class Story:
    """All that an own page shows. `answers` are ours to the resident, newest first."""

    case: Case
    department: str
    answers: Sequence[Entry]
    steps: Sequence[Step]
    status: str
    reason: str | None
    promise: str | None
    late: bool
    files: Mapping[int | None, Sequence[Attachment]]


def told(case: Case, *, language: str, now: datetime) -> Story:
    """The case's story on a day, in a language."""
    said = db.session.scalars(_entries(case)).all()
    entries = [entry for entry in said if _is_out(entry, now)]
    events = _shown(db.session.scalars(_events(case)).all(), {entry.at for entry in said if entry not in entries})
    departments = desk.department_names(language)
    files = attachments.of_case(case)
    leaving = any(entry.held_until and entry.held_until > now and not entry.retracted_at for entry in said)
    waits = case.status == "closed" and _waits_with_others(events)
    promised = leaving or waits or case.status in ("new", "in_progress")
    late = promised and case.due_on < clock.today(now, directory.municipality().zone)
    return Story(
        case=case,
        department=departments[case.department_code],
        answers=[entry for entry in reversed(entries) if entry.sort in OUTWARD],
        steps=_steps(case, events, departments, {entry.id: entry for entry in entries}, files),
        status=str(words.STATUS_FOR_RESIDENT["in_progress"]) if leaving else _status(case, waits=waits),
        reason=_latest_reason(case, events),
        promise=promise(case, departments[case.department_code]) if promised and not late else None,
        late=late,
        files=files,
    )


def shown_entries(case: Case, now: datetime) -> list[int]:
    """The entries that the own page shows, whose files may be fetched there."""
    return [entry.id for entry in db.session.scalars(_entries(case)) if _is_out(entry, now)]


def promise(case: Case, department: str) -> str:
    """By when who answers and how, in a sentence."""
    day = long_day(case.due_on, case.received_at)
    if case.reply_by == "none":
        return _("%(department)s deals with it no later than %(date)s.", department=department, date=day)
    way = words.BY_CHANNEL[case.reply_by]
    facts = {"department": department, "date": day, "by_channel": way}
    return _("%(department)s answers no later than %(date)s, %(by_channel)s.", **facts)


def long_day(day: date, seen_from: datetime) -> str:
    """ "Wednesday 2 December", with the year when it is another one."""
    return words.long_date(day) + (f" {day.year}" if day.year != clock.today(seen_from).year else "")


def arrival(message: Message) -> str | None:
    """How a message travels, in words for the person who waits for it; None for one that was taken back."""
    if message.status == "cancelled" or message.purpose == "update":
        return None
    if message.status in TROUBLE:
        return _LOST[message.channel]()
    if message.status == "delivered" or (message.status == "accepted" and message.channel in ("email", "sms")):
        at = message.delivered_at or message.accepted_at or message.created_at
        return _ARRIVED[message.channel](words.long_date(at))
    return _UNDER_WAY[message.channel]()


def _is_out(entry: Entry, now: datetime) -> bool:
    """What its writer can still undo, or has undone, has not been said."""
    return entry.retracted_at is None and (entry.held_until is None or entry.held_until <= now)


def _shown(events: Sequence[Event], unsaid: Collection[datetime]) -> list[Event]:
    """Without what was done together with something unsaid: it bears the same moment."""
    said = [event for event in events if event.at not in unsaid or event.verb not in ("reply", "ask", "close", "relay")]
    return [event for event in said if event.verb != "follow" or _followed(event)]


def _followed(event: Event) -> str | None:
    """What the main case did that this one, merged into it, tells: the verb that it is told as."""
    told = {"until": "park", "resolution": "close", "department": "transfer"}
    return next((verb for key, verb in told.items() if key in event.data), None)


def _waits_with_others(events: Sequence[Event]) -> bool:
    """Whether the case is merged into another and nothing has been said about that one since."""
    last = next((event for event in reversed(events) if event.verb in ("merge", "unmerge", "relay", "follow")), None)
    return last is not None and (last.verb == "merge" or _verb(last) == "transfer")


def _verb(event: Event) -> str:
    return (_followed(event) if event.verb == "follow" else None) or event.verb


def _entries(case: Case) -> sa.Select[tuple[Entry]]:
    """What was said in the case, without the notes: they are left out here, in the query, and nowhere later."""
    said = sa.select(Entry).where(Entry.case_id == case.id, Entry.sort.in_(("resident", *OUTWARD)))
    return said.options(joinedload(Entry.author), selectinload(Entry.messages)).order_by(Entry.id)


def _events(case: Case) -> sa.Select[tuple[Event]]:
    mine = (Event.subject == "case", Event.subject_id == case.id, Event.verb.in_(_TELL))
    return sa.select(Event).where(*mine).order_by(Event.id)


def _steps(
    case: Case,
    events: Sequence[Event],
    departments: Mapping[str, str],
    entries: Mapping[int, Entry],
    files: Mapping[int | None, Sequence[Attachment]],
) -> list[Step]:
    found, codes = [], _parts(events)
    for event in events:
        department = departments.get(str(event.data.get("department")), "")
        entry = entries.get(int(str(event.data.get("entry") or 0)))
        own = _first_words(case) if event.verb == "receive" else entry.text if entry and event.verb in _OWN else None
        reason = event.reason if event.verb in _REASONED else None
        code = codes.get(str(event.data.get("part")))
        sent = files.get(entry.id if entry else None, ()) if event.verb in ("receive", "hear") else ()
        found.append(Step(event.at, _TELL[_verb(event)](case, event, department), reason, own, sent, code))
    return found


def _first_words(case: Case) -> str:
    place = _("Place: %(place)s", place=case.place) if case.place else None
    asked = [
        f"{question}{' ' if question.endswith('?') else ': '}{answer}"
        for question, answer in questions.told(case.answers, current())
    ]
    return "\n\n".join(filter(None, (case.description, place, *asked)))


def _parts(events: Sequence[Event]) -> dict[str, str]:
    """The codes of the cases that were made of parts of this one, by number: they are of the same resident."""
    numbers = [str(event.data["part"]) for event in events if event.verb == "split_off"]
    query = sa.select(Case.number, Case.code).where(Case.number.in_(numbers))
    return dict(db.session.execute(query).tuples().all()) if numbers else {}


def _status(case: Case, *, waits: bool) -> str:
    if waits:
        return _("Others have reported the same thing. We deal with it together and answer each of you.")
    if case.status == "closed" and case.resolution == "duplicate" and case.answered_at:
        return str(words.STATUS_FOR_RESIDENT["answered"])
    if case.status == "planned" and case.planned_until:
        day = long_day(case.planned_until, case.received_at)
        return _("We take up your case again on %(date)s.", date=day)
    if case.status == "closed":
        return f"{words.STATUS_FOR_RESIDENT['closed']} {_ENDED[str(case.resolution)]}"
    return str(words.STATUS_FOR_RESIDENT[case.status])


def _latest_reason(case: Case, events: Sequence[Event]) -> str | None:
    """Why the case is planned or closed, where it is."""
    verbs = {"planned": ("park",), "closed": ("close", "park")}.get(case.status, ())
    last = next((event for event in reversed(events) if _verb(event) in (*verbs, "merge", "unmerge")), None)
    return last.reason if last else None


def _received(case: Case, event: Event, department: str) -> str:
    if event.data.get("source") in (None, "web"):
        return _("You sent your case to %(department)s.", department=department)
    return _("We wrote down your case for %(department)s.", department=department)


def _closed(case: Case, event: Event, department: str) -> str:
    return _("You took your case back.") if event.actor == "resident" else _("We closed your case.")


def _answered(case: Case, event: Event, department: str) -> str:
    return _("We answered you %(by_channel)s.", by_channel=words.BY_CHANNEL[str(event.data.get("channel"))])


def _planned(case: Case, event: Event, department: str) -> str:
    day = long_day(date.fromisoformat(str(event.data.get("until"))), event.at)
    return _("We planned your case for %(date)s.", date=day)


_ENDED = {
    "answered": _l("You have an answer."),
    "fixed": _l("It is fixed."),
    "planned_work": _l("It will be done later."),
    "referred": _l("It is somebody else's to deal with."),
    "duplicate": _l("It had already been reported."),
    "no_action": _l("We do nothing more about it."),
    "withdrawn": _l("You took it back."),
    "unreachable": _l("We could not reach you."),
    "registered": _l("It goes on as a formal matter."),
}

# The acts that concern the resident, and how each is told. What stands not here is the house's own business.
_TELL: dict[str, Callable[[Case, Event, str], str]] = {
    "receive": _received,
    "transfer": lambda case, event, department: _("%(department)s took over your case.", department=department),
    "ask": lambda case, event, department: _("We asked you something."),
    "park": _planned,
    "resume": lambda case, event, department: _("We took up your case again."),
    "wake": lambda case, event, department: _("We took up your case again."),
    "reply": _answered,
    "close": _closed,
    "reopen": lambda case, event, department: _("We took up your case again."),
    "hear": lambda case, event, department: _("You added something."),
    "not_solved": lambda case, event, department: _("You said that it is not solved, and we took up your case again."),
    "correct": lambda case, event, department: (
        _("You changed how we reach you.") if event.actor == "resident" else _("We corrected how we reach you.")
    ),
    "merge": lambda case, event, department: _("Others had reported the same thing. Now we deal with it together."),
    "unmerge": lambda case, event, department: _("We deal with your case by itself again."),
    "relay": _answered,
    "split_off": lambda case, event, department: _(
        "We made a case of its own of a part of this: %(number)s.", number=event.data["part"]
    ),
    "split_from": lambda case, event, department: _(
        "This case was made of a part of your case %(number)s.", number=event.data["origin"]
    ),
    "follow": lambda case, event, department: "",
}
_OWN = ("hear", "not_solved")
# Reasons that are written for the resident; the others are for colleagues.
_REASONED = ("park", "close", "follow")

_ARRIVED: dict[str, Callable[[str], str]] = {
    "email": lambda day: _("Sent to you by e-mail on %(date)s.", date=day),
    "sms": lambda day: _("Sent to you by SMS on %(date)s.", date=day),
    "phone": lambda day: _("Told to you by phone on %(date)s.", date=day),
    "letter": lambda day: _("Posted to you on %(date)s.", date=day),
}
_UNDER_WAY: dict[str, Callable[[], str]] = {
    "email": lambda: _("On its way to you by e-mail."),
    "sms": lambda: _("On its way to you by SMS."),
    "phone": lambda: _("We will also call you about this."),
    "letter": lambda: _("A letter with this waits to be posted to you."),
}
_LOST: dict[str, Callable[[], str]] = {
    "email": lambda: _("We could not reach you by e-mail, so read it here."),
    "sms": lambda: _("We could not reach you by SMS, so read it here."),
    "phone": lambda: _("We have not reached you by phone, so read it here."),
    "letter": lambda: _("The letter could not be sent, so read it here."),
}
