"""Calling a colleague to a case with @name in a note: who can be called, who was, and who follows the case since."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects.postgresql import insert

from caseflow.accounts.models import Membership, Staff
from caseflow.accounts.permissions import PERMISSIONS, May, reaches
from caseflow.audit import Event
from caseflow.cases.models import Case, Entry
from caseflow.cases.municipality import directory
from caseflow.cases.scope import within
from caseflow.cases.screen.mention import Following, Mention, MentionWish
from caseflow.database import db
from caseflow.messages import staff_mail

SHOWN = 50
# What whoever follows a case wants to know.
NEWS = ("hear", "not_solved", "echo", "note", "reply", "close", "reopen", "transfer", "merge", "undelivered")
AT = re.compile(r"(?<![\w.@+-])@(?=[^\W\d_])")
WORD = re.compile(r"[\w-]+")


class Unknown(ValueError):
    """Nobody of that name may see the case; `several` have it."""

    def __init__(self, name: str, *, several: bool = False) -> None:
        super().__init__(name)
        self.name, self.several = name, several


def readers(case: Case) -> Sequence[Staff]:
    """Who may see the case, by name."""
    roles = [role for role, acts in PERMISSIONS.items() if May.SEE_CASES in acts]
    query = sa.select(Staff).join(Membership, Membership.staff_id == Staff.id).order_by(Staff.name, Staff.id)
    there = (Membership.department_code == case.department_code, reaches("read"), Staff.active, Staff.role.in_(roles))
    return db.session.scalars(query.where(*there, directory.open_to_member(case))).all()


def named(text: str, people: Sequence[Staff]) -> list[Staff]:
    """Whom a text names, by the whole name or by a first name that one person has. Raises `Unknown`."""
    return list(dict.fromkeys(_named(text, people)))


def tell(case: Case, entry: Entry, people: Sequence[Staff], *, now: datetime) -> None:
    """They see it under Mentions, and by mail if they want that; from now on they follow the case."""
    wishes = set(db.session.scalars(sa.select(MentionWish.staff_id))) if people else set()
    for person in people:
        if person.id == entry.author_id:
            continue
        mention = Mention(entry_id=entry.id, case_id=case.id, staff_id=person.id, at=now)
        db.session.add(mention)
        db.session.flush()
        follow(case.id, person.id, now=now)
        if person.id in wishes:
            _mail(case, entry, mention, person, now)


def follow(case_id: int, staff_id: int, *, now: datetime) -> None:
    new = insert(Following).values(case_id=case_id, staff_id=staff_id, seen_at=now)
    db.session.execute(new.on_conflict_do_nothing())


def stop_following(staff: Staff, case_id: int | None = None) -> None:
    """One case, or all of them."""
    mine = sa.delete(Following).where(Following.staff_id == staff.id)
    db.session.execute(mine.where(Following.case_id == case_id) if case_id is not None else mine)


def unread(staff: Staff) -> sa.ScalarSelect[int]:
    """How many mentions wait for the person, to be counted together with other things."""
    mine = sa.select(sa.func.count()).select_from(Mention).join(Case, Case.id == Mention.case_id)
    return mine.where(Mention.staff_id == staff.id, Mention.read_at.is_(None), within(staff)).scalar_subquery()


def latest(staff: Staff) -> Sequence[sa.Row[Any]]:
    """The person's mentions in cases that they may still see, the unread first, then the newest."""
    author = sa.orm.aliased(Staff)
    columns = (Mention.id, Mention.at, Mention.read_at, Entry.text, author.name.label("by"), Case.number, Case.subject)
    query = sa.select(*columns).select_from(Mention).join(Case, Case.id == Mention.case_id)
    query = query.join(Entry, Entry.id == Mention.entry_id).join(author, author.id == Entry.author_id)
    query = query.where(Mention.staff_id == staff.id, within(staff))
    return db.session.execute(query.order_by(Mention.read_at.is_not(None), Mention.id.desc()).limit(SHOWN)).all()


def followed(staff: Staff) -> Sequence[sa.Row[Any]]:
    """The cases that the person follows, with how much has happened since they looked, the liveliest first."""
    others = sa.or_(Event.staff_id.is_(None), Event.staff_id != staff.id)
    since = (Event.subject_id == Case.id, Event.at > Following.seen_at, Event.verb.in_(NEWS), others)
    news = sa.select(sa.func.count()).where(Event.subject == "case", *since).scalar_subquery().label("news")
    query = sa.select(Case.number, Case.subject, Case.status, news).join(Following, Following.case_id == Case.id)
    query = query.where(Following.staff_id == staff.id, within(staff))
    return db.session.execute(query.order_by(sa.desc("news"), Case.id.desc()).limit(4 * SHOWN)).all()


def read(staff: Staff, mention_id: int, *, now: datetime) -> tuple[str, int] | None:
    """The mention's case number and entry, marked as read; None when there is none for this person."""
    found = sa.select(Mention, Case.number).join(Case, Case.id == Mention.case_id)
    row = db.session.execute(found.where(Mention.id == mention_id, Mention.staff_id == staff.id, within(staff))).first()
    if row is None:
        return None
    row.Mention.read_at = row.Mention.read_at or now
    seen(staff, row.Mention.case_id, now=now)
    return row.number, row.Mention.entry_id


def seen(staff: Staff, case_id: int, *, now: datetime) -> None:
    mine = sa.update(Following).where(Following.staff_id == staff.id, Following.case_id == case_id)
    db.session.execute(mine.values(seen_at=now))


def read_all(staff: Staff, *, now: datetime) -> None:
    """Everything up to now."""
    waiting = sa.update(Mention).where(Mention.staff_id == staff.id, Mention.read_at.is_(None))
    db.session.execute(waiting.values(read_at=now))
    db.session.execute(sa.update(Following).where(Following.staff_id == staff.id).values(seen_at=now))


def wants_mail(staff: Staff) -> bool:
    return db.session.get(MentionWish, staff.id) is not None


def want_mail(staff: Staff, *, wanted: bool) -> None:
    if wanted:
        db.session.execute(insert(MentionWish).values(staff_id=staff.id).on_conflict_do_nothing())
    else:
        db.session.execute(sa.delete(MentionWish).where(MentionWish.staff_id == staff.id))


def _named(text: str, people: Sequence[Staff]) -> Iterator[Staff]:
    longest = sorted(people, key=lambda person: len(person.name), reverse=True)
    for at in AT.finditer(text):
        rest = text[at.end() :].casefold()
        whole = [person for person in longest if re.match(re.escape(person.name.casefold()) + r"(?!\w)", rest)]
        word = WORD.match(text, at.end())
        assert word is not None  # AT looks ahead to it
        first = [person for person in people if person.name.split()[0].casefold() == word[0].casefold()]
        found = [person for person in whole if person.name == whole[0].name] or first
        if len(found) != 1:
            raise Unknown(word[0], several=bool(found))
        yield found[0]


def _mail(case: Case, entry: Entry, mention: Mention, person: Staff, now: datetime) -> None:
    """Where to read it, and not what: a note may be secret, and mail is read on the way."""
    author = db.session.get_one(Staff, entry.author_id).name
    told = {"name": author, "number": case.number}
    staff_mail.put(
        person,
        purpose="mention",
        subject=_l("%(name)s mentioned you in case %(number)s", **told),
        body=_l("%(name)s wrote a note in case %(number)s and mentioned you in it.", **told),
        link=f"{current_app.config['BASE_URL']}/staff/mentions/{mention.id}",
        now=now,
    )
