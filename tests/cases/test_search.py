"""Search: what is found by which words, in which spelling, where, why, and by whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases import lifecycle
from caseflow.cases.models import Case, Entry
from caseflow.cases.triage import queue, search
from caseflow.cases.triage.lookup import Lookup
from caseflow.cases.triage.queue_filter import Filter
from caseflow.database import db, unit_of_work
from caseflow.language import COOKIE
from tests.cases.acting import statements

Filing = Callable[..., Case]
Find = Callable[..., list[str]]


@pytest.fixture
def page_of(sign_in: Callable[[Staff], FlaskClient], clerk: Staff) -> Callable[..., str]:
    def read(typed: str, staff: Staff | None = None, **more: str) -> str:
        client = sign_in(staff or clerk)
        client.set_cookie(COOKIE, "en")
        return client.get("/staff/queue", query_string={"text": typed, **more}).get_data(as_text=True)

    return read


@pytest.fixture
def find(page_of: Callable[..., str]) -> Find:
    """The numbers of the cases that somebody finds."""
    return lambda *asked, **more: re.findall(r'data-number="([^"]+)"', page_of(*asked, **more))


def say(case: Case, text: str, by: Staff) -> Entry:
    with unit_of_work() as session:
        return lifecycle.note(session.get_one(Case, case.id), text, by=by.as_actor(), now=clock.now())


def reason(page: str) -> str:
    """What stands in the row as its reason, with its marks."""
    found = re.search(r'row-why">(.*?)</span>', page, re.S)
    return found[1].strip() if found else ""


@pytest.mark.parametrize(
    "typed",
    [
        "lampa",
        "lampor",
        "LAMPAN",
        "lampan släckt",
        "slocknade lampornas",
        "gatlamp",
        "lampo",
        "Åsa",
        "åsa öström",
        "Linne",
        "Linné",
        "ostro",
        "asa.ostrom@example.org",
        "ostrom example",
        "Skolgatan 4",
        "612 32",
        "61232",
        "finspå",
        "070-174 06 05",
        "0701740605",
        "+46 70 174 06 05",
        "0046701740605",
        "+46(0)70 174 06 05",
        "070-174",
        "174 06 05",
        "öström 070-174 06 05",
    ],
)
def test_a_case_is_found_by_what_stands_in_it(find: Find, resident_case: Filing, typed: str) -> None:
    case = resident_case(
        description="Flera lampor har slocknat. En gatlampa är släckt och lampan vid skolan slocknade i går.",
        name="Åsa Öström-Linné",
        email="asa.ostrom@example.org",
        phone="+46701740605",
        street="Skolgatan 4",
        postcode="61232",
        town="Finspång",
    )
    resident_case(description="Badet är stängt.", reply_by="none")
    assert find(typed) == [case.number]


@pytest.mark.parametrize("typed", ["lampan badhus", "asa", "0701740606", "amp", "gatlampan måne"])
def test_what_does_not_stand_in_it_does_not_find_it(find: Find, resident_case: Filing, typed: str) -> None:
    resident_case(description="En gatlampa är släckt.", name="Åsa Öström", email="x@example.org", phone="+46701740605")
    assert find(typed) == []


def test_the_number_finds_too(find: Find, resident_case: Filing) -> None:
    case, other = resident_case(), resident_case()
    assert find(case.number) == [case.number]
    assert find(other.number.partition("-")[2]) == [other.number]


def test_words_of_text_name_and_note_are_found_together(find: Find, resident_case: Filing, clerk: Staff) -> None:
    case = resident_case()
    say(case, "Elektrikern kommer på torsdag.", clerk)
    resident_case()
    assert find("åkesson elektriker") == [case.number]


def test_open_and_closed_cases_are_found_alike_and_filters_narrow(
    find: Find, page_of: Callable[..., str], resident_case: Filing, clerk: Staff
) -> None:
    still, done = resident_case(), resident_case(reply_by="letter")
    with unit_of_work() as session:
        case = session.get_one(Case, done.id)
        lifecycle.close(case, resolution="fixed", reason="Lagat.", by=clerk.as_actor(), now=clock.now())
    assert find("gatlampa", status="all") == [done.number, still.number]
    assert find("gatlampa") == [still.number]
    assert find("gatlampa", status="all", reply_by="letter") == [done.number]
    assert ">2 cases</p>" in page_of("gatlampa", status="all")
    assert "“@ …” has no word in it" in page_of("@ …") and "has no word" not in page_of("")
    nothing = page_of("gatlampa", reply_by="letter")
    assert "queue?status=all&amp;reply_by=letter&amp;text=gatlampa" in nothing


def test_what_was_taken_back_is_not_found(find: Find, resident_case: Filing, clerk: Staff) -> None:
    case = resident_case()
    said = say(case, "Elektrikern kommer.", clerk)
    assert find("elektriker") == [case.number]
    with unit_of_work() as session:
        session.execute(sa.update(Entry).where(Entry.id == said.id).values(retracted_at=clock.now()))
    assert find("elektriker") == []
    assert find("gatlampa") == [case.number]


def test_a_corrected_address_is_found_and_the_old_one_no_longer(
    find: Find, resident_case: Filing, clerk: Staff
) -> None:
    case = resident_case()
    say(case, "Elektrikern kommer.", clerk)
    with unit_of_work() as session:
        found = session.get_one(Case, case.id)
        lifecycle.correct(found, {"name": "Rut Bergman"}, by=clerk.as_actor(), now=clock.now())
    assert find("bergman elektriker") == [case.number]
    assert find("åkesson") == []


def test_nothing_is_found_in_other_departments(
    find: Find, page_of: Callable[..., str], resident_case: Filing, outsider: Staff, clerk: Staff
) -> None:
    case = resident_case()
    say(case, "Kanariefågel.", clerk)
    for typed in ("gatlampa", "kanariefågel", "rut@example.org", case.number, "skolgatan"):
        page = page_of(typed, outsider, status="all", department="sb")
        assert find(typed, outsider, status="all") == []
        assert case.number not in page.replace(typed, "")
        assert "släckt" not in page
    assert search.texts(outsider, [case.id], "gatlampa") == []
    assert list(search.reasons(search.texts(clerk, [case.id], "gatlampa"), "gatlampa")) == [case.id]


def test_the_reason_is_shown_where_it_stands(page_of: Callable[..., str], resident_case: Filing, clerk: Staff) -> None:
    case = resident_case(
        description="Hej! Det är mörkt. " + "Ord " * 60 + "Gatlamporna är släckta.", phone="+46701740605"
    )
    say(case, "Elektrikern kommer <i>i morgon</i>.", clerk)
    assert "<mark>Gatlamporna</mark> är släckta." in reason(page_of("gatlampa"))
    assert reason(page_of("gatlampa")).startswith("…")
    assert "<b>Internal note</b> <mark>Elektrikern</mark> kommer &lt;i&gt;i morgon" in reason(page_of("elektriker"))
    assert "<b>Name</b> Rut <mark>Åkesson</mark>" in reason(page_of("åkesson"))
    assert "<mark>+46701740605</mark>" in reason(page_of("070-174 06 05"))
    assert "<mark>+46701740605</mark>" in reason(page_of("070"))


def test_a_reason_in_the_subject_is_not_told_twice(page_of: Callable[..., str], resident_case: Filing) -> None:
    resident_case()
    page = page_of("gatlampa")
    assert "<mark>Gatlampan</mark> utanför Skolgatan 4" in page
    assert reason(page) == ""
    assert "Kan ni laga den?" in page
    assert reason(page_of("rut gatlampa")) == "<b>Name</b> <mark>Rut</mark> Åkesson"


@pytest.mark.parametrize("text", ["<script>alert(1)</script> gatlampa", "gatlampa \"'><img src=x>", "&lt;gatlampa&gt;"])
def test_the_reason_is_text_and_never_markup(page_of: Callable[..., str], resident_case: Filing, text: str) -> None:
    resident_case(description=f"Hej! Det är mörkt här hos oss. {text}")
    page = page_of("gatlampa")
    assert "<script>alert" not in page and "<img src=x" not in page
    assert text in unescape(re.sub(r"</?mark>", "", page))


def test_newest_first_also_where_many_have_the_word(
    find: Find, resident_case: Filing, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [resident_case().number for _case in range(6)]
    assert find("gatlampa") == cases[::-1]
    monkeypatch.setattr(search, "FEW", 3)
    assert find("gatlampa") == cases[::-1]


def test_thousands_of_rows_at_once_are_found_as_if_they_came_one_by_one(resident_case: Filing, clerk: Staff) -> None:
    case = resident_case(phone="+46701740605")
    say(case, "Elektrikern kommer.", clerk)
    kept = sa.select(sa.cast(Lookup.words, sa.Text), Lookup.waiting_since)
    before = db.session.execute(kept).one()
    anew = sa.text('SELECT all_words("case")::text, waits_since("case") FROM "case"')
    assert db.session.execute(anew).one() == before


@pytest.mark.parametrize("sort", ["", "&sort=due", "&sort=waiting", "&sort=-received"])
def test_a_common_word_is_met_in_the_same_order_as_it_is_found(
    sort: str, resident_case: Filing, clerk: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(queue.PAGE + 4):
        resident_case(description="Gatlampan är släckt." if number % 13 else "Snön ligger kvar.")
    chosen, day = Filter.of({"text": "gatlampa", "sort": sort[6:]}), clock.today()
    monkeypatch.setattr(queue, "PAGE", 20)

    def numbers() -> list[str]:
        first = queue.page(clerk, chosen, day, now=clock.now())
        second = queue.page(clerk, chosen, day, first.next_key, now=clock.now())
        return [row.number for row in (*first.rows, *second.rows)]

    found = numbers()
    for bound in ("SOME", "MANY"):
        monkeypatch.setattr(search, bound, -1)
        assert numbers() == found and len(set(found)) == 40


def test_a_search_costs_four_statements_at_most(resident_case: Filing, clerk: Staff) -> None:
    for _case in range(3):
        resident_case()
    with statements() as seen:
        rows = queue.page(
            clerk, Filter.of({"text": "gatlampa"}), clock.today() + timedelta(days=1), now=clock.now()
        ).rows
        search.texts(clerk, [row.id for row in rows], "gatlampa")
    assert len(rows) == 3
    assert len(seen) <= 4
