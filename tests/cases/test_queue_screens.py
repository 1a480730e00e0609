"""The queue: what it shows to whom, in which order, at which price; and how it keeps itself fresh."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Page

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases import lifecycle, scope
from caseflow.cases.models import Case
from caseflow.cases.screen.drafts import Draft
from caseflow.cases.screen.presence import Presence
from caseflow.cases.triage import queue
from caseflow.database import unit_of_work
from caseflow.language import COOKIE
from tests.cases.acting import statements
from tests.cases.entering import enter

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FOCUSED_ROW = "document.activeElement.closest('.row')?.dataset.number"
Filing = Callable[..., Case]


@pytest.fixture
def visit(sign_in: Callable[[Staff], FlaskClient], clerk: Staff) -> Callable[..., str]:
    """visit("?view=mine", staff) is the queue as that person reads it."""

    def read(query: str = "", staff: Staff | None = None) -> str:
        client = sign_in(staff or clerk)
        client.set_cookie(COOKIE, "en")
        return client.get(f"/staff/queue{query}").get_data(as_text=True)

    return read


@pytest.fixture
def monday(clock_at: Callable[[datetime], object]) -> datetime:
    clock_at(MONDAY)
    return MONDAY


def numbers(page: str) -> list[str]:
    return re.findall(r'data-number="([^"]+)"', page)


def due(case: Case, day: date) -> Case:
    """Set the day by which the case is due, as time alone would bring it nearer."""
    with unit_of_work() as session:
        session.execute(sa.update(Case).where(Case.id == case.id).values(due_on=day))
    return case


def take(case: Case, staff: Staff) -> None:
    with unit_of_work():
        found = scope.find_for_act(staff, case.number, None)
        assert found is not None
        lifecycle.assign(found, to=staff, by=staff.as_actor(), now=clock.now())


def test_the_most_urgent_stands_first_with_its_due_day_in_words(
    monday: datetime, visit: Callable[..., str], resident_case: Filing
) -> None:
    today = monday.date()
    later, soon, late = (
        due(resident_case(), today + timedelta(days=9)),
        due(resident_case(), today + timedelta(days=1)),
        due(resident_case(), today - timedelta(days=3)),
    )
    page = visit()
    assert numbers(page) == [late.number, soon.number, later.number]
    rows = page.split('<div class="row"')[1:]
    assert "Overdue" in rows[0] and "3 days ago" in rows[0]
    assert "Soon" in rows[1] and "tomorrow" in rows[1]
    assert "mark" not in rows[2] and "in 9 days" in rows[2]
    assert 'title="Friday 20 November"' in rows[0]


def test_a_row_tells_subject_opening_number_kind_department_status_assignee_and_channel(
    visit: Callable[..., str], resident_case: Filing, clerk: Staff
) -> None:
    case = resident_case(description="Hej! Gatlampan är släckt. Den vid skolan.", reply_by="letter", kind="felanmalan")
    take(case, clerk)
    row = visit().split('<div class="row"')[1]
    assert f'<a href="/staff/cases/{case.number}">Gatlampan är släckt.</a>' in row
    assert '<span class="row-opening">Den vid skolan.</span>' in row
    for words in (
        case.number,
        "Fault report",
        "Streets, parks and planning",
        "In progress",
        "Karin Ek",
        ">KE<",
        "Letter",
    ):
        assert words in row


def test_the_views_hold_and_count_what_their_names_say(
    monday: datetime, visit: Callable[..., str], resident_case: Filing, clerk: Staff, hire: Callable[..., Staff]
) -> None:
    mine, others, late, waiting, done = (resident_case() for _case in range(5))
    colleague = hire("Ali Hassan", "caseworker", "sb")
    take(mine, clerk)
    take(others, colleague)
    due(late, monday.date() - timedelta(days=1))
    with unit_of_work() as session:
        asked = session.get_one(Case, waiting.id)
        lifecycle.ask(asked, "Vilken?", channel="email", by=colleague.as_actor(), now=clock.now())
        closed = session.get_one(Case, done.id)
        lifecycle.close(closed, resolution="fixed", reason="Lagat.", by=colleague.as_actor(), now=clock.now())
    expected = {
        "mine": [mine],
        "unassigned": [late],
        "overdue": [late],
        "waiting": [waiting],
        "all": [late, mine, others, waiting],
    }
    for view, cases in expected.items():
        page = visit(f"?view={view}")
        assert sorted(numbers(page)) == sorted(case.number for case in cases), view
        assert re.search(rf'data-count="{view}">{len(cases)}<', page), view
    assert numbers(visit("?status=closed")) == [done.number]


def test_filters_for_department_and_status_combine_with_a_view(
    visit: Callable[..., str], resident_case: Filing, hire: Callable[..., Staff]
) -> None:
    both = hire("Anna Lind", "coordinator", "sb", "kf")
    here, there = resident_case(), resident_case(department="kf")
    take(there, both)
    assert numbers(visit("?department=kf", both)) == [there.number]
    assert numbers(visit("?department=kf&view=unassigned", both)) == []
    assert numbers(visit("?status=new", both)) == [here.number]
    assert '<option value="kf" selected>' in visit("?department=kf", both)
    for odd in ("?view=x&status=y", "?after=xxx", "?after=W10=", "?department=%00", "?department=%27", "?view=%ff"):
        assert "<html" in visit(odd, both)


def test_other_departments_cases_appear_nowhere(
    visit: Callable[..., str], resident_case: Filing, outsider: Staff
) -> None:
    case = resident_case()
    for query in ("", "?view=unassigned", "?department=sb", "?status=new", "?fragment=rows"):
        page = visit(query, outsider)
        assert case.number not in page
        assert "Gatlampan" not in page
        assert not re.search(r'data-count="\w+">[1-9]', page)


def test_empty_views_say_when_the_next_is_due(
    monday: datetime, visit: Callable[..., str], resident_case: Filing
) -> None:
    assert "What residents send in lies here, the most urgent first." in visit()
    due(resident_case(), monday.date() + timedelta(days=1))
    page = visit("?view=overdue")
    assert "No overdue cases." in page
    assert "The next is due tomorrow." in page


def test_pages_by_key_are_complete_and_repeat_nothing(
    visit: Callable[..., str], resident_case: Filing, monkeypatch: pytest.MonkeyPatch, monday: datetime
) -> None:
    monkeypatch.setattr(queue, "PAGE", 5)
    filed = [due(resident_case(), monday.date() + timedelta(days=place // 4)) for place in range(17)]
    seen: list[str] = []
    page = visit()
    while True:
        seen += numbers(page)
        following = re.search(r'rel="next" href="/staff/queue(\?[^"]+)"', page)
        if following is None:
            break
        resident_case(now=monday)  # what comes in meanwhile must not shift the pages
        page = visit(following[1].replace("&amp;", "&"))
        assert "First page" in page
    known = {case.number for case in filed}
    assert [number for number in seen if number in known] == [case.number for case in filed]
    assert len(seen) == len(set(seen))
    assert all(first < second for first, second in pairwise(number for number in seen if number in known))


def test_a_page_of_sixty_costs_four_statements_and_at_most_sixty_kilobytes(
    sign_in: Callable[[Staff], FlaskClient], resident_case: Filing, clerk: Staff
) -> None:
    for place in range(60):
        resident_case(description=f"Lampa {place} är släckt. Den står utanför port {place}.", reply_by="letter")
    client = sign_in(clerk)
    client.get("/staff/queue")
    with statements() as seen:
        page = client.get("/staff/queue")
    assert len(seen) <= 4, "\n".join(seen)
    with statements() as seen:
        assert client.get("/staff/queue?view=mine").status_code == 200
    assert len(seen) <= 4, "\n".join(seen)
    html = page.get_data(as_text=True)
    files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', html))
    contents = {"page": page.get_data(), **{path: client.get(path).get_data() for path in files}}
    sizes = {path: len(data) if ".woff2" in path else len(gzip.compress(data)) for path, data in contents.items()}
    assert len(files) >= 4
    assert sum(sizes.values()) <= 60_000, sizes


def test_no_row_costs_a_statement_more(
    sign_in: Callable[[Staff], FlaskClient], resident_case: Filing, clerk: Staff
) -> None:
    client = sign_in(clerk)
    costs = []
    for _round in range(2):
        resident_case()
        client.get("/staff/queue")
        with statements() as seen:
            client.get("/staff/queue")
        costs.append(len(seen))
    assert costs[0] == costs[1]


def test_the_way_in_follows_the_role(sign_in: Callable[[Staff], FlaskClient], clerk: Staff, manager: Staff) -> None:
    assert sign_in(clerk).get("/staff/").location == "/staff/queue"
    assert sign_in(manager).get("/staff/").location == "/staff/statistics"


def test_the_header_leads_where_the_role_may_go(visit: Callable[..., str], clerk: Staff, manager: Staff) -> None:
    def places(page: str) -> list[str]:
        header = page.split('class="staff-nav"')[1].split("</nav>")[0]
        return re.findall(r'href="([^"]+)"', header)

    lists = ["/staff/queue", "/staff/calls", "/staff/letters", "/staff/mentions", "/staff/deliveries"]
    assert places(visit("", clerk)) == [*lists, "/staff/cases/new"]
    looks = ["/staff/queue", "/staff/mentions", "/staff/deliveries", "/staff/statistics", "/staff/texts"]
    assert places(visit("", manager)) == looks


@pytest.mark.parametrize("written", ["{}", " {} ", "#{}", "[{}]"])
def test_a_number_as_people_write_it_leads_to_its_case(
    sign_in: Callable[[Staff], FlaskClient], clerk: Staff, resident_case: Filing, written: str
) -> None:
    case = resident_case()
    client = sign_in(clerk)
    for number in (case.number, case.number.partition("-")[2]):
        found = client.get("/staff/cases", query_string={"number": written.format(number)})
        assert found.location == f"/staff/cases/{case.number}"


def test_what_is_no_number_of_a_case_in_reach_is_searched_for(
    sign_in: Callable[[Staff], FlaskClient], outsider: Staff, resident_case: Filing
) -> None:
    case = resident_case()
    client = sign_in(outsider)
    client.set_cookie(COOKIE, "en")
    for typed in ("", "x", "1' OR '1'='1", "9" * 30, "\x00", "\ud800", "&|!()<->:*\\'", case.number):
        answer = client.get("/staff/cases", query_string={"number": typed.encode(errors="surrogatepass")})
        assert answer.location.startswith("/staff/queue?status=all"), typed
        assert client.get(answer.location).status_code == 200, typed


def test_a_strangers_number_and_no_number_at_all_are_answered_alike(
    sign_in: Callable[[Staff], FlaskClient], outsider: Staff, resident_case: Filing
) -> None:
    case = resident_case()
    client = sign_in(outsider)
    client.set_cookie(COOKIE, "en")
    answers = [
        client.get("/staff/cases", query_string={"number": number}, follow_redirects=True)
        for number in (case.number, "2020-10001")
    ]
    there, nowhere = (re.sub(r'value="[^"]{60,}"', "", answer.get_data(as_text=True)) for answer in answers)
    assert "Nothing was found." in there
    assert there.replace(case.number, "2020-10001") == nowhere


def test_refreshing_steals_neither_focus_nor_scroll_nor_rows(
    browser_page: Page, sign_in: Callable[[Staff], FlaskClient], clerk: Staff, resident_case: Filing
) -> None:
    cases = [resident_case() for _case in range(30)]
    client = sign_in(clerk)
    client.get("/staff/queue")
    enter(browser_page, client, "/staff/queue")
    held = browser_page.locator(f'[data-number="{cases[20].number}"]')
    held.locator("a").focus()
    browser_page.evaluate("scrollTo(0, 300)")
    take(cases[20], clerk)
    take(cases[21], clerk)
    with unit_of_work() as session:
        gone = session.get_one(Case, cases[22].id)
        lifecycle.close(gone, resolution="fixed", reason="Lagat.", by=clerk.as_actor(), now=clock.now())
    urgent = due(resident_case(), date(2020, 1, 1))
    resident_case()
    browser_page.evaluate("document.dispatchEvent(new Event('queue:refresh'))")

    browser_page.locator("#queue-news button").wait_for()
    assert browser_page.evaluate(FOCUSED_ROW) == cases[20].number
    assert browser_page.evaluate("scrollY") == 300
    assert browser_page.locator(".row").count() == 30
    assert "KE" in held.inner_text()
    assert "KE" in browser_page.locator(f'[data-number="{cases[21].number}"]').inner_text()
    assert browser_page.locator(f'[data-number="{cases[22].number}"]').get_attribute("data-gone") is not None
    assert browser_page.locator("[data-count=all]").inner_text() == "31"

    browser_page.locator("#queue-news button").click()
    assert browser_page.locator(".row").count() == 31
    assert browser_page.locator(".row").first.get_attribute("data-number") == urgent.number
    assert browser_page.evaluate(FOCUSED_ROW) == urgent.number
    assert browser_page.locator("#queue-news").is_hidden()


def test_it_does_not_refresh_while_nobody_looks(
    clock_page: Page, sign_in: Callable[[Staff], FlaskClient], clerk: Staff, resident_case: Filing
) -> None:
    resident_case()
    client = sign_in(clerk)
    client.get("/staff/queue")
    asked: list[str] = []
    clock_page.on("request", lambda request: asked.append(request.url) if "fragment" in request.url else None)
    clock_page.clock.install()
    enter(clock_page, client, "/staff/queue")
    clock_page.clock.run_for(21_000)
    clock_page.wait_for_timeout(300)
    assert len(asked) == 1
    clock_page.evaluate("Object.defineProperty(document, 'hidden', { value: true })")
    clock_page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    clock_page.clock.run_for(120_000)
    clock_page.wait_for_timeout(300)
    assert len(asked) == 1


def test_the_queue_looks_right(
    browser_page: Page,
    look: Callable[[Page, str], None],
    sign_in: Callable[[Staff], FlaskClient],
    clerk: Staff,
    hire: Callable[..., Staff],
    resident_case: Filing,
) -> None:
    colleague = hire("Anna Lind", "caseworker", "sb")
    for channel in ("email", "phone", "letter", "none"):
        take(case := resident_case(reply_by=channel), clerk)
        late = due(resident_case(reply_by=channel), date(2020, 1, 1))
        there = {"staff_id": colleague.id, "seen_at": clock.now(), "writing": channel == "phone"}
        with unit_of_work() as session:
            session.add(Presence(case_id=case.id if channel == "email" else late.id, **there))
            text = {"text": "Hej", "revision": "r", "submission": "s", "saved_at": clock.now()}
            session.add(Draft(staff_id=clerk.id, case_id=case.id, sort="reply", **text))
    client = sign_in(clerk)
    client.get("/staff/queue")
    enter(browser_page, client, "/staff/queue")
    look(browser_page, "queue")
    browser_page.goto("/staff/queue?view=waiting")
    look(browser_page, "queue-empty")
