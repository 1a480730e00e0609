"""Receiving: one errand becomes one case, routed, promised, recorded and receipted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import RESIDENT, Event
from caseflow.cases.models import Case, Kind
from caseflow.cases.receiving import SUBJECT_LENGTH, Errand, receive, subject_line
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Message

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def errand(**overrides: Any) -> Errand:
    facts: dict[str, Any] = {
        "kind": "felanmalan",
        "description": "Gatlampan utanför Skolgatan 4 är släckt. Kan ni laga den?",
        "language": "sv",
        "reply_by": "email",
        "submission": "s-1",
        "department": "sb",
        "name": "Rut Åkesson",
        "email": "rut@example.org",
    }
    return Errand(**(facts | overrides))


def count(model: type[Any]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_an_errand_becomes_a_case_with_everything_that_was_promised() -> None:
    with unit_of_work():
        case = receive(errand(category="sb.belysning"), by=RESIDENT, now=MONDAY)
    db.session.expire_all()
    assert (case.number, case.status, case.version, case.source) == ("2026-10001", "new", 1, "web")
    assert (case.department_code, case.category_code, case.routed) == ("sb", "sb.belysning", {"by": "category"})
    assert (case.received_at, case.due_on, case.promise) == (MONDAY, date(2026, 11, 30), {"working_days": 5})
    assert (case.subject, case.language, case.assignee_id) == ("Gatlampan utanför Skolgatan 4 är släckt.", "sv", None)
    assert (case.name, case.email, case.phone, case.registered_by) == ("Rut Åkesson", "rut@example.org", None, None)
    event = db.session.scalars(sa.select(Event)).one()
    assert (event.verb, event.actor, event.at, event.version) == ("receive", "resident", MONDAY, 1)
    facts = {"to": "new", "kind": "felanmalan", "department": "sb", "source": "web"}
    assert event.data == {**facts, "asked": "sb", "about": "sb.belysning"}


def test_only_who_wants_e_mail_gets_a_receipt_by_mail() -> None:
    phone = {"reply_by": "phone", "phone": "+46701740605"}
    letter = {"reply_by": "letter", "street": "Skolgatan 4", "postcode": "61232", "town": "Finspång"}
    with unit_of_work():
        for number, contact in enumerate(({}, phone, letter, {"reply_by": "none", "email": None})):
            receive(errand(submission=f"s-{number}", **contact), by=RESIDENT, now=MONDAY)
    sent = db.session.scalars(sa.select(Message)).one()
    assert (sent.purpose, sent.channel, sent.status, sent.entry_id) == ("receipt", "email", "queued", None)


def test_the_same_submission_is_one_case_whatever_it_says_the_second_time() -> None:
    with unit_of_work():
        first = receive(errand(), by=RESIDENT, now=MONDAY)
    with unit_of_work():
        second = receive(errand(description="Något helt annat."), by=RESIDENT, now=clock.now())
    assert (second.id, second.code, second.description) == (first.id, first.code, first.description)
    assert (count(Case), count(Event), count(Message)) == (1, 1, 1)


def test_eight_at_once_are_one_case(app: Flask) -> None:
    together, numbers = threading.Barrier(8), list[str]()

    def file() -> None:
        with app.app_context():
            together.wait()
            with unit_of_work():
                numbers.append(receive(errand(), by=RESIDENT, now=MONDAY).number)

    threads = [threading.Thread(target=file) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(numbers) == 8 and len(set(numbers)) == 1
    assert (count(Case), count(Event), count(Message)) == (1, 1, 1)


def test_the_number_bears_the_year_of_the_municipality() -> None:
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    with unit_of_work():
        case = receive(errand(), by=RESIDENT, now=new_year)
    assert case.number == "2027-10001"
    assert case.due_on == date(2027, 1, 12)


def test_a_promise_stays_when_its_kind_changes_later() -> None:
    with unit_of_work():
        case = receive(errand(), by=RESIDENT, now=MONDAY)
    with unit_of_work() as session:
        session.get_one(Kind, "felanmalan").promise_days = 30
    with unit_of_work():
        later = receive(errand(submission="s-2"), by=RESIDENT, now=MONDAY)
    db.session.expire_all()
    assert (case.promise, case.due_on) == ({"working_days": 5}, date(2026, 11, 30))
    assert (later.promise, later.due_on) == ({"working_days": 30}, date(2027, 1, 11))


def test_a_promise_in_months_is_kept_as_months() -> None:
    with unit_of_work():
        case = receive(errand(kind="dataskydd"), by=RESIDENT, now=MONDAY)
    assert (case.promise, case.due_on, case.department_code) == ({"months": 1}, date(2026, 12, 23), "ls")


def test_who_does_not_know_the_department_is_routed_by_words_or_to_triage() -> None:
    with unit_of_work():
        worded = receive(errand(department=None, description="Gatlyset är släckt."), by=RESIDENT, now=MONDAY)
        silent = receive(errand(department=None, description="Hjälp!", submission="s-2"), by=RESIDENT, now=MONDAY)
    assert (worded.department_code, worded.routed["by"], worded.routed["word"]) == ("sb", "rule", "Gatlyset")
    assert (silent.department_code, silent.routed) == ("vet", {"by": "triage"})


def test_a_category_that_belongs_elsewhere_is_dropped_when_a_rule_sends_the_case_away() -> None:
    with unit_of_work():
        case = receive(errand(kind="handling", category="sb.plan"), by=RESIDENT, now=MONDAY)
    assert (case.department_code, case.category_code) == ("ls", None)


def test_what_staff_register_says_who_and_by_which_door(clerk: Staff) -> None:
    with unit_of_work():
        case = receive(errand(source="phone"), by=clerk.as_actor(), now=MONDAY)
    event = db.session.scalars(sa.select(Event)).one()
    assert (case.source, case.registered_by) == ("phone", clerk.id)
    assert (event.actor, event.staff_id, event.data["source"]) == ("staff", clerk.id, "phone")


def test_an_errand_without_what_its_channel_needs_is_refused_as_a_whole() -> None:
    for missing in ({"email": None}, {"reply_by": "letter"}, {"reply_by": "phone"}, {"description": " "}):
        with pytest.raises((sa.exc.IntegrityError, ValueError)), unit_of_work():
            receive(errand(**missing), by=RESIDENT, now=MONDAY)
    assert (count(Case), count(Event), count(Message)) == (0, 0, 0)


@pytest.mark.no_app
@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Lampan är trasig.", "Lampan är trasig."),
        ("Lampan är trasig. Den blinkar.", "Lampan är trasig."),
        ("Hej! Lampan vid skolan är trasig.", "Lampan vid skolan är trasig."),
        ("  Lampan vid skolan är trasig\n\nMvh Rut", "Lampan vid skolan är trasig"),
        ("Ok", "Ok"),
        ("Hej!\n\nTack!", "Hej! Tack!"),
    ],
)
def test_the_subject_is_the_first_sentence_that_says_something(text: str, subject: str) -> None:
    assert subject_line(text) == subject


@pytest.mark.no_app
def test_a_long_sentence_is_cut_at_a_word() -> None:
    long = subject_line("Det är " + "mycket " * 30 + "mörkt.")
    assert len(long) <= SUBJECT_LENGTH and long.endswith("mycket…")
    assert len(subject_line("x" * 300)) <= SUBJECT_LENGTH


def test_cases_are_numbered_in_the_order_in_which_they_come(resident_case: Callable[..., Case]) -> None:
    numbers = [resident_case(now=MONDAY).number for _ in range(3)]
    assert numbers == ["2026-10001", "2026-10002", "2026-10003"]
