"""Generated cases: as many as asked for, in whole chunks, such as real ones would be, and harmless."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from caseflow import clock
from caseflow.accounts.models import Membership, Staff
from caseflow.audit import RESIDENT, Event
from caseflow.cases import lifecycle
from caseflow.cases.deadlines import Calendar, due_on
from caseflow.cases.delivery import deliveries
from caseflow.cases.models import OPEN, Case, Entry, Municipality
from caseflow.database import db, unit_of_work
from caseflow.demo import staff
from caseflow.demo.bulk import Bulk, years_for
from caseflow.messages.models import Attempt, Call, Message
from tests.mailbox import Mailbox

MANY = 800


@pytest.fixture
def people() -> None:
    with unit_of_work():
        staff.hire()


@pytest.fixture
def generate(app: Flask) -> Callable[..., Result]:
    def run(*args: str) -> Result:
        answer = app.test_cli_runner().invoke(args=["generate-cases", *args])
        db.session.rollback()
        return answer

    return run


def every(model: type[Any]) -> list[Any]:
    return list(db.session.scalars(sa.select(model).order_by(sa.inspect(model).primary_key[0])))


def count(model: type[Any]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_the_command_makes_so_many_cases_and_says_how_fast(people: None, generate: Callable[..., Result]) -> None:
    answer = generate("--count", "120")
    assert answer.exit_code == 0
    assert answer.output.startswith("120 of 120 cases (100 %)\n120 cases in ") and " a second)." in answer.output
    assert count(Case) == 120


def test_generated_cases_have_lived_as_the_lifecycle_would_have_let_them(people: None) -> None:
    now = clock.now()
    assert list(Bulk(MANY, seed=1, years=2, now=now).write()) == [MANY]
    cases, events = every(Case), defaultdict(list)
    for event in every(Event):
        events[event.subject_id].append(event)
    teams = Counter((row.staff_id, row.department_code) for row in every(Membership))
    calendar = Calendar.of(db.session.get_one(Municipality, 1))
    for case in cases:
        acts = [event for event in events[case.id] if event.version]
        assert [event.version for event in acts] == list(range(1, case.version + 1))
        assert [event.at for event in acts] == sorted(event.at for event in acts) and acts[-1].at <= now
        assert (acts[0].verb, acts[0].at) == ("receive", case.received_at)
        assert acts[-1].data["to"] == case.status
        for before, after in pairwise(acts):
            assert after.data["from"] == before.data["to"]
            assert lifecycle.TRANSITIONS[after.verb][after.data["from"]] == after.data["to"]
        assert case.due_on == due_on(case.received_at, case.promise, calendar)
        assert case.assignee_id is None or teams[case.assignee_id, case.department_code]
        assert (case.planned_until is None) or case.planned_until >= now.date()
    assert [case.received_at for case in cases] == sorted(case.received_at for case in cases)
    assert len({case.code for case in cases}) == len({case.number for case in cases}) == MANY


def test_old_cases_are_nearly_all_closed_and_the_latest_are_open(people: None) -> None:
    now = clock.now()
    list(Bulk(MANY, seed=2, years=0.4, now=now).write())
    cases = every(Case)
    old = [case for case in cases if case.received_at < now - timedelta(days=75)]
    assert sum(case.status == "closed" for case in old) / len(old) > 0.97
    assert {case.status for case in cases} == {*OPEN, "answered", "closed"}
    late = [case for case in cases if case.answered_at and case.answered_at.date() > case.due_on]
    assert 0.08 < len(late) / sum(bool(case.answered_at) for case in cases) < 0.3
    assert 0.001 < sum(case.status in OPEN and case.due_on < now.date() for case in cases) / MANY < 0.08
    assert min(case.received_at for case in cases) > now - timedelta(days=147)
    channels = Counter(case.reply_by for case in cases)
    assert channels["email"] > channels["phone"] > channels["letter"] > 0 and channels["none"] > 0
    assert Counter(case.language for case in cases).most_common(1)[0][0] == "sv"
    assert {case.source for case in cases} == {"web", "phone", "desk", "letter", "email"}
    found = '(words, waiting_since) IS NOT DISTINCT FROM (all_words("case"), waits_since("case"))'
    asked = f'SELECT count(*) FROM "case" JOIN case_lookup ON case_id = id WHERE {found}'
    assert db.session.scalar(sa.text(asked)) == MANY


def test_nothing_is_sent_and_messages_have_what_became_of_them(people: None, smtp: Mailbox) -> None:
    list(Bulk(400, seed=3, years=1, now=clock.now()).write())
    messages = every(Message)
    assert {message.status for message in messages} <= {"accepted", "delivered", "failed", "cancelled"}
    assert count(Attempt) == len(messages) and {message.attempts for message in messages} == {1}
    for message in messages[:50]:
        deliveries.deliver(message.id)
    deliveries.sweep()
    assert smtp.mails == []
    called = {call.message_id for call in every(Call)}
    for message in messages:
        if message.channel == "phone":
            assert (message.status == "delivered") <= (message.id in called)
    mails = [message for message in messages if message.channel == "email" and message.purpose == "receipt"]
    assert len(mails) == sum(case.reply_by == "email" for case in every(Case))
    assert all(message.frame["case_number"] in message.subject for message in mails)
    assert not [m for m in messages if "⟦" in str(m.frame) + str(m.recipient) + m.body + m.subject or "{" in m.body]


def test_life_goes_on_after_them(
    people: None, resident_case: Callable[..., Case], sign_in: Callable[[Staff], FlaskClient]
) -> None:
    list(Bulk(300, seed=4, years=1, now=clock.now()).write())
    case = resident_case()
    assert case.number.endswith("-10301") and case.id > max(row.id for row in every(Case)[:-1])
    anna = db.session.scalars(sa.select(Staff).where(Staff.email.startswith("anna."))).one()
    old = db.session.scalars(
        sa.select(Case).where(Case.department_code == "sb", Case.reply_by == "email", Case.status == "closed").limit(1)
    ).one()
    threads = len([message for message in old.messages if message.header_id])
    with unit_of_work():
        lifecycle.hear(old, "Nu är det trasigt igen.", by=RESIDENT, now=clock.now())
        lifecycle.reply(old, "Vi åker ut.", channel="email", by=anna.as_actor(), now=clock.now())
    db.session.expire_all()
    assert old.status == "answered" and len(old.messages[-1].references) == threads
    client = sign_in(anna)
    for status in (*OPEN, "answered", "closed"):
        query = sa.select(Case.number).where(Case.department_code.in_(("sb", "ftv")), Case.status == status)
        number = db.session.scalars(query.limit(1)).first()
        assert number is None or client.get(f"/staff/cases/{number}").status_code == 200, status
    assert client.get("/staff/queue").status_code == 200


def test_the_same_seed_tells_the_same_stories_and_may_be_used_again(people: None) -> None:
    now, told = clock.now(), []
    for _ in range(2):
        before = count(Case)
        list(Bulk(60, seed=5, years=1, now=now).write())
        told.append([(case.description, case.status, case.closed_at) for case in every(Case)[before:]])
    assert told[0] == told[1] and count(Case) == 120


def test_who_stops_it_keeps_whole_chunks(people: None) -> None:
    writing = Bulk(500, seed=6, years=1, now=clock.now(), chunk=50).write()
    assert next(writing) == 50
    writing.close()
    assert count(Case) in (50, 100)
    said = {event.subject_id for event in every(Event)}
    assert said == {case.id for case in every(Case)}
    assert {entry.case_id for entry in every(Entry)} <= said
    assert list(Bulk(60, seed=6, years=1, now=clock.now(), chunk=50).write()) == [50, 60]


def test_departments_without_staff_keep_their_cases_new(hire: Callable[..., Staff]) -> None:
    clerk = hire("Karin Ek", "caseworker", "sb")
    list(Bulk(300, seed=7, years=1, now=clock.now()).write())
    for case in every(Case):
        if case.department_code != "sb":
            assert (case.status, case.assignee_id) == ("new", None)
        else:
            assert case.assignee_id in (None, clerk.id)


@pytest.mark.parametrize("role", [None, "manager"])
def test_without_anybody_to_reply_it_says_so(
    role: str | None, hire: Callable[..., Staff], generate: Callable[..., Result]
) -> None:
    if role:
        hire("Maja Chef", role, "sb")
    answer = generate("--count", "10")
    assert answer.exit_code == 1 and count(Case) == 0
    assert answer.output == "Error: Nobody can reply to cases. Make an account first: flask --app wsgi create-staff\n"


def test_without_a_municipality_it_says_so(generate: Callable[..., Result]) -> None:
    with unit_of_work() as session:
        for table in ("routing_rule", "category", "department", "kind", "municipality"):
            session.execute(sa.text(f"DELETE FROM {table}"))
    answer = generate("--count", "10")
    assert answer.exit_code == 1 and answer.output.startswith("Error: No municipality is loaded.")


def test_a_municipality_that_lacks_what_the_texts_speak_of_is_told(
    generate: Callable[..., Result], people: None
) -> None:
    with unit_of_work() as session:
        session.execute(sa.text("DELETE FROM category WHERE code = 'kf.bibliotek'"))
    answer = generate("--count", "10")
    assert answer.exit_code == 1 and "kf.bibliotek" in answer.output


def test_outside_demo_mode_it_asks_first(app: Flask, people: None, generate: Callable[..., Result]) -> None:
    app.config["DEMO"] = False
    try:
        assert generate("--count", "10").exit_code == 1 and count(Case) == 0
        assert generate("--count", "10", "--yes").exit_code == 0 and count(Case) == 10
    finally:
        app.config["DEMO"] = True


@pytest.mark.no_app
@pytest.mark.parametrize(("cases", "years"), [(1, 2), (100_000, 2), (300_000, 3), (1_000_000, 10), (8_000_000, 10)])
def test_more_cases_reach_further_back(cases: int, years: int) -> None:
    assert years_for(cases) == years


def test_planned_days_lie_ahead_and_dates_are_the_municipalitys(people: None) -> None:
    now = clock.now()
    list(Bulk(300, seed=8, years=0.1, now=now).write())
    for case in every(Case):
        assert case.number.startswith(f"{clock.today(case.received_at).year}-")
        if case.status == "planned":
            assert isinstance(case.planned_until, date) and case.planned_until >= clock.today(now)
