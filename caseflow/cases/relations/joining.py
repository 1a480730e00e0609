"""Cases that belong together and stay apart: related ones, and a greater one with its parts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from caseflow.audit import Actor
from caseflow.cases.models import Case
from caseflow.cases.moving import move
from caseflow.cases.relations.merging import apart
from caseflow.cases.relations.relation import Relation
from caseflow.database import db

# What the other case is to this one, and what this one then is to the other.
HOW = {"related": "related", "parent": "child", "child": "parent"}


def relate(case: Case, other: Case, how: str, *, by: Actor, now: datetime) -> None:
    """Say that the other case is `related` to this one, or its `parent` or `child`; both are locked."""
    first, second = (other, case) if how == "child" else (case, other)
    sort = "related" if how == "related" else "child"
    db.session.add(Relation(sort=sort, case_id=first.id, other_id=second.id, at=now, by_id=by.staff_id))
    db.session.flush()
    move(case, "relate", by=by, now=now, other=other.number, how=how)
    move(other, "relate", by=by, now=now, other=case.number, how=HOW[how])


def unrelate(case: Case, other: Case, how: str, *, by: Actor, now: datetime) -> bool:
    """Take it back; False when it is not so any more."""
    found = db.session.scalar(_between(case, other, how))
    if found is None:
        return False
    db.session.delete(found)
    db.session.flush()
    move(case, "unrelate", by=by, now=now, other=other.number, how=how)
    move(other, "unrelate", by=by, now=now, other=case.number, how=HOW[how])
    return True


def hindrance(case: Case, other: Case, how: str) -> str | None:
    """Why the two cannot be joined so: `itself`, `secret`, `joined`, `parent` or `circle`."""
    if case.id == other.id:
        return "itself"
    if apart(case, other):
        return "secret"
    if db.session.scalar(_any_between(case, other, how)) is not None:
        return "joined"
    if how == "related":
        return None
    child, parent = (case, other) if how == "parent" else (other, case)
    if _parent_of(child.id) is not None:
        return "parent"
    return "circle" if _is_under(parent.id, child.id) else None


def _between(case: Case, other: Case, how: str) -> sa.Select[tuple[Relation]]:
    if how == "related":
        return _any_between(case, other, how)
    child, parent = (case, other) if how == "parent" else (other, case)
    pair = (Relation.case_id == child.id, Relation.other_id == parent.id)
    return sa.select(Relation).where(Relation.sort == "child", *pair)


def _any_between(case: Case, other: Case, how: str) -> sa.Select[tuple[Relation]]:
    ends = sa.func.least(Relation.case_id, Relation.other_id), sa.func.greatest(Relation.case_id, Relation.other_id)
    pair = (ends[0] == min(case.id, other.id), ends[1] == max(case.id, other.id))
    return sa.select(Relation).where(Relation.sort == ("related" if how == "related" else "child"), *pair)


def _parent_of(case_id: int) -> int | None:
    return db.session.scalar(sa.select(Relation.other_id).where(Relation.sort == "child", Relation.case_id == case_id))


def _is_under(case_id: int | None, other_id: int) -> bool:
    """Whether the case is the other one's part, or a part of its part."""
    seen = set[int]()
    while case_id is not None and case_id not in seen:
        seen.add(case_id)
        case_id = _parent_of(case_id)
        if case_id == other_id:
            return True
    return False
