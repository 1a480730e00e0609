"""How a case begins: an errand that came in at a door is routed, promised, recorded and receipted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from caseflow import clock
from caseflow.audit import Actor, record
from caseflow.cases import announcements, codes
from caseflow.cases.deadlines import Calendar, due_on, promise_of
from caseflow.cases.files import attachments
from caseflow.cases.files.attachments import Upload
from caseflow.cases.models import NUMBER_SEQUENCE, Case
from caseflow.cases.municipality import directory
from caseflow.cases.routing import Route, belongs, route, triage_department
from caseflow.cases.screen import checklists
from caseflow.database import db
from caseflow.prepared import Prepared, held

CONTACT = ("name", "email", "phone", "best_time", "care_of", "street", "postcode", "town")
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
    promise = promise_of(directory.kind(errand.kind))
    way = route(
        kind=errand.kind,
        department=errand.department or triage_department(),
        category=errand.category,
        text="\n".join(filter(None, (errand.description, errand.place))),
    )
    values = _values(errand, way, promise, by=by, now=now, since=since or now)
    values["code"] = code or codes.new()
    made = next((held(Case, row._asdict()) for row in _NEW_CASE.all(values)), None)
    case = made or db.session.scalars(sa.select(Case).where(Case.submission == errand.submission)).one()
    if made is not None:
        _begin(case, errand, uploads, by=by, now=now)
        if receipt:
            announcements.receipt(case, now=now)
    return case


def _values(
    errand: Errand, way: Route, promise: dict[str, object], *, by: Actor, now: datetime, since: datetime
) -> dict[str, Any]:
    municipality = directory.known()
    contact = {field: getattr(errand, field) for field in CONTACT}
    return contact | {
        "year": f"{clock.today(now, municipality.zone).year}-",
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
        "received_at": since,
        "due_on": due_on(since, promise, Calendar.of(municipality)),
        "promise": promise,
    }


def _begin(case: Case, errand: Errand, uploads: Sequence[Upload], *, by: Actor, now: datetime) -> None:
    facts = {"to": "new", "kind": case.kind_code, "department": case.department_code, "source": case.source}
    # What the resident chose, which routing may overrule: so that other rules can be tried on the same cases.
    facts |= {"asked": errand.department or "", "about": errand.category or ""}
    record("case", case.id, "receive", by=by, at=now, version=1, **facts)
    attachments.attach(case, uploads, now=now)
    checklists.begin(case)


def subject_line(description: str) -> str:
    """The first sentence that says something ("Hej!" does not), cut at a word within 80 characters."""
    sentences = [part.strip() for part in _SENTENCE_END.split(description.strip())]
    first = next((sentence for sentence in sentences if len(sentence) >= SAYS_SOMETHING), " ".join(description.split()))
    if len(first) <= SUBJECT_LENGTH:
        return first
    return first[: SUBJECT_LENGTH - 1].rsplit(" ", 1)[0].rstrip(",.;: ") + "…"
