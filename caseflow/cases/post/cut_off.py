"""At the day's cut-off the letters that wait become batches by themselves: one for each department."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import Case, Department, Municipality
from caseflow.cases.post import letters
from caseflow.cases.post.letter_rules import LetterRules
from caseflow.database import db, unit_of_work
from caseflow.messages.models import LetterBatch, Message

# Letters of one batch: as much as a printer's tray and our memory take at once. What is over waits for the next day.
MOST = 1000


def collate(config: letters.Config, *, now: datetime) -> list[int]:
    """Make the batches of the latest cut-off that are not made yet; a second run finds none. Returns their ids."""
    municipality = db.session.get(Municipality, 1)
    if municipality is None:
        return []
    found = LetterRules.from_dict(municipality.letters).last_cut_off(now, Calendar.of(municipality))
    waiting = _departments(*found) if found else []
    db.session.rollback()
    made = [_collate(department, *found, config=config, now=now) for department in waiting] if found else []
    return [batch_id for batch_id in made if batch_id is not None]


def _departments(day: date, moment: datetime) -> list[str]:
    query = sa.select(Case.department_code).join(Message, Message.case_id == Case.id)
    ripe = query.where(*letters.WAITS, Message.accepted_at <= moment, ~Case.protected)
    return list(db.session.scalars(ripe.distinct()))


def _collate(department: str, day: date, moment: datetime, *, config: letters.Config, now: datetime) -> int | None:
    """One department's batch. Its row is locked: of two machines that come to it, the second finds the batch made."""
    with unit_of_work() as session:
        session.get_one(Department, department, with_for_update=True)
        of_today = sa.select(LetterBatch.id).where(LetterBatch.department_code == department)
        if session.scalar(of_today.where(LetterBatch.cut_off_on == day)) is not None:
            return None
        found = session.scalars(_waiting(department, moment)).all()
        maker: dict[str, Any] = {"created_by": None, "cut_off_on": day}
        return letters.put_together(department, found, config=config, now=now, **maker).id if found else None


def _waiting(department: str, moment: datetime) -> sa.Select[tuple[Message]]:
    """Letters to who has protected personal data wait for a person who is named for that."""
    query = sa.select(Message).join(Case, Case.id == Message.case_id)
    query = query.where(Case.department_code == department, ~Case.protected)
    query = query.where(*letters.WAITS, Message.accepted_at <= moment).order_by(Message.id).limit(MOST)
    return query.with_for_update(of=Message).execution_options(populate_existing=True)
