"""Two errands in one text: a part of it becomes a case of its own, of the same resident."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from caseflow.audit import Actor
from caseflow.cases import announcements, lifecycle
from caseflow.cases.lifecycle import CONTACT, Errand
from caseflow.cases.models import Case, Entry
from caseflow.cases.moving import move
from caseflow.cases.relations.relation import Relation
from caseflow.database import db


def split(case: Case, text: str, *, kind: str, department: str, mark: str, by: Actor, now: datetime) -> Case:
    """The new case, promised from when the resident said it. The old one keeps all its words; `mark` makes two presses
    one. The resident is told both numbers by the own channel."""
    contact = {field: getattr(case, field) for field in CONTACT}
    errand = Errand(
        kind=kind,
        description=text,
        language=case.language,
        reply_by=case.reply_by,
        submission=f"split:{case.id}:{mark}",
        department=department,
        source=case.source,
        protected=case.protected,
        **contact,
    )
    part = lifecycle.receive(errand, by=by, now=now, receipt=False, since=_said_at(case, text))
    db.session.add(Relation(sort="split", case_id=part.id, other_id=case.id, at=now, by_id=by.staff_id))
    db.session.flush()
    move(part, "split_from", by=by, now=now, origin=case.number)
    move(case, "split_off", by=by, now=now, part=part.number, mark=mark)
    announcements.parted(part, case, now=now)
    return part


def _said_at(case: Case, text: str) -> datetime:
    """When the resident said it: in the first text, unless it stands only in something added later."""
    wanted = " ".join(text.split())
    if wanted not in " ".join(case.description.split()):
        added = sa.select(Entry.at, Entry.text).where(Entry.case_id == case.id, Entry.sort == "resident")
        for at, said in db.session.execute(added.order_by(Entry.id)).tuples():
            if wanted in " ".join(said.split()):
                moment: datetime = at
                return moment
    return case.received_at
