"""Rows of the old system as rows of ours: what the lifecycle's verbs would have written, copied in by the thousand.

Nobody is told of anything: there is no message, no notice, and what was late when it came is not escalated again.
tests/importing/test_importing.py has the verbs write the same cases and compares.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from caseflow import clock
from caseflow.accounts.actors import SYSTEM, Actor
from caseflow.cases import codes
from caseflow.cases.lifecycle import TRANSITIONS
from caseflow.cases.models import NUMBER_SEQUENCE, OPEN, Category
from caseflow.cases.receiving import subject_line
from caseflow.cases.routing import belongs
from caseflow.cases.screen.step import Step
from caseflow.cases.triage import lookup_in_bulk
from caseflow.database import copying, identity_of, next_of
from caseflow.importing import arriving
from caseflow.importing.arriving import Arriving, Found
from caseflow.importing.house import House
from caseflow.importing.mapping import CONTACT

Row = dict[str, Any]
# In the order in which they refer to each other.
TABLES = ("case", "entry", "event", "imported_case")
# What is said in the case, by the sort of its entry.
SAID = {"question": "question", "answer": "reply"}
as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Act(NamedTuple):
    """What happened to a case in the old system, in our words."""

    verb: str
    at: datetime
    by: Actor
    data: dict[str, object]
    reason: str | None = None


class Writer:
    """Writes batches for one run; `author` is in whose name answers stand."""

    def __init__(self, house: House, *, source: str, author: Actor, run_id: int, now: datetime) -> None:
        self._house, self._source, self._author, self._run_id = house, source, author, run_id
        self._today = clock.today(now, house.zone)
        self._rows: dict[str, list[Row]] = {}

    def write(self, batch: Sequence[Arriving], session: Session) -> None:
        """All of the batch, in the running unit of work."""
        if not batch:
            return
        self._rows = {table: [] for table in TABLES}
        ids = next_of(identity_of("case"), len(batch))
        entries = next_of(identity_of("entry"), sum(said in one.found for one in batch for said in SAID))
        numbers = next_of(NUMBER_SEQUENCE.name, len(batch))
        for one, case_id, number in zip(batch, ids, numbers, strict=True):
            self._write(one, case_id, number, entries)
        lookup_in_bulk.postpone(session)
        for table, rows in self._rows.items():
            _copy(session, table, rows)
        lookup_in_bulk.fill_these(session, [row["id"] for row in self._rows["case"]])
        _begin_checklists(session, [row["id"] for row in self._rows["case"] if row["status"] in OPEN])

    def _write(self, one: Arriving, case_id: int, number: int, entries: Iterator[int]) -> None:
        case = self._new_case(one, case_id, number)
        self._event(case, self._receipt(one.found, case))
        for act in self._story(one.found, case, entries):
            old, case["status"] = case["status"], TRANSITIONS[act.verb][case["status"]]
            case["version"] += 1
            self._event(case, act._replace(data={"from": old, "to": case["status"], **act.data}))
        case |= _as_it_ended(one.found, case["status"])
        if case["status"] in OPEN and case["due_on"] < self._today:
            case["escalated_for"] = case["due_on"]
        self._rows["case"].append({**case, **{name: as_json(case[name]) for name in ("routed", "promise", "answers")}})
        reference = {"source": self._source, "reference": one.reference, "case_id": case_id, "run_id": self._run_id}
        self._rows["imported_case"].append(reference)

    def _receipt(self, found: Found, case: Row) -> Act:
        facts = {"to": "new", "kind": case["kind_code"], "department": case["department_code"]}
        facts |= {"source": case["source"], "asked": "", "about": "", "imported": self._source}
        facts |= {"reference": found["reference"]} if "reference" in found else {}
        return Act("receive", found["received"], SYSTEM, {**facts})

    def _story(self, found: Found, case: Row, entries: Iterator[int]) -> Iterator[Act]:
        """What happened, as far as the row tells."""
        by, status = self._author, found["status"]
        if "assignee" in found and status != "new":
            yield Act("assign", found["received"], by, {"assignee": found["assignee"], "assignee_before": None})
        if status == "planned":
            until: date = found["planned_until"]
            yield Act("park", found["received"], by, {"until": until.isoformat()}, found["reason"])
        if status == "waiting":
            asked = self._said("question", found["asked"], found, case, next(entries))
            yield Act("ask", found["asked"], by, {"channel": "none", "entry": asked})
        if "answered" in found:
            said = {}
            if "answer" in found:
                said["entry"] = self._said("answer", found["answered"], found, case, next(entries))
            yield Act("reply", found["answered"], by, {"channel": "none", **said})
        if status == "closed":
            reason = None if found["resolution"] == "answered" else found["reason"]
            yield Act("close", found["closed"], by, {"resolution": found["resolution"]}, reason)

    def _said(self, what: str, at: datetime, found: Found, case: Row, entry_id: int) -> int:
        entry = {"id": entry_id, "case_id": case["id"], "sort": SAID[what], "author_id": self._author.staff_id}
        self._rows["entry"].append({**entry, "text": found[what], "at": at})
        return entry_id

    def _event(self, case: Row, act: Act) -> None:
        about = {"at": act.at, "subject": "case", "subject_id": case["id"], "verb": act.verb}
        who = {"actor": act.by.role, "staff_id": act.by.staff_id, "version": case["version"], "reason": act.reason}
        self._rows["event"].append({**about, **who, "data": as_json(act.data)})

    def _new_case(self, one: Arriving, case_id: int, number: int) -> Row:
        found, house = one.found, self._house
        way, received = house.department(found), found["received"]
        category = found.get("category")
        return {
            "id": case_id,
            "number": f"{clock.today(received, house.zone).year}-{number}",
            "code": codes.new(),
            "submission": f"import:{self._source}:{one.reference}",
            "version": 1,
            "kind_code": found["kind"],
            "department_code": way.department_code,
            "category_code": category if belongs(category, way.department_code) else None,
            "routed": way.because,
            "subject": found.get("subject") or subject_line(found["description"]),
            "description": found["description"],
            "answers": one.answers,
            "place": found.get("place"),
            "language": found.get("language", house.language),
            "source": found.get("source", "web"),
            "protected": found.get("protected", False),
            "reply_by": found["reply_by"],
            **{name: found.get(name) for name in CONTACT},
            "status": "new",
            "assignee_id": found.get("assignee"),
            "received_at": received,
            "due_on": arriving.due(found, house),
            "escalated_for": None,
            "promise": house.promises[found["kind"]],
        }


def _as_it_ended(found: Found, status: str) -> Row:
    """What belongs to the status that the case has come to."""
    return {
        "planned_until": found["planned_until"] if status == "planned" else None,
        "answered_at": found.get("answered"),
        "closed_at": found["closed"] if status == "closed" else None,
        "resolution": found["resolution"] if status == "closed" else None,
    }


def _copy(session: Session, table: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    with copying(session, table, rows[0]) as stream:
        for row in rows:
            stream.write_row(tuple(row.values()))


def _begin_checklists(session: Session, case_ids: Sequence[int]) -> None:
    """What is still open gets the steps of its category, as `checklists.begin` gives them to a new case."""
    case = sa.table("case", sa.column("id"), sa.column("category_code"))
    line = sa.func.unnest(Category.checklist).table_valued("text", with_ordinality="place").render_derived()
    lines = sa.select(case.c.id, line.c.text, Category.code).join(Category, Category.code == case.c.category_code)
    lines = lines.join(line, sa.true()).where(case.c.id == sa.any_(sa.literal(list(case_ids), sa.ARRAY(sa.BigInteger))))
    steps = lines.order_by(case.c.id, line.c.place)
    session.execute(sa.insert(Step).from_select(["case_id", "text", "category_code"], steps))
