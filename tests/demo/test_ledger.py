"""The ledger writes the very rows that the lifecycle's verbs write: the same stories, told both ways."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from caseflow.audit import Event
from caseflow.cases import codes
from caseflow.cases.lifecycle import Illegal
from caseflow.cases.models import Case, Entry
from caseflow.database import db, identity_of, next_of, unit_of_work
from caseflow.demo import acting, staff
from caseflow.demo.composition import Composer, Errand
from caseflow.demo.ledger import Arrival, Ledger
from caseflow.demo.office_hours import OfficeHours
from caseflow.demo.phrasebook import Phrasebook
from caseflow.demo.router import Router
from caseflow.demo.rows import Rows, copy
from caseflow.demo.stationery import to_json
from caseflow.demo.stories import Act, Storyteller
from caseflow.demo.teams import teams
from caseflow.messages.models import Attempt, Call, Message

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
START = NOW - timedelta(days=200)
MADE_UP = ("id", "number", "submission", "case_id", "subject_id")
Told = tuple[Errand, list[Act]]


@pytest.fixture
def told() -> list[Told]:
    """Stories in which everything that can happen happens, by every channel and in every language."""
    with unit_of_work():
        staff.hire()
    router, random = Router(), Random(3)
    calendar, municipality = router.calendar, router.described()
    office = OfficeHours(calendar.zone, calendar.is_working_day, START.date(), NOW.date() + timedelta(days=150))
    composer = Composer(random, municipality, START, NOW)
    teller = Storyteller(random, Phrasebook(random, municipality), office, teams())
    seen: set[tuple[object, ...]] = set()
    chosen: list[Told] = []
    for _ in range(5_000):
        errand = composer.errand()
        way = router.route(errand)
        if way.department_code != errand.department:
            continue
        story = teller.tell(errand, router.promised_days(errand.kind), NOW)
        sorts = {(act.verb, act.to if act.verb in ("ask", "reply", "redirect", "call") else "") for act in story}
        sorts |= {(errand.language, errand.reply_by), (errand.department in ("vo", "ifo"), errand.reply_by)}
        if not sorts <= seen:
            seen |= sorts
            chosen.append((errand, story))
    return chosen


def written_by_verbs(errand: Errand, story: list[Act], number: int) -> Case:
    with unit_of_work():
        case = acting.file(errand, f"acted-{number}")
        acting.perform(case, story)
    return case


class Scribe:
    """The ledger at work on the test's database."""

    def __init__(self) -> None:
        self.router, self.rows = Router(), Rows()
        ids = {table: next_of(identity_of(table)) for table in ("case", "entry", "message")}
        self.ledger = Ledger(self.rows, ids, self.router.municipality, NOW)

    def write(self, errand: Errand, story: list[Act], number: int) -> Case:
        with unit_of_work() as session:
            way = self.router.route(errand)
            self.ledger.write(errand, self.arrival(errand, f"2026-9{number:04}", way.because), story)
            copy(self.rows.take(), session)
            return session.scalars(sa.select(Case).where(Case.number == f"2026-9{number:04}")).one()

    def arrival(self, errand: Errand, number: str, because: dict[str, str]) -> Arrival:
        return Arrival(
            number=number,
            department=errand.department,
            category=errand.category,
            routed=to_json(because),
            due_on=self.router.due_on(errand.kind, errand.received),
            promise=to_json(self.router.promise(errand.kind)),
            source="web",
            registered_by=None,
            asked=errand.department or "",
            about=errand.category or "",
        )


def facts(case: Case) -> dict[str, Any]:
    """Everything that stands about a case, with what must differ (ids, number, codes) made alike."""
    known = {
        case.number: "NUMBER",
        case.code: "CODE",
        codes.grouped(case.code): "GROUPED",
    }
    rows = {"case": [_row(case)]}
    for model, column in ((Entry, Entry.case_id), (Message, Message.case_id), (Event, Event.subject_id)):
        rows[model.__tablename__] = [
            _row(found) for found in db.session.scalars(sa.select(model).where(column == case.id).order_by(model.id))
        ]
    sent = [row["id"] for row in rows["message"]]
    for model in (Attempt, Call):
        query = sa.select(model).where(model.message_id.in_(sent)).order_by(model.message_id)
        rows[model.__tablename__] = [_row(found) for found in db.session.scalars(query)]
    ordinals = {table: {row["id"]: n for n, row in enumerate(rows[table])} for table in ("entry", "message")}
    for table in rows.values():
        for row in table:
            _alike(row, ordinals)
    text = json.dumps(rows, default=str, ensure_ascii=False, sort_keys=True)
    for given, name in known.items():
        text = text.replace(given, name)
    return dict(json.loads(re.sub(r"<NUMBER\.[0-9a-z]{16}@", "<NUMBER.RANDOM@", text)))


def _row(found: Any) -> dict[str, Any]:
    return {column.name: getattr(found, column.name) for column in found.__table__.columns}


def _alike(row: dict[str, Any], ordinals: dict[str, dict[int, int]]) -> None:
    for name in MADE_UP:
        row.pop(name, None)
    for key, table in (("entry_id", "entry"), ("message_id", "message")):
        if row.get(key):
            row[key] = ordinals[table][row[key]]
    for key in ("entry", "message"):
        if isinstance(row.get("data"), dict) and key in row["data"]:
            row["data"] = row["data"] | {key: ordinals[key][row["data"][key]]}


def test_the_ledger_writes_what_the_verbs_write(told: list[Told]) -> None:
    scribe = Scribe()
    verbs = {act.verb for _, story in told for act in story}
    assert verbs == {*scribe.ledger._verbs} - {"undelivered"}
    for number, (errand, story) in enumerate(told):
        acted = written_by_verbs(errand, story, number)
        copied = scribe.write(errand, story, number)
        expected, found = facts(acted), facts(copied)
        for table in expected:
            assert found[table] == expected[table], (table, story)


def test_odd_signs_go_the_same_way() -> None:
    with unit_of_work():
        staff.hire()
    scribe = Scribe()
    odd = '50 % "rabatt" {nej} %(name)s \\n ꙮnameꙮ, \\. är'
    errand = Composer(Random(4), scribe.router.described(), START, NOW).errand(START + timedelta(days=50))
    errand = replace(
        errand,
        kind="synpunkt",
        department="sb",
        category="sb.plan",
        text=f"{odd}\n\\.\nslut",
        reply_by="letter",
        name="Rut d'Åkesson-Öberg",
        email="rut@example.org",
        phone="",
        street="Skolgatan 4",
        postcode="61232",
        town="Finspång",
    )
    at = errand.received.timestamp()
    story = [
        Act(at + 60, "note", 1, f" {odd}\t\r\n {odd} "),
        Act(at + 120, "reply", 1, f"{odd}\n\n{odd}", "letter"),
        Act(at + 180, "reply", 1, odd, "email", f"Bad om det: {odd}"),
    ]
    expected, found = facts(written_by_verbs(errand, story, 1)), facts(scribe.write(errand, story, 1))
    assert found == expected and odd in expected["message"][1]["body"]


def test_the_ledger_refuses_what_the_lifecycle_refuses() -> None:
    scribe = Scribe()
    with unit_of_work():
        staff.hire()
    errand = Composer(Random(1), scribe.router.described(), START, NOW).errand()
    at = errand.received.timestamp() + 60
    story = [Act(at, "close", 1, to="withdrawn", reason="x"), Act(at + 1, "resume", 1)]
    with pytest.raises(Illegal, match="resume"):
        scribe.write(errand, story, 9_000)
    with pytest.raises(Illegal, match="resume"), unit_of_work():
        acting.perform(acting.file(errand, "refused"), story)
