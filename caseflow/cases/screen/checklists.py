"""The checklist of a case: begun from its category's template, ticked, added to and taken from by colleagues.

Its acts leave the case's version alone: two colleagues who tick at once do not disturb each other, nor whoever is just
writing the answer (docs/adr: a checklist is nobody's version).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from caseflow import stamp
from caseflow.accounts.models import Staff
from caseflow.audit import Actor, record
from caseflow.cases.models import Case, Category
from caseflow.cases.screen.step import MOST, Step
from caseflow.database import db


@dataclass(frozen=True)
class Shown:
    """A step as the page tells it."""

    id: int
    text: str
    who: str | None
    done_at: datetime | None
    removed: bool

    @classmethod
    def read(cls, row: list[Any]) -> Shown:
        number, text, who, at, removed = row
        return cls(number, text, who, datetime.fromisoformat(at) if at else None, removed)


def of(case: Case) -> sa.Select[Any]:
    """The case's steps in their order, those taken away too, as `Shown.read` takes them."""
    columns = (Step.id, Step.text, Staff.name, Step.done_at, Step.removed_at.is_not(None).label("removed"))
    mine = sa.select(*columns).outerjoin(Staff, Staff.id == Step.done_by)
    return mine.where(Step.case_id == case.id).order_by(Step.id)


def step_of(case: Case, step_id: int) -> Step | None:
    """A step of the (locked) case that nobody has taken away."""
    mine = sa.select(Step).where(Step.id == step_id, Step.case_id == case.id, Step.removed_at.is_(None))
    return db.session.scalar(mine.execution_options(populate_existing=True))


def follow_category(case: Case, *, now: datetime) -> None:
    """Give the case its category's steps. Those of another category that nobody has ticked are taken away."""
    category = case.category_code
    others = sa.and_(Step.category_code.is_not(None), Step.category_code.is_distinct_from(category))
    untouched = sa.and_(Step.case_id == case.id, Step.done_at.is_(None), Step.removed_at.is_(None))
    changed = {"synchronize_session": False}
    db.session.execute(sa.update(Step).where(untouched, others).values(removed_at=now), execution_options=changed)
    begin(case)


def begin(case: Case) -> None:
    """The steps of the case's category that it does not have."""
    if case.category_code not in _with_steps():
        return
    line = sa.func.unnest(Category.checklist).table_valued("text", with_ordinality="place").render_derived()
    has = sa.exists().where(Step.case_id == case.id, Step.text == line.c.text, Step.removed_at.is_(None))
    lines = sa.select(sa.literal(case.id), line.c.text, Category.code).select_from(Category).join(line, sa.true())
    lines = lines.where(Category.code == case.category_code, ~has).order_by(line.c.place)
    db.session.execute(sa.insert(Step).from_select(["case_id", "text", "category_code"], lines))


@stamp.kept
def _with_steps() -> frozenset[str]:
    return frozenset(db.session.scalars(sa.select(Category.code).where(sa.func.cardinality(Category.checklist) > 0)))


def add(case: Case, text: str, *, by: Actor, now: datetime) -> bool:
    """Add a step at the end; False when the case has it already, as after a double click."""
    mine = sa.select(Step.text).where(Step.case_id == case.id, Step.removed_at.is_(None))
    if text in (present := list(db.session.scalars(mine))) or len(present) >= MOST:
        return False
    step = Step(case_id=case.id, text=text)
    db.session.add(step)
    db.session.flush()
    _tell(case, "add_step", step, by=by, now=now)
    return True


def tick(case: Case, step: Step, *, done: bool, by: Actor, now: datetime) -> bool:
    """Say that the step is done, or that it is not; False when that was said already."""
    if done == (step.done_at is not None):
        return False
    step.done_by, step.done_at = (by.staff_id, now) if done else (None, None)
    _tell(case, "tick" if done else "untick", step, by=by, now=now)
    return True


def remove(case: Case, step: Step, *, by: Actor, now: datetime) -> bool:
    """Take away a step that is not done; False when it is done by now."""
    if step.done_at is not None:
        return False
    step.removed_at = now
    _tell(case, "remove_step", step, by=by, now=now)
    return True


def texts(steps: Iterable[Shown]) -> Mapping[int, str]:
    """What the history calls each step."""
    return {step.id: step.text for step in steps}


def _tell(case: Case, verb: str, step: Step, *, by: Actor, now: datetime) -> None:
    record("case", case.id, verb, by=by, at=now, version=case.version, step=step.id)
