"""`flask import-cases`: an old system moves in, once, with what is wrong in it told row by row."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import RESIDENT, SYSTEM, Actor, Event
from caseflow.cases import codes, lifecycle
from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import Case, Entry
from caseflow.cases.municipality import configuration, directory
from caseflow.cases.screen.step import Step
from caseflow.cases.triage import search
from caseflow.cases.watch import escalation
from caseflow.database import db, unit_of_work
from caseflow.importing import mapping as mappings
from caseflow.importing.models import ImportedCase, ImportRun
from caseflow.importing.old_file import OldFile
from caseflow.importing.running import Run
from caseflow.messages.models import Message
from caseflow.statistics import figures, rollup
from caseflow.statistics.periods import between

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MAPPING = EXAMPLES / "old-system" / "mapping.yaml"
OLD = EXAMPLES / "old-system" / "cases.csv"
GOOD, BAD = 7, 4
Import = Callable[..., Result]


@pytest.fixture
def author(hire: Callable[..., Staff]) -> Staff:
    return hire("Arkivet", "registrar", "sb", "ls")


@pytest.fixture
def bring_in(app: Flask, author: Staff, clerk: Staff, tmp_path: Path, clock_at: Callable[..., Any]) -> Import:
    """Import a file with a mapping; its bad rows go to rejects.csv."""
    clock_at(NOW)

    def run(file: Path = OLD, *more: str, mapping: Path = MAPPING, rejects: str = "rejects.csv") -> Result:
        args = ["import-cases", str(file), "--mapping", str(mapping), "--rejects", str(tmp_path / rejects), *more]
        answer = app.test_cli_runner().invoke(args=args)
        db.session.rollback()
        return answer

    return run


def by_reference() -> dict[str, Case]:
    query = sa.select(ImportedCase.reference, Case).join(Case, Case.id == ImportedCase.case_id)
    return dict(db.session.execute(query).tuples().all())


def count(model: type[Any]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def events(case: Case) -> list[Any]:
    columns = (Event.verb, Event.at, Event.actor, Event.staff_id, Event.version, Event.reason, Event.data)
    return list(
        db.session.execute(
            sa.select(*columns).where(Event.subject == "case", Event.subject_id == case.id).order_by(Event.id)
        )
    )


def test_an_old_system_moves_in_and_nobody_is_told(
    bring_in: Import, author: Staff, clerk: Staff, sign_in: Callable[[Staff], FlaskClient]
) -> None:
    answer = bring_in()
    assert f"{GOOD} of {GOOD + BAD} rows imported" in answer.output
    cases = by_reference()
    assert {reference: case.status for reference, case in cases.items()} == {
        "A-1001": "closed",
        "A-1002": "answered",
        "A-1003": "planned",
        "A-1004": "in_progress",
        "A-1005": "new",
        "A-1006": "closed",
        "A-1010": "waiting",
    }
    assert (count(Message), count(Case)) == (0, GOOD)
    closed, open_one, late = cases["A-1001"], cases["A-1004"], cases["A-1005"]
    assert (closed.name, closed.email, closed.reply_by) == ("Märta Öström", "marta@example.org", "email")
    assert (closed.number[:5], closed.received_at) == ("2024-", datetime(2024, 2, 1, 8, 15, tzinfo=UTC))
    assert (open_one.assignee_id, open_one.due_on) == (clerk.id, date(2026, 12, 1))
    assert (cases["A-1006"].protected, cases["A-1006"].name, cases["A-1006"].reply_by) == (True, None, "none")
    assert closed.place == "Lokatgatan 3 (58.70512, 15.76780)"
    assert db.session.scalars(sa.select(Step.case_id).distinct().order_by(Step.case_id)).all() == [
        cases["A-1003"].id,
        late.id,
    ]  # what is open and of a category with steps
    # What was late when it came is not escalated anew, and nobody gets a mail about it.
    assert late.escalated_for == late.due_on < NOW.date()
    escalation.escalate(NOW)
    assert count(Message) == 0
    page = sign_in(clerk).get(f"/staff/cases/{closed.number}").get_data(as_text=True)
    assert "A-1001" in page and "Vi har bytt lampan." in page and "Belysning" in page
    pages = {reference: sign_in(author).get(f"/staff/cases/{case.number}") for reference, case in cases.items()}
    # Of who has protected personal data only those who lead or are named see anything.
    assert {name for name, page in pages.items() if page.status_code != 200} == {"A-1006"}
    with force_locale("en"):
        found = search.few("A-1001")
    assert found == [closed.id]
    with unit_of_work():
        rollup.update(NOW)
    chosen = figures.Filter(between(date(2024, 2, 1), date(2024, 2, 29)))
    counted = figures.read(clerk, chosen, Calendar.of(directory.municipality()), now=NOW).whole
    assert (sum(flow.received for flow in counted.flow), counted.promise.kept) == (
        1,
        1,
    )  # A-1002 lies in another department


def test_what_is_written_is_what_the_verbs_write(bring_in: Import, author: Staff, clerk: Staff) -> None:
    bring_in()
    case, by = by_reference()["A-1001"], Actor("staff", author.id)
    received, answered = datetime(2024, 2, 1, 8, 15, tzinfo=UTC), datetime(2024, 2, 5, 13, 0, tzinfo=UTC)
    errand = lifecycle.Errand(
        "felanmalan",
        case.description,
        "sv",
        "email",
        "acted",
        "sb",
        "sb.belysning",
        case.name,
        case.email,
        source="email",
    )
    with unit_of_work():
        acted = lifecycle.receive(errand, by=RESIDENT, now=received, receipt=False)
        lifecycle.reply(acted, "Vi har bytt lampan.", channel="none", by=by, now=answered)
        lifecycle.close(acted, resolution="answered", reason=None, by=by, now=datetime(2024, 2, 5, 13, 30, tzinfo=UTC))
    told, (first, *rest) = events(acted), events(case)
    ours = {"imported", "reference"}
    assert (first.actor, {name: first.data[name] for name in ours}) == (
        SYSTEM.role,
        {"imported": "gamla", "reference": "A-1001"},
    )
    kept = {name: value for name, value in first.data.items() if name not in (*ours, "asked", "about")}
    assert kept == {name: value for name, value in told[0].data.items() if name not in ("asked", "about")}

    def plain(event: Any) -> tuple[Any, ...]:
        data = {name: value for name, value in event.data.items() if name != "entry"}
        return (*event[:6], data)

    assert [plain(event) for event in rest] == [plain(event) for event in told[1:]]
    differ = {"id", "number", "code", "submission", "routed", "assignee_id", "answers", "place"}
    for column in set(Case.__table__.columns.keys()) - differ:
        assert getattr(case, column) == getattr(acted, column), column
    assert len(codes.normalise(case.code)) == codes.LENGTH
    answers = db.session.execute(sa.select(Entry.sort, Entry.text, Entry.at, Entry.author_id)).all()
    assert answers[0] == answers[-1] == ("reply", "Vi har bytt lampan.", answered, author.id)


def test_what_waits_for_the_resident_waits_on_as_if_it_had_been_asked_here(
    bring_in: Import, author: Staff, clerk: Staff, client: FlaskClient
) -> None:
    bring_in()
    case, by = by_reference()["A-1010"], Actor("staff", author.id)
    received, asked = datetime(2026, 11, 16, 9, 0, tzinfo=UTC), datetime(2026, 11, 18, 7, 30, tzinfo=UTC)
    question = "Vilken färg har bilen, och vad står det på skylten?"
    errand = lifecycle.Errand("felanmalan", case.description, "sv", "email", "acted", "sb", None, case.name, case.email)
    with unit_of_work():
        acted = lifecycle.receive(errand, by=RESIDENT, now=received, receipt=False)
        lifecycle.assign(acted, to=clerk, by=by, now=received)
        lifecycle.ask(acted, question, channel="none", by=by, now=asked)
    told, here = ([event[:6] for event in events(one)[1:]] for one in (acted, case))
    assert here == told and events(case)[-1].data["channel"] == events(acted)[-1].data["channel"] == "none"
    for name in ("status", "version", "assignee_id", "waiting_since", "answered_at", "due_on"):
        assert getattr(case, name) == getattr(acted, name), name
    said = db.session.execute(sa.select(Entry.sort, Entry.text, Entry.at, Entry.author_id)).all()
    assert said[-2:] == [("question", question, asked, author.id)] * 2
    assert count(Message) == 0
    # What the resident sees, and what the answer does.
    page = client.get(f"/case/{case.code}").get_data(as_text=True)
    assert question in page and "Vi har ställt en fråga till dig och väntar på ditt svar." in page
    with unit_of_work():
        lifecycle.hear(db.session.get_one(Case, case.id), "Grön.", by=RESIDENT, now=NOW)
    assert db.session.get_one(Case, case.id).status == "in_progress"


def test_bad_rows_are_told_one_by_one_and_come_in_once_they_are_mended(bring_in: Import, tmp_path: Path) -> None:
    answer = bring_in()
    assert answer.exit_code == 2
    for told in (
        "line 9: Inkommet: '2024-13-01 10:00' is not a time such as 2018-06-26 10:58 (%Y-%m-%d %H:%M)",
        "line 10: Förvaltning: 'Okänd' is not among the values of department in the mapping",
        "line 11: Avslutat, Inkommet: it was closed before it was received",
        "line 12: Diarienr: the same stands in line 2 already",
    ):
        assert told in answer.output
    rejects = tmp_path / "rejects.csv"
    text = rejects.read_bytes().decode("cp1252")
    rows = list(csv.DictReader(text.splitlines(), delimiter=";"))
    assert [row["caseflow: line"] for row in rows] == ["9", "10", "11", "12"]
    assert rows[0]["caseflow: column"] == "Inkommet" and "2024-13-01" in rows[0]["caseflow: reason"]
    assert bring_in().output.count("were there already") == 1 and count(Case) == GOOD
    rejects.write_bytes(text.replace("2024-13-01", "2024-12-01").replace("Okänd", "Gata").encode("cp1252"))
    again = bring_in(rejects, rejects="rest.csv")
    assert "2 of 4 rows imported" in again.output and "1 were there already" in again.output
    assert count(Case) == GOOD + 2 and count(ImportRun) == 2
    # The file of bad rows says what is still wrong, once.
    left = (tmp_path / "rest.csv").read_bytes().decode("cp1252")
    assert left.count("caseflow: reason") == 1 and len(left.splitlines()) == 2
    overwritten = bring_in(rejects, rejects="rejects.csv")
    assert overwritten.exit_code == 1 and "overwrite itself" in overwritten.output


def test_all_or_nothing_and_a_dry_run_leave_the_house_as_it_was(bring_in: Import, tmp_path: Path) -> None:
    nothing = bring_in(OLD, "--all-or-nothing")
    assert nothing.exit_code == 1 and "4 rows are bad, so nothing was imported" in nothing.output
    tried = bring_in(OLD, "--dry-run")
    assert f"{GOOD} of {GOOD + BAD} rows could be imported" in tried.output
    assert (count(Case), count(Event), count(ImportRun)) == (0, 0, 0)
    good = tmp_path / "good.csv"
    good.write_bytes(b"".join(OLD.read_bytes().splitlines(keepends=True)[: GOOD + 1]))
    assert bring_in(good, "--all-or-nothing").exit_code == 0
    assert count(Case) == GOOD - 1


def test_a_run_that_was_stopped_goes_on(author: Staff, clerk: Staff) -> None:
    found = mappings.load(MAPPING)

    def run() -> Run:
        return Run(OldFile(OLD, found), found, NOW, lambda line, faults: None, batch=4)

    first = run()
    first.begin()
    next(steps := first.write())  # the first batch is kept, and then nothing more comes
    steps.close()
    assert (count(Case), db.session.scalars(sa.select(ImportRun.finished_at)).all()) == (4, [None])
    db.session.rollback()
    second = run()
    second.begin()
    tally = list(second.write())[-1]
    assert second.began == NOW
    assert (tally.rows, tally.imported, tally.present, tally.rejected) == (GOOD + BAD, GOOD - 4, 4, BAD)
    assert (count(Case), count(ImportedCase)) == (GOOD, GOOD)
    assert db.session.scalars(sa.select(ImportRun.finished_at)).all() == [NOW]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "  received: Inkommet",
            "  received: Inkomet",
            "has no column 'Inkomet' (for received); did you mean 'Inkommet'",
        ),
        ("  received: Inkommet\n", "", "fields: received must be mapped"),
        ("encoding: cp1252", "encoding: ebcdic", "import: encoding is 'ebcdic', but it must be one of utf-8, latin-1"),
        ("encoding: cp1252", "encoding: utf-8", "the first line is not utf-8: try encoding: cp1252"),
        ('delimiter: ";"', 'delimiter: ","', "another delimiter than ','"),
        ("author: arkivet@", "author: nobody@", "import, author: nobody has an account with the address 'nobody@"),
        ("  language: {value: sv}", "  langauge: {value: sv}", "fields: nobody knows langauge"),
        (
            "  language: {value: sv}",
            "  language: {column: A, text: B}",
            "fields, language: it takes one of column, text",
        ),
    ],
)
def test_a_mistake_in_the_mapping_is_told_before_anything_is_read(
    bring_in: Import, tmp_path: Path, old: str, new: str, told: str
) -> None:
    text = MAPPING.read_text()
    assert old in text
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(text.replace(old, new))
    answer = bring_in(mapping=wrong)
    assert answer.exit_code == 1 and told in answer.output, answer.output
    assert count(Case) == 0


def test_new_yorks_published_requests_come_in_with_the_mapping_of_the_docs(
    bring_in: Import, app: Flask, example: configuration.Row, hire: Callable[..., Staff]
) -> None:
    hire("Archive", "registrar")
    with unit_of_work():
        configuration.load(configuration.read(EXAMPLES / "nyc311" / "municipality.yaml"))
    answer = bring_in(EXAMPLES / "nyc311" / "sample.csv", mapping=EXAMPLES / "nyc311" / "mapping.yaml")
    assert "20 of 20 rows imported" in answer.output
    cases = by_reference()
    police = cases["39573567"]
    assert (police.department_code, police.kind_code, police.source, police.status) == (
        "nypd",
        "fault",
        "phone",
        "closed",
    )
    assert clock.local(police.received_at, directory.municipality().zone).hour == 10
