"""The one table of transitions, and the one door that every verb goes through: its row, the version, the event. Nowhere
else stands `case.status =`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from caseflow.audit import Actor, record
from caseflow.cases import notices
from caseflow.cases.faults import fault_news
from caseflow.cases.models import OPEN, STATUSES, Case

# A verb's row of the table: status before → status after.
Row = Mapping[str, str]
_STAY: Row = {status: status for status in STATUSES}
_STAY_BUT_CLOSED: Row = {status: status for status in (*OPEN, "answered")}
_BACK_TO_WORK = dict.fromkeys(("waiting", "planned", "answered", "closed"), "in_progress")
_WORK_AGAIN = {**_STAY, "waiting": "in_progress", "answered": "in_progress", "closed": "in_progress"}
# What happens between two cases (`merging`, `joining`, `splitting`).
BETWEEN_CASES: dict[str, Row] = {
    "merge": dict.fromkeys((*OPEN, "answered"), "closed"),
    "unmerge": {"closed": "in_progress"},
    "echo": {**_STAY, **_BACK_TO_WORK},
    **dict.fromkeys(("take_in", "let_go", "relay", "follow", "retract"), _STAY),
    **dict.fromkeys(("relate", "unrelate", "split_off", "split_from"), _STAY),
}
# verb → {status before: status after}. A verb is legal in the statuses that its row names.
TRANSITIONS: dict[str, Row] = {
    "assign": {**_STAY_BUT_CLOSED, "new": "in_progress"},
    "release": _STAY_BUT_CLOSED,
    "transfer": dict.fromkeys(OPEN, "new"),
    "ask": dict.fromkeys(("new", "in_progress", "waiting"), "waiting"),
    "park": dict.fromkeys(OPEN, "planned"),
    "resume": dict.fromkeys(("waiting", "planned"), "in_progress"),
    "wake": {"planned": "in_progress"},
    "cover": {status: status for status in ("new", "in_progress", "waiting")},
    "reply": dict.fromkeys((*OPEN, "answered"), "answered"),
    "close": dict.fromkeys((*OPEN, "answered"), "closed"),
    "reopen": dict.fromkeys(("answered", "closed"), "in_progress"),
    "note": _STAY,
    "correct": _STAY,
    "hear": {**_STAY, **_BACK_TO_WORK},
    "not_solved": dict.fromkeys(("answered", "closed"), "in_progress"),
    # Whoever waits for an answer to a question that never arrived waits in vain.
    "undelivered": _WORK_AGAIN,
    "prioritise": _STAY_BUT_CLOSED,
    "categorise": _STAY,
    "redirect": _STAY,
    # What was said is taken back: at once, as if it had never been (`back_to` says where), or later, before it left.
    "unsend": _WORK_AGAIN,
    "recall": _WORK_AGAIN,
    "publish": _STAY_BUT_CLOSED,
    "unpublish": _STAY,
    **BETWEEN_CASES,
}
# After these nobody has looked at a case that woke.
BY_ITSELF = ("wake", "cover", "echo")


class Illegal(Exception):
    """The act is not possible in the case's present status."""


def move(
    case: Case,
    verb: str,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    back_to: str | None = None,
    sets: Mapping[str, object] | None = None,
    **data: object,
) -> None:
    """Move the case along the verb's row. `back_to` is where it goes instead: where an undone act began.

    `sets` are fields that belong to the new status, so that the case is whole when the act is told.
    """
    old, row = case.status, TRANSITIONS[verb]
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


def legal(case: Case) -> frozenset[str]:
    """The verbs that the case's status allows now."""
    return frozenset(verb for verb, row in TRANSITIONS.items() if case.status in row)
