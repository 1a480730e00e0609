"""The queue's filter: its parts combine, stand in the address, are shown as words, and never reach out of the scope."""

from __future__ import annotations

import base64
import csv
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from io import StringIO

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Page

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import RESIDENT, Event
from caseflow.cases import lifecycle
from caseflow.cases.models import Case, Category
from caseflow.cases.triage import queue, queue_export
from caseflow.cases.triage.queue_filter import GROUPED, OF_OPEN_ONES, SORTS, Filter
from caseflow.database import db, unit_of_work
from caseflow.language import COOKIE
from caseflow.messages.models import Message
from tests.cases.acting import statements
from tests.cases.entering import enter

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
Filing = Callable[..., Case]
Visit = Callable[..., str]


@pytest.fixture
def visit(sign_in: Callable[[Staff], FlaskClient], clerk: Staff) -> Visit:
    def read(query: str = "", staff: Staff | None = None, path: str = "/staff/queue") -> str:
        client = sign_in(staff or clerk)
        client.set_cookie(COOKIE, "en")
        return client.get(f"{path}{query}").get_data(as_text=True)

    return read


@pytest.fixture
def monday(clock_at: Callable[[datetime], object]) -> date:
    clock_at(MONDAY)
    return MONDAY.date()


def numbers(page: str) -> list[str]:
    return re.findall(r'data-number="([^"]+)"', page)


def alter(case: Case, **values: object) -> Case:
    with unit_of_work() as session:
        session.execute(sa.update(Case).where(Case.id == case.id).values(**values))
    return case


def close(case: Case, by: Staff) -> None:
    with unit_of_work() as session:
        found = session.get_one(Case, case.id)
        lifecycle.close(found, resolution="fixed", reason="Lagat.", by=by.as_actor(), now=clock.now())


def test_every_part_of_the_filter_finds_its_case_and_no_other(
    monday: date, visit: Visit, resident_case: Filing, clerk: Staff, hire: Callable[..., Staff]
) -> None:
    colleague = hire("Ali Hassan", "caseworker", "sb")
    category = db.session.scalars(sa.select(Category.code).where(Category.department_code == "sb").limit(1)).one()
    far = monday + timedelta(days=9)
    cases = {
        "kind=felanmalan": resident_case(kind="felanmalan"),
        f"category={category}": alter(resident_case(), category_code=category),
        "assignee=me": alter(resident_case(), assignee_id=clerk.id),
        f"assignee={colleague.id}": alter(resident_case(), assignee_id=colleague.id),
        "reply_by=letter": resident_case(reply_by="letter"),
        "due=overdue": resident_case(),
        "due=today": resident_case(),
        "language=fi": resident_case(language="fi"),
        "since=2026-11-10&until=2026-11-11": resident_case(now=datetime(2026, 11, 11, 22, 30, tzinfo=UTC)),
        "trouble=yes": resident_case(),
        "status=closed": resident_case(),
    }
    days = {"due=overdue": monday - timedelta(days=1), "due=today": monday}
    for asked, case in cases.items():
        alter(case, due_on=days.get(asked, far))
    with unit_of_work() as session:
        session.execute(
            sa.update(Message).where(Message.case_id == cases["trouble=yes"].id).values(status="failed", attempts=1)
        )
    close(cases["status=closed"], clerk)
    for asked, case in cases.items():
        assert numbers(visit(f"?{asked}")) == [case.number], asked
    assert numbers(visit("?due=soon")) == [cases["due=today"].number]
    assert len(numbers(visit("?assignee=nobody"))) == len(cases) - 3
    assert len(numbers(visit("?status=all"))) == len(cases)


def test_the_last_day_of_a_span_ends_at_the_municipalitys_midnight(visit: Visit, resident_case: Filing) -> None:
    inside = resident_case(now=datetime(2026, 11, 11, 22, 59, tzinfo=UTC))
    outside = resident_case(now=datetime(2026, 11, 11, 23, 0, tzinfo=UTC))
    assert numbers(visit("?until=2026-11-11")) == [inside.number]
    assert numbers(visit("?since=2026-11-12")) == [outside.number]


def test_parts_combine(visit: Visit, resident_case: Filing, clerk: Staff) -> None:
    both = alter(resident_case(reply_by="letter", language="fi"), assignee_id=clerk.id)
    resident_case(reply_by="letter")
    resident_case(language="fi")
    assert numbers(visit("?reply_by=letter&language=fi&assignee=me&view=mine")) == [both.number]
    assert numbers(visit("?reply_by=letter&language=fi&assignee=nobody")) == []


ODD = [
    "assignee=0",
    "assignee=99999999999999999999",
    "assignee=x",
    "due=never",
    "language=xx",
    "since=2026-13-01",
    "since=0001-01-01",
    "until=%00",
    "kind=%27",
    "category=%00",
    "status=x",
    "sort=x",
    "sort=--due",
    "text=%00",
    "text=%27%22%5c",
    "text=...",
    "trouble=no",
    "reply_by=pigeon",
    "after=WyJkdWUiLCJ4IiwxXQ==",
    "after=WyJkdWUiLDEsMV0=",
    "after=WyJkdWUiLCAiMjAyNi0wMS0wMSIsIEluZmluaXR5XQ==",
    "after=WyJkdWUiLCAiMjAyNi0wMS0wMSIsIC0xMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwXQ==",
    "after=" + base64.urlsafe_b64encode(b"[" * 3000).decode(),
    "sort=number&after=WyJudW1iZXIiLCI5OTk5OTk5OTk5OTk5OTk5OTk5OTk5IiwxXQ==",
    "sort=received&after=WyJyZWNlaXZlZCIsIngiLDFd",
    "sort=status&after=WyJzdGF0dXMiLCJ4IHgiLDFd",
    "sort=department&after=WyJkZXBhcnRtZW50IiwiYWJjIDIwMjYtMTEtMjciLDFd",
]


def test_what_the_filter_does_not_know_is_left_out(
    sign_in: Callable[[Staff], FlaskClient], clerk: Staff, resident_case: Filing
) -> None:
    case, client = resident_case(), sign_in(clerk)
    for odd in ODD:
        assert numbers(client.get(f"/staff/queue?{odd}").get_data(as_text=True)) == [case.number], odd


def test_a_filter_survives_its_address() -> None:
    asked = {
        "view": "mine",
        "department": "sb",
        "category": "gata",
        "kind": "fraga",
        "status": "all",
        "assignee": "17",
        "reply_by": "phone",
        "due": "soon",
        "language": "sv",
        "since": "2026-01-02",
        "until": "2026-03-04",
        "trouble": "yes",
        "text": "lampa",
        "sort": "-due",
    }
    assert Filter.of(asked).asked() == asked
    assert Filter.of({}).asked() == {}


def test_what_is_chosen_stands_there_as_words_that_can_be_taken_out(visit: Visit, resident_case: Filing) -> None:
    resident_case()
    page = visit("?view=unassigned&kind=fraga&reply_by=letter&since=2026-11-01&text=%3Cb%3Elampa")
    chosen = page.split('class="picked"')[1].split("</div>")[0]
    links = {
        unescape(words): unescape(href) for href, words in re.findall(r'href="([^"]+)">.*?</span>(.*?)<svg', chosen)
    }
    assert list(links) == ["Question", "reply by: Letter", "from 1 Nov 2026", "“<b>lampa”"]
    assert links["reply by: Letter"].count("reply_by") == 0
    assert "kind=fraga" in links["reply by: Letter"] and "view=unassigned" in links["reply by: Letter"]
    assert "picked" in page and "<b>lampa" not in page


def test_each_order_is_complete_page_by_page_and_repeats_nothing(
    resident_case: Filing,
    hire: Callable[..., Staff],
    monkeypatch: pytest.MonkeyPatch,
    monday: date,
) -> None:
    monkeypatch.setattr(queue, "PAGE", 5)
    both, other = hire("Örjan Ek", "caseworker", "sb", "kf"), hire("Åke Ek", "caseworker", "sb")
    cases = [
        alter(
            resident_case(description="Lampan lyser.", department="sb" if place % 3 else "kf"),
            due_on=monday + timedelta(days=place * 7 % 5),
            assignee_id=(both.id, other.id, None)[place // 4],
        )
        for place in range(11)
    ]
    asked = cases[3]
    with unit_of_work() as session:
        found = session.get_one(Case, asked.id)
        lifecycle.ask(found, "Vilken?", channel="email", by=both.as_actor(), now=clock.now())
        for place in (2, 9):
            urgent = session.get_one(Case, cases[place].id)
            lifecycle.prioritise(urgent, to="high", by=both.as_actor(), now=clock.now())
    wanted = (Case.id, Case.number, Case.due_on, Case.received_at, Case.priority)
    rows = db.session.execute(sa.select(*wanted, Case.department_code, Case.assignee_id, Case.status)).all()
    facts = {row.number: row for row in rows}
    groups = {"kf": 2, "sb": 1, None: 0, other.id: 1, both.id: 2, "new": 0, "waiting": 1}

    def grouped(number: str, column: str) -> tuple[object, ...]:
        row, turn = facts[number], -1 if down else 1
        return turn * groups[row._mapping[column]], row.due_on, row.id

    keys: dict[str, Callable[[str], object]] = {
        "due": lambda number: (facts[number].due_on, facts[number].id),
        "received": lambda number: (facts[number].received_at, facts[number].id),
        "priority": lambda number: (facts[number].priority != "high", facts[number].due_on, facts[number].id),
        "number": lambda number: int(number.partition("-")[2]),
        "waiting": lambda number: (number == asked.number, facts[number].received_at, facts[number].id),
        "department": lambda number: grouped(number, "department_code"),
        "assignee": lambda number: grouped(number, "assignee_id"),
        "status": lambda number: grouped(number, "status"),
    }
    for sort, more in [*((sort, "") for sort in SORTS), *((sort, "all") for sort in SORTS)]:
        down, name = sort.startswith("-"), sort.lstrip("-")
        chosen = Filter.of({"sort": sort, "status": more, "text": "" if more else "lampan"})
        page = queue.page(both, chosen, monday, now=MONDAY)
        seen = [row.number for row in page.rows]
        while page.next_key:
            page = queue.page(both, chosen, monday, page.next_key, now=MONDAY)
            seen += [row.number for row in page.rows]
        by, turned = keys[name], down and name not in GROUPED
        if more and name in OF_OPEN_ONES:
            by, turned = keys["received"], True
        assert len(seen) == len(cases), (sort, more)
        assert seen == sorted(seen, key=by, reverse=turned), (sort, more)  # type: ignore[arg-type]


def test_waiting_since_is_the_first_message_that_nobody_has_answered(
    visit: Visit, resident_case: Filing, clerk: Staff, clock_at: Callable[[datetime], object]
) -> None:
    def since(case: Case) -> object:
        db.session.rollback()
        found = sa.select(queue.Lookup.waiting_since.cast(sa.Text)).where(queue.Lookup.case_id == case.id)
        return db.session.scalar(sa.select(sa.func.nullif(found.scalar_subquery(), "infinity")))

    def at(hour: int) -> datetime:
        clock_at(MONDAY.replace(hour=hour))
        return clock.now()

    def find() -> Case:
        return db.session.get_one(Case, case.id)

    case = resident_case(now=at(8))
    assert str(since(case)).startswith("2026-11-23 08:00")
    with unit_of_work():
        lifecycle.ask(find(), "Vilken?", channel="email", by=clerk.as_actor(), now=at(9))
    assert since(case) is None
    for hour in (10, 11):
        with unit_of_work():
            lifecycle.hear(find(), f"Den vid skolan, {hour}.", by=RESIDENT, now=at(hour))
    assert str(since(case)).startswith("2026-11-23 10:00")
    close(case, clerk)
    assert since(case) is None


def test_the_heads_lead_to_their_order_and_say_which_is_chosen(visit: Visit, resident_case: Filing) -> None:
    resident_case()
    page = visit("?kind=fraga")
    assert 'class="head-due" aria-sort="ascending"' in page
    assert "/staff/queue?kind=fraga&amp;sort=-number" in page
    page = visit("?kind=fraga&sort=-number")
    assert 'class="head-number" aria-sort="descending"' in page
    assert page.count("aria-sort") == 1
    assert "/staff/queue?kind=fraga&amp;sort=number" in page
    page = visit("?sort=-assignee")
    assert 'class="head-assignee" aria-sort="descending"' in page and "?sort=assignee" in page
    assert '<option value="-assignee" selected>Assignee ↓</option>' in page
    page = visit("?status=all&sort=-assignee")
    assert "sort=assignee" not in page and 'class="head-received" aria-sort="descending"' in page


def rows_of(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(StringIO(text[1:]), delimiter=";"))


def test_the_file_holds_exactly_what_the_list_shows(
    visit: Visit, resident_case: Filing, clerk: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PAGE", 2)
    letters = [resident_case(reply_by="letter", description=f"Lampa {place}.") for place in range(5)]
    resident_case(description="Lampa med e-post.")
    for query in (
        "?reply_by=letter",
        "?text=lampa&reply_by=letter&sort=number",
        "?status=all&reply_by=letter&sort=due",
    ):
        rows = rows_of(visit(query, path="/staff/queue.csv"))
        assert rows[0][:2] == ["Number", "Subject"]
        assert sorted(row[0] for row in rows[1:]) == sorted(case.number for case in letters), query
    events = db.session.scalars(sa.select(Event).where(Event.verb == "exported").order_by(Event.id)).all()
    assert [(event.subject, event.subject_id, event.data["rows"]) for event in events] == [("staff", clerk.id, 5)] * 3
    assert events[0].data["filter"] == {"reply_by": "letter"}
    assert "lampa" not in str(events[1].data)


@pytest.mark.parametrize("begins", ["=1+1", "+1", "-1", "@SUM", "\u00a0=1", " =1"])
def test_no_cell_of_the_file_is_a_formula(visit: Visit, resident_case: Filing, begins: str) -> None:
    resident_case(description=f"{begins} är trasig")
    subject = rows_of(visit(path="/staff/queue.csv"))[1][1]
    assert subject.startswith("'") or subject[0].isalnum()


def test_a_list_that_is_too_long_for_a_file_says_so(
    visit: Visit, resident_case: Filing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_export, "MOST", 2)
    for _place in range(3):
        resident_case()
    rows = rows_of(visit(path="/staff/queue.csv"))
    assert len(rows) == 4
    assert rows[3] == ["Only the first 2 cases are in this file. Narrow the filter."]
    event = db.session.scalars(sa.select(Event).where(Event.verb == "exported")).one()
    assert event.data["cut"] is True


def test_nothing_of_other_departments_leaves_by_filter_or_file(
    visit: Visit, resident_case: Filing, outsider: Staff, clerk: Staff
) -> None:
    case = alter(resident_case(), assignee_id=clerk.id)
    for query in (
        "",
        "?status=all",
        "?department=sb&status=all",
        f"?assignee={clerk.id}",
        "?sort=-waiting",
        "?text=lampan",
    ):
        page = visit(query, outsider)
        assert case.number not in page and "Skolgatan" not in page and "Karin" not in page, query
        assert len(rows_of(visit(query, outsider, path="/staff/queue.csv"))) == 1, query


def test_a_filtered_page_costs_at_most_seven_statements(
    sign_in: Callable[[Staff], FlaskClient], resident_case: Filing, clerk: Staff
) -> None:
    for _case in range(3):
        resident_case()
    client = sign_in(clerk)
    client.get("/staff/queue")
    for query in ("?reply_by=email&since=2026-01-01&assignee=nobody", "?text=gatlampa", "?sort=waiting&trouble=yes"):
        with statements() as seen:
            assert client.get(f"/staff/queue{query}").status_code == 200
        assert len(seen) <= (7 if "text" in query else 4), "\n".join(seen)


def test_a_filtered_list_keeps_itself_fresh(
    browser_page: Page, sign_in: Callable[[Staff], FlaskClient], clerk: Staff, resident_case: Filing
) -> None:
    first = resident_case(reply_by="letter")
    client = sign_in(clerk)
    client.get("/staff/queue")
    enter(browser_page, client, "/staff/queue?reply_by=letter&text=skolgatan&sort=-received")
    assert browser_page.locator(".row").count() == 1
    resident_case(reply_by="email")
    new = resident_case(reply_by="letter")
    browser_page.evaluate("document.dispatchEvent(new Event('queue:refresh'))")
    browser_page.locator("#queue-news button").click()
    shown = browser_page.locator(".row").evaluate_all("rows => rows.map(row => row.dataset.number)")
    assert shown == [new.number, first.number]


def test_the_form_makes_a_short_address_and_works_by_keyboard(
    browser_page: Page, sign_in: Callable[[Staff], FlaskClient], clerk: Staff, resident_case: Filing
) -> None:
    resident_case()
    client = sign_in(clerk)
    client.get("/staff/queue")
    enter(browser_page, client, "/staff/queue")
    browser_page.locator("#filter input[name=text]").focus()
    browser_page.keyboard.type("lampan")
    browser_page.keyboard.press("Enter")
    browser_page.wait_for_url("**/staff/queue?text=lampan")
    browser_page.locator(".more > summary").focus()
    browser_page.keyboard.press("Enter")
    browser_page.locator("select[name=reply_by]").select_option("email")
    browser_page.locator(".more-fields button").press("Enter")
    browser_page.wait_for_url("**/staff/queue?text=lampan&reply_by=email")
    browser_page.locator(".picked li a").first.press("Enter")
    browser_page.wait_for_url("**/staff/queue?text=lampan")


def test_the_filtered_queue_looks_right(
    browser_page: Page,
    look: Callable[[Page, str], None],
    sign_in: Callable[[Staff], FlaskClient],
    clerk: Staff,
    resident_case: Filing,
) -> None:
    for channel in ("email", "phone", "letter", "none"):
        alter(resident_case(reply_by=channel), assignee_id=clerk.id)
        alter(resident_case(reply_by=channel), due_on=date(2020, 1, 1))
    client = sign_in(clerk)
    client.get("/staff/queue")
    enter(browser_page, client, "/staff/queue?status=all&text=rut+gatlampa&since=2020-01-01&assignee=nobody&kind=fraga")
    look(browser_page, "queue-search")
    browser_page.locator(".more > summary").click()
    look(browser_page, "queue-more")
    browser_page.goto("/staff/queue?text=xyzzy&sort=waiting")
    look(browser_page, "queue-nothing-found")
