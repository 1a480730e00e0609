"""Several reports of one thing become one main case, and everybody who reported it is answered.

A merged case stays what it is, of its own resident, with its own number, code and channel. It is closed as a duplicate,
lies where its main case lies and follows it: what the main case is answered, planned for or closed with, each resident
is told in the own case, and what they write reaches the main case. The verbs here are called by `lifecycle` where they
follow from another act. All of a family are locked before, by whoever acts (`family`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from caseflow.audit import Actor, Event
from caseflow.cases import announcements, notices
from caseflow.cases.files import attachments
from caseflow.cases.files.attachments import Upload
from caseflow.cases.models import OPEN, Case, Department, Entry
from caseflow.cases.moving import TRANSITIONS, Illegal, move
from caseflow.cases.relations.relation import Relation
from caseflow.database import db
from caseflow.messages import fate
from caseflow.messages.models import Message


def merge(case: Case, main: Case, *, by: Actor, now: datetime) -> None:
    """Make the case a stub of the main one; both families are locked. What was merged into it comes along."""
    if why := hindrance(case, main):
        raise Illegal(f"a merger is hindered: {why}")
    for other in others_of(case):
        db.session.execute(sa.update(Relation).where(_merged(other)).values(other_id=main.id))
        move(other, "follow", by=by, now=now, main=main.number)
        _lie_with(other, main)
    before = {"department_before": case.department_code, "category_before": case.category_code}
    facts: dict[str, Any] = {"main": main.number, "department": main.department_code, **before}
    ended = {"resolution": "duplicate", "closed_at": now}
    move(case, "merge", by=by, now=now, sets=ended, **facts)
    _lie_with(case, main)
    move(main, "take_in", by=by, now=now, merged=case.number)
    due = _due_before(main)
    relation = Relation(sort="duplicate", case_id=case.id, other_id=main.id, at=now, by_id=by.staff_id, due_before=due)
    db.session.add(relation)
    if main.status in OPEN:
        main.due_on = min(main.due_on, case.due_on)
    db.session.flush()
    _catch_up(case, main, by=by, now=now)


def unmerge(case: Case, *, by: Actor, now: datetime) -> Case:
    """The case is one of its own again, where it was before; returns the main one."""
    main = main_of(case)
    if main is None:
        raise Illegal("the case is not merged")
    event = db.session.scalars(_last(case, "merge")).one()
    relation = db.session.scalars(sa.select(Relation).where(_merged(case))).one()
    home, category = str(event.data["department_before"]), event.data["category_before"]
    facts: dict[str, Any] = {"main": main.number, "department": home, "department_before": case.department_code}
    move(case, "unmerge", by=by, now=now, **facts)
    if case.department_code != home:
        case.department_code, case.category_code = home, str(category) if category else None
        case.assignee_id = None
    db.session.delete(relation)
    db.session.flush()
    move(main, "let_go", by=by, now=now, merged=case.number)
    if main.status in OPEN and relation.due_before:
        main.due_on = min([relation.due_before, *(other.due_on for other in others_of(main))])
    return main


def hindrance(case: Case, main: Case) -> str | None:
    """Why the case cannot be merged into the main one: `itself`, `merged`, `status` or `secret`."""
    if case.id == main.id:
        return "itself"
    if is_merged(main) or is_merged(case):
        return "merged"
    if case.status not in TRANSITIONS["merge"]:
        return "status"
    return "secret" if apart(case, main) else None


def apart(one: Case, other: Case) -> bool:
    """Whether secrecy keeps them apart: nothing joins a secret department's case to one of another department."""
    if one.department_code == other.department_code:
        return False
    secret = sa.select(Department.code).where(Department.secret)
    both = (one.department_code, other.department_code)
    return db.session.scalar(secret.where(Department.code.in_(both)).limit(1)) is not None


def is_merged(case: Case) -> bool:
    """Whether it is merged into another."""
    return db.session.scalar(sa.select(Relation.id).where(_merged(case))) is not None


def resting(case: Case) -> str | None:
    """The status that a merged case keeps whatever is said in it; None for a case of its own."""
    return case.status if is_merged(case) else None


def main_of(case: Case) -> Case | None:
    """The case that this one is merged into, locked."""
    query = sa.select(Case).join(Relation, Relation.other_id == Case.id).where(_merged(case))
    return db.session.scalar(query.with_for_update(of=Case).execution_options(populate_existing=True))


def others_of(main: Case) -> Sequence[Case]:
    """What is merged into the case, locked in order."""
    query = sa.select(Case).join(Relation, Relation.case_id == Case.id)
    query = query.where(Relation.other_id == main.id, Relation.sort == "duplicate").order_by(Case.id)
    return db.session.scalars(query.with_for_update(of=Case).execution_options(populate_existing=True)).all()


def anybody_by_letter(main: Case) -> bool:
    """Whether the resident of any case merged into this one is answered by letter."""
    query = sa.select(Case.id).join(Relation, Relation.case_id == Case.id).where(Case.reply_by == "letter")
    merged = query.where(Relation.other_id == main.id, Relation.sort == "duplicate").limit(1)
    return db.session.scalar(merged) is not None


def relay(main: Case, entry: Entry, uploads: Sequence[Upload], *, by: Actor, now: datetime) -> None:
    """What answers the main case answers each merged one: an entry, a message and a delivery of its own."""
    for case in others_of(main):
        _answer(case, main, entry, uploads, by=by, now=now)


def follow(main: Case, *, by: Actor, now: datetime, reason: str | None = None, **data: Any) -> None:
    """The merged ones are told what became of the main one: its `department`, `until` when it is planned, or with which
    `resolution` it ended."""
    for case in others_of(main):
        move(case, "follow", by=by, now=now, reason=reason, **data)
        _lie_with(case, main)


def echo(case: Case, entry: Entry, *, by: Actor, now: datetime) -> Case | None:
    """What the resident of a merged case writes is work in the main one, which is returned."""
    main = main_of(case)
    if main is not None:
        move(main, "echo", by=by, now=now, merged=case.number, entry=entry.id)
    return main


def retract(entry: Entry, *, by: Actor, now: datetime) -> None:
    """What was undone in the main case is undone in the merged ones."""
    copies = {copy.case_id: copy for copy in db.session.scalars(sa.select(Entry).where(Entry.copy_of == entry.id))}
    query = sa.select(Case).where(Case.id.in_(copies)).order_by(Case.id).with_for_update()
    for case in db.session.scalars(query.execution_options(populate_existing=True)).all() if copies else ():
        copy = copies[case.id]
        for message in db.session.scalars(sa.select(Message).where(notices.told_with(copy)).with_for_update()):
            if message.status != "cancelled":
                fate.cancel(message)
        copy.retracted_at = now
        said = sa.select(sa.func.min(Entry.at)).where(Entry.case_id == case.id, Entry.sort == "reply")
        case.answered_at = db.session.scalar(said.where(Entry.retracted_at.is_(None)))
        move(case, "retract", by=by, now=now, entry=copy.id)


def with_copies(entry: Entry) -> sa.Select[tuple[int]]:
    """The ids of the entry and of its copies in merged cases."""
    return sa.select(Entry.id).where(sa.or_(Entry.id == entry.id, Entry.copy_of == entry.id))


def _answer(case: Case, main: Case, entry: Entry, uploads: Sequence[Upload], *, by: Actor, now: datetime) -> None:
    facts: dict[str, Any] = {"case_id": case.id, "author_id": entry.author_id, "text": entry.text, "copy_of": entry.id}
    copy = Entry(sort="reply", at=now, **facts)
    db.session.add(copy)
    db.session.flush()
    attachments.attach(copy, uploads, now=now)
    case.answered_at = case.answered_at or now
    move(case, "relay", by=by, now=now, channel=case.reply_by, entry=copy.id, main=main.number)
    announcements.reply(case, copy, channel=case.reply_by, now=now)
    notices.of_entry(case, copy, channel=case.reply_by, now=now)


def _catch_up(case: Case, main: Case, *, by: Actor, now: datetime) -> None:
    """Who comes late to a case that is answered, closed or planned is told what the others were."""
    said = sa.select(Entry).where(Entry.case_id == main.id, Entry.sort == "reply", Entry.retracted_at.is_(None))
    reply = db.session.scalar(said.order_by(Entry.id.desc()).limit(1))
    if main.status in ("answered", "closed") and reply:
        _answer(case, main, reply, attachments.of_entry(reply), by=by, now=now)
    elif main.status in ("closed", "planned"):
        event = db.session.scalars(_last(main, "close" if main.status == "closed" else "park")).one()
        facts: dict[str, Any] = {key: event.data[key] for key in ("resolution", "until") if key in event.data}
        move(case, "follow", by=by, now=now, reason=event.reason, **facts)


def _lie_with(case: Case, main: Case) -> None:
    """Who works with the main case works with all of it, and is bound by its secrecy."""
    if case.department_code != main.department_code:
        case.department_code, case.category_code = main.department_code, main.category_code


def _due_before(main: Case) -> date:
    """When the main case was due before anything was merged into it."""
    first = sa.select(Relation.due_before).where(Relation.other_id == main.id, Relation.sort == "duplicate")
    return db.session.scalar(first.limit(1)) or main.due_on


def _merged(case: Case) -> sa.ColumnElement[bool]:
    return sa.and_(Relation.case_id == case.id, Relation.sort == "duplicate")


def _last(case: Case, verb: str) -> sa.Select[tuple[Event]]:
    acts = sa.select(Event).where(Event.subject == "case", Event.subject_id == case.id, Event.verb == verb)
    return acts.order_by(Event.id.desc()).limit(1)
