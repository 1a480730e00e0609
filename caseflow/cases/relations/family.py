"""A case is locked together with all that it is merged with, in the order of their ids.

What is said in a main case is said in those merged into it, and what is written there comes back to it: two who each
held one of them and then asked for the other would wait for each other.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from psycopg.errors import LockNotAvailable

from caseflow.cases.models import Case
from caseflow.cases.relations.relation import Relation
from caseflow.database import db

TRIES = 5


class Busy(Exception):
    """Somebody is acting on the case; waiting for them could be waiting for each other."""


class _Grown(Exception):
    """Something was merged with the case while its lock was waited for."""


def locked(which: sa.ColumnElement[bool], *, wait: bool = True) -> list[Case]:
    """The cases of the condition with their families, locked. Without waiting it raises `Busy`.

    The condition is looked at before: what somebody changed meanwhile has to be looked at again.
    """
    query = sa.select(Case).where(Case.id == sa.any_(sa.func.array(_ids(which).scalar_subquery()))).order_by(Case.id)
    try:
        rows = db.session.scalars(query.with_for_update(of=Case, nowait=not wait), execution_options=_FRESH)
        return list(rows)
    except sa.exc.OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise Busy from error
        raise


def locked_whole(case_id: int) -> Case:
    """One case, locked with all that it is merged with by then: for acts that no page's version keeps from going on."""
    for _try in range(TRIES):
        try:
            with db.session.begin_nested():
                return _whole(case_id)
        except _Grown:
            continue
    return _whole(case_id)


def _whole(case_id: int) -> Case:
    cases = {case.id: case for case in locked(Case.id == case_id)}
    if not set(db.session.scalars(_ids(Case.id == case_id))) <= set(cases):
        raise _Grown
    return cases[case_id]


_FRESH = {"populate_existing": True}


def _ids(which: sa.ColumnElement[bool]) -> sa.CompoundSelect[Any]:
    """Themselves, their main cases, and what is merged into any of these."""
    asked = sa.select(Case.id).where(which).cte("asked")
    main = sa.select(Relation.other_id).join(asked, asked.c.id == Relation.case_id).where(Relation.sort == "duplicate")
    head = sa.union(sa.select(asked.c.id), main).cte("head")
    others = sa.select(Relation.case_id).join(head, head.c.id == Relation.other_id).where(Relation.sort == "duplicate")
    return sa.union(sa.select(head.c.id), others)
