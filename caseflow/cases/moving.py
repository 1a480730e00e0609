"""The one door of every transition: a row of the table, the version, the event. `case.status =` stands nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from caseflow.audit import Actor, record
from caseflow.cases import fault_news, notices
from caseflow.cases.models import Case

# A verb's row of the table: status before → status after.
Row = Mapping[str, str]
# After these nobody has looked at a case that woke.
BY_ITSELF = ("wake", "cover", "echo")


class Illegal(Exception):
    """The act is not possible in the case's present status."""


def move(
    case: Case,
    verb: str,
    row: Row,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    back_to: str | None = None,
    sets: Mapping[str, object] | None = None,
    **data: object,
) -> None:
    """Move the case along its row. `back_to` is where it goes instead: where an undone act began.

    `sets` are fields that belong to the new status, so that the case is whole when the act is told.
    """
    old = case.status
    if old not in row:
        raise Illegal(f"{verb} is not possible while the case is {old}")
    case.status = back_to or row[old]
    case.version += 1
    if case.status != "closed":
        case.resolution, case.closed_at = None, None
    if case.status != "planned":
        case.planned_until = None
    if verb not in BY_ITSELF:
        case.planned_for = None
    for field, value in (sets or {}).items():
        setattr(case, field, value)
    facts = {"from": old, "to": case.status, **data}
    record("case", case.id, verb, by=by, at=now, version=case.version, reason=reason, **facts)
    if case.notify_by != "none" and by.role != "resident":
        notices.of_act(case, verb, old, now=now, data=data)
    if case.made_known:
        fault_news.of_move(case, verb, data, now=now)
