"""Writes errands and their stories as rows, the same that the lifecycle's verbs would have written.

What each verb writes is told here a second time, because a row costs a hundredth of a verb; what a verb may do is
read from the lifecycle's own table. tests/demo/test_ledger.py acts the same stories out both ways and compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from caseflow.audit import RESIDENT, SYSTEM, Actor
from caseflow.cases import codes
from caseflow.cases.delivery import refusals
from caseflow.cases.lifecycle import TRANSITIONS, Illegal
from caseflow.cases.models import Municipality
from caseflow.cases.receiving import subject_line
from caseflow.demo.composition import Errand
from caseflow.demo.outgoing import CaseFile, Outgoing, Said, stamp
from caseflow.demo.rows import Row, Rows
from caseflow.demo.stationery import to_json
from caseflow.demo.stories import Act


class Arrival(NamedTuple):
    """How an errand came in: where it was routed and why, when it is due, who registered it (None: the web form).

    `routed` and `promise` are JSON; `asked` and `about` are the department and category that the resident chose.
    """

    number: str
    department: str
    category: str | None
    routed: str
    due_on: date
    promise: str
    source: str
    registered_by: int | None
    asked: str = ""
    about: str = ""


class Ledger:
    """Turns stories into `rows`. `ids` gives the next id of `case`, `entry` and `message`."""

    def __init__(self, rows: Rows, ids: Mapping[str, Iterator[int]], municipality: Municipality, now: datetime) -> None:
        self._rows, self._ids = rows, ids
        self._outgoing = Outgoing(rows, ids["message"], municipality, now)
        self._verbs: dict[str, Callable[[CaseFile, Act], None]] = {
            "assign": self._assign,
            "transfer": self._transfer,
            "ask": self._ask,
            "park": self._park,
            "resume": self._move,
            "reply": self._reply,
            "close": self._close,
            "reopen": self._move,
            "note": self._note,
            "hear": self._hear,
            "redirect": self._redirect,
            "call": self._call,
            "post": lambda file, act: self._outgoing.post(file, act.at),
            "bounce": self._bounce,
        }

    def write(self, errand: Errand, arrival: Arrival, story: Iterable[Act]) -> None:
        """A case from its arrival on. Raises `Illegal` where the lifecycle would."""
        file = self._receive(errand, arrival)
        for act in story:
            self._verbs[act.verb](file, act)

    def _receive(self, errand: Errand, arrival: Arrival) -> CaseFile:
        at = errand.received.timestamp()
        file = CaseFile(errand, self._rows.add("case", _new_case(next(self._ids["case"]), errand, arrival)))
        facts = {"to": "new", "kind": errand.kind, "department": arrival.department, "source": arrival.source}
        facts |= {"asked": arrival.asked, "about": arrival.about}
        self._event(file, at, "receive", _actor(arrival.registered_by), facts, version=1)
        if errand.reply_by == "email":
            self._outgoing.send(file, at, "email")
        return file

    def _move(self, file: CaseFile, act: Act, **data: object) -> None:
        self._transition(file, act.at, act.verb, _actor(act.by), act.reason, data)

    def _transition(
        self, file: CaseFile, at: float, verb: str, by: Actor, reason: str | None, data: dict[str, object]
    ) -> None:
        """Table, version, event: as `moving.move`."""
        case = file.row
        old = case["status"]
        if old not in TRANSITIONS[verb]:
            raise Illegal(f"{verb} is not possible while the case is {old}")
        case["status"] = new = TRANSITIONS[verb][old]
        case["version"] += 1
        if new != "closed":
            case["resolution"] = case["closed_at"] = None
        if new != "planned":
            case["planned_until"] = None
        self._event(file, at, verb, by, {"from": old, "to": new, **data}, version=case["version"], reason=reason)

    def _event(
        self,
        file: CaseFile,
        at: float,
        verb: str,
        by: Actor,
        data: Mapping[str, object],
        *,
        version: int | None = None,
        reason: str | None = None,
    ) -> None:
        event: Row = {
            "at": stamp(at),
            "subject": "case",
            "subject_id": file.row["id"],
            "verb": verb,
            "actor": by.role,
            "staff_id": by.staff_id,
            "version": version,
            "reason": reason,
            "data": to_json(data),
        }
        self._rows.add("event", event)

    def _say(self, file: CaseFile, act: Act, sort: str) -> int:
        entry: Row = {
            "id": next(self._ids["entry"]),
            "case_id": file.row["id"],
            "sort": sort,
            "author_id": act.by,
            "text": (act.text or "").strip(),
            "at": stamp(act.at),
        }
        return int(self._rows.add("entry", entry)["id"])

    def _send(self, file: CaseFile, act: Act, purpose: str, entry: int) -> None:
        file.said = Said(purpose, entry, act.by, (act.text or "").strip())
        if act.to != "none":
            self._outgoing.send(file, act.at, str(act.to))

    def _assign(self, file: CaseFile, act: Act) -> None:
        before, file.row["assignee_id"] = file.row["assignee_id"], act.to
        self._move(file, act, assignee=act.to, assignee_before=before)

    def _transfer(self, file: CaseFile, act: Act) -> None:
        self._move(file, act, department=act.to, department_before=file.row["department_code"])
        file.row |= {"department_code": act.to, "category_code": None, "assignee_id": None}
        file.row["routed"] = to_json({"by": "transfer"})

    def _ask(self, file: CaseFile, act: Act) -> None:
        entry = self._say(file, act, "question")
        _take_if_free(file, act)
        self._move(file, act, channel=act.to, entry=entry)
        self._send(file, act, "question", entry)

    def _park(self, file: CaseFile, act: Act) -> None:
        self._move(file, act, until=act.to)
        file.row["planned_until"] = act.to

    def _reply(self, file: CaseFile, act: Act) -> None:
        entry = self._say(file, act, "reply")
        _take_if_free(file, act)
        file.row["answered_at"] = file.row["answered_at"] or stamp(act.at)
        self._move(file, act, channel=act.to, entry=entry)
        self._send(file, act, "reply", entry)

    def _close(self, file: CaseFile, act: Act) -> None:
        self._move(file, act, resolution=act.to)
        file.row |= {"resolution": act.to, "closed_at": stamp(act.at)}

    def _note(self, file: CaseFile, act: Act) -> None:
        self._move(file, act, entry=self._say(file, act, "note"))

    def _hear(self, file: CaseFile, act: Act) -> None:
        self._move(file, act, entry=self._say(file, act, "resident"))

    def _redirect(self, file: CaseFile, act: Act) -> None:
        before = self._outgoing.cancel(file)
        self._move(file, act, channel=act.to, channel_before=before["channel"])
        self._outgoing.send(file, act.at, str(act.to))

    def _call(self, file: CaseFile, act: Act) -> None:
        outcome = str(act.to)
        message = self._outgoing.call(file, act.at, act.by, outcome, act.text)
        again = self._outgoing.call_again(file, act.at, outcome)
        facts = {"outcome": outcome, "message": message["id"], **({"again": again} if again else {})}
        self._event(file, act.at, "call", _actor(act.by), facts)
        notice = self._outgoing.notice(file, act.at, outcome)
        if notice:
            told = {"message": notice["id"], "channel": "sms"}
            self._event(file, act.at, "notice", SYSTEM, told)
        if outcome == "wrong_number":
            self._undelivered(file, act.at, message)
        elif outcome == "reached" and act.text and message["purpose"] == "question":
            self._hear(file, act._replace(verb="hear"))

    def _bounce(self, file: CaseFile, act: Act) -> None:
        self._undelivered(file, act.at, self._outgoing.bounce(file, act.at))

    def _undelivered(self, file: CaseFile, at: float, message: Row) -> None:
        facts = {"channel": message["channel"], "outcome": message["status"], "why": refusals.why(message["error"])}
        self._transition(file, at, "undelivered", SYSTEM, None, facts)


def _take_if_free(file: CaseFile, act: Act) -> None:
    if file.row["assignee_id"] is None:
        file.row["assignee_id"] = act.by


@cache
def _actor(staff: int | None) -> Actor:
    return RESIDENT if staff is None else Actor("staff", staff)


def _new_case(number: int, errand: Errand, arrival: Arrival) -> Row:
    return {
        "id": number,
        "number": arrival.number,
        "code": codes.new(),
        "submission": f"generated-{arrival.number}",
        "version": 1,
        "kind_code": errand.kind,
        "department_code": arrival.department,
        "category_code": arrival.category,
        "routed": arrival.routed,
        "subject": subject_line(errand.text),
        "description": errand.text,
        "language": errand.language,
        "source": arrival.source,
        "registered_by": arrival.registered_by,
        "reply_by": errand.reply_by,
        "name": errand.name or None,
        "email": errand.email or None,
        "phone": errand.phone or None,
        "best_time": errand.best_time or None,
        "street": errand.street or None,
        "postcode": errand.postcode or None,
        "town": errand.town or None,
        "status": "new",
        "resolution": None,
        "assignee_id": None,
        "received_at": stamp(errand.received.timestamp()),
        "due_on": arrival.due_on,
        "promise": arrival.promise,
        "planned_until": None,
        "answered_at": None,
        "closed_at": None,
    }
