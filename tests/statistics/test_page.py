"""The page: its filter, its permissions, and that it says what the file says."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from csv import reader
from html import unescape
from html.parser import HTMLParser
from io import BytesIO, StringIO
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from caseflow.accounts.models import Staff
from caseflow.audit import SYSTEM
from caseflow.cases import lifecycle
from caseflow.cases.models import Department
from caseflow.database import db, unit_of_work
from caseflow.statistics import rollup
from caseflow.statistics.export import line
from tests.messages.printed import assert_conforms
from tests.statistics.conftest import NOW, Statements

OCTOBER = "period=last-month"
TABLE = ("received", "finished", "open", "overdue", "in_time", "change", "median", "ninety")
SignIn = Callable[[Staff], FlaskClient]


class Tables(HTMLParser):
    """The rows of every table of a page as lists of texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.inside = True
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in ("th", "td")

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] = f"{self.rows[-1][-1]} {data}".strip()


@pytest.fixture
def read(october: SimpleNamespace, sign_in: SignIn, clock_at: Callable[..., object]) -> Callable[..., tuple[int, str]]:
    """What somebody reads at an address, in English, on 4 November 2026."""
    clock_at(NOW)
    with unit_of_work():
        rollup.update(NOW)

    def get(staff: Staff, query: str = OCTOBER, path: str = "/staff/statistics") -> tuple[int, str]:
        answer = sign_in(staff).get(f"{path}?{query}", headers={"Accept-Language": "en"})
        return answer.status_code, answer.get_data(as_text=True)

    return get


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def test_the_page_begins_with_the_sentence(read: Callable[..., tuple[int, str]], manager: Staff) -> None:
    status, page = read(manager)
    assert status == 200
    assert "44% were answered in time in October." in page
    assert "2 cases are not due yet and not counted." in page


def test_the_page_says_the_numbers_counted_by_hand(read: Callable[..., tuple[int, str]], manager: Staff) -> None:
    rows = {}
    for row in Tables(read(manager)[1]).rows:
        if len(row) > 2:
            rows.setdefault(row[0], row[1:])
    assert rows["Streets, parks and planning"] == ["9", "8", "2", "0", "40% of 5", "–", "too few of 3", "too few"]
    assert rows["Culture and leisure"] == ["4", "2", "3", "2", "too few of 4", "–", "too few of 2", "too few"]
    assert rows["Executive office"] == ["0", "1", "1", "1", "–", "–", "–", "–"]
    assert rows["Question"][4] == "50% of 6"
    assert rows["No reply"] == ["1", "1", "0", "0", "–", "–", "–", "–"]
    assert rows["All"] == ["13", "11", "6", "3", "44% of 9", "–", "2 of 5", "9"]
    assert rows["Week 43 19 Oct – 25 Oct"] == ["3", "1", "4", "3"]
    assert rows["Week 40 1 Oct – 4 Oct, not whole"] == ["1", "0", "0", "2"]
    assert rows["6–10"] == ["2", "1"]


def test_the_file_says_what_the_page_says(read: Callable[..., tuple[int, str]], manager: Staff) -> None:
    page = {row[0]: row[1:] for row in Tables(read(manager)[1]).rows}
    found = records(read(manager, path="/staff/statistics.csv")[1])
    said: dict[str, dict[str, tuple[str, str]]] = {}
    for record in found:
        if record["By"] in ("All", "Department", "Kind", "Reply wanted"):
            said.setdefault(record["Group"], {})[record["Code"]] = (record["Value"], record["Counted among"])
    assert len(said) == 13
    for group, figures in said.items():
        cells = dict(zip(TABLE, page[group], strict=True))
        for code in TABLE:
            value, n = figures[code]
            number = re.match(r"[+−-]?\d+", cells[code])
            assert (number.group().replace("−", "-").lstrip("+") if number else "") == value, (group, code)
            if " of " in cells[code]:
                assert cells[code].endswith(f" of {n}")


def test_the_file_holds_the_weeks_and_ages_too(read: Callable[..., tuple[int, str]], manager: Staff) -> None:
    found = records(read(manager, path="/staff/statistics.csv")[1])
    backlog = [record["Value"] for record in found if record["Code"] == "backlog"]
    assert backlog == ["2", "3", "3", "3", "5"]
    ages = {record["Group"]: record["Value"] for record in found if record["Code"] == "age"}
    assert ages == {"0–2": "2", "3–5": "0", "6–10": "2", "11–20": "1", "over 20": "1"}
    weeks = {record["From"]: record["To"] for record in found if record["Code"] == "again" and record["By"] == "Week"}
    assert weeks["2026-10-26"] == "2026-10-31"


def test_weeks_with_too_few_are_told_four_at_a_time(read: Callable[..., tuple[int, str]], manager: Staff) -> None:
    rows = {row[0]: row[1:] for row in Tables(read(manager)[1]).rows}
    assert rows["Week 41 – Week 44 5 Oct – 31 Oct, not whole"] == ["38% of 8", "2"]


def test_the_file_opens_in_swedish_excel(sign_in: SignIn, manager: Staff) -> None:
    answer = sign_in(manager).get("/staff/statistics.csv?" + OCTOBER)
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(
        r"attachment; filename=statistics_\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d\.csv", answer.headers["Content-Disposition"]
    )
    first, *rest = answer.get_data(as_text=True).split("\r\n")
    assert first.count(";") == 10
    assert all(line.count(";") >= 10 for line in rest if line)


@pytest.mark.parametrize("cell", ["=SUM(A1)", "+1+1", "-1+1", "@x", "\t=1", "\r=1", "--1", "-", "=2"])
def test_a_cell_never_begins_a_formula(cell: str) -> None:
    assert next(reader(StringIO(line((cell,)), newline=""), delimiter=";")) == [f"'{cell}"]


@pytest.mark.parametrize("cell", ["-12", "0", "87", "Gator", "över 20", "Park – lek"])
def test_numbers_and_words_stay_as_they_are(cell: str) -> None:
    assert next(reader(StringIO(line((cell,))), delimiter=";")) == [cell]


def test_a_department_that_is_named_like_a_formula_is_harmless(
    read: Callable[..., tuple[int, str]], manager: Staff
) -> None:
    with unit_of_work():
        db.session.get_one(Department, "kf").names = {"sv": '=cmd|"/c calc"!A1', "en": '=cmd|"/c calc"!A1'}
    groups = {record["Group"] for record in records(read(manager, path="/staff/statistics.csv")[1])}
    assert '\'=cmd|"/c calc"!A1' in groups
    assert not any(group.startswith("=") for group in groups)


def test_a_manager_of_one_department_reads_nothing_of_another(
    read: Callable[..., tuple[int, str]], hire: Callable[..., Staff]
) -> None:
    kia = hire("Kia Fritid", "manager", "kf")
    for path in ("/staff/statistics", "/staff/statistics.csv"):
        text = unescape(read(kia, path=path)[1])
        assert "Culture and leisure" in text
        assert "Streets, parks" not in text
        assert "Executive office" not in text
    rows = {row[0]: row[1:] for row in Tables(read(kia)[1]).rows}
    assert rows["Culture and leisure"][:4] == ["4", "2", "3", "2"]
    assert rows["Question"][0] == "3"


def test_a_department_outside_the_scope_cannot_be_asked_for(
    read: Callable[..., tuple[int, str]], hire: Callable[..., Staff]
) -> None:
    status, page = read(hire("Kia Fritid", "manager", "kf"), OCTOBER + "&department=sb")
    assert status == 422
    assert "Choose one of the list." in page
    assert "Streets, parks" not in page


def test_a_caseworker_sees_no_statistics_and_a_stranger_must_sign_in(
    sign_in: SignIn, clerk: Staff, client: FlaskClient
) -> None:
    for path in ("/staff/statistics", "/staff/statistics.csv"):
        assert sign_in(clerk).get(path).status_code == 403
        assert client.get(path).status_code == 302


@pytest.mark.parametrize(
    ("since", "until", "words", "field"),
    [
        ("2026-13-1", "2026-10-31", "Write the date as year-month-day, for example 2026-09-30.", "since"),
        ("", "2026-10-31", "Write the first day, for example 2026-09-01.", "since"),
        ("2026-10-01", "", "Write the last day, for example 2026-09-30.", "until"),
        ("2026-10-01", "2026-11-05", "Choose a day up to today.", "until"),
        ("2026-10-05", "2026-10-04", "The last day lies before the first. Choose a later one.", "until"),
        ("1999-12-31", "2026-10-04", "Choose a day from the year 2000 on.", "since"),
    ],
)
def test_a_bad_date_is_told_at_its_field_and_nothing_is_lost(
    read: Callable[..., tuple[int, str]], manager: Staff, since: str, until: str, words: str, field: str
) -> None:
    status, page = read(manager, f"period=dates&since={since}&until={until}&kind=fraga&channel=email")
    assert status == 422
    assert f'<a href="#{field}">{words}</a>' in page
    assert re.search(rf'id="{field}-error">.*?{re.escape(words)}', page, re.DOTALL)
    for name, value in (("since", since), ("until", until)):
        assert re.search(rf'<input[^>]*name="{name}"[^>]*value="{value}"', page)
    for chosen in ("fraga", "email"):
        assert re.search(rf'<option selected value="{chosen}"', page)
    assert "answered in time" not in page


def test_a_bad_filter_for_the_file_leads_to_the_page_that_says_why(
    read: Callable[..., tuple[int, str]], sign_in: SignIn, manager: Staff
) -> None:
    answer = sign_in(manager).get("/staff/statistics.csv?period=dates&since=x&until=2026-10-01&kind=fraga")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/staff/statistics?period=dates&since=x&until=2026-10-01&kind=fraga"


def test_what_was_typed_into_the_dates_does_no_harm_to_another_period(
    read: Callable[..., tuple[int, str]], manager: Staff
) -> None:
    assert read(manager, OCTOBER + "&since=nonsense&until=2099-01-01")[0] == 200


def test_chosen_dates_that_are_a_month_are_the_month(read: Callable[..., tuple[int, str]], manager: Staff) -> None:
    query = "period=dates&since=2026-10-01&until=2026-10-31"
    page = read(manager, query)[1]
    assert "44% were answered in time in October." in page
    assert f"/staff/statistics.csv?{query}".replace("&", "&amp;") in page


def test_the_file_follows_the_filter_of_the_page(read: Callable[..., tuple[int, str]], manager: Staff) -> None:
    query = OCTOBER + "&department=sb&channel=phone"
    page = read(manager, query)[1]
    assert 'href="/staff/statistics.csv?period=last-month&amp;department=sb&amp;channel=phone"' in page
    found = records(read(manager, query, "/staff/statistics.csv")[1])
    assert {record["Group"] for record in found if record["By"] == "Department"} == {"Streets, parks and planning"}
    assert next(record["Value"] for record in found if record["Code"] == "received") == "2"


def test_the_page_for_the_board_is_one_tagged_page_with_the_same_figures(
    october: SimpleNamespace, sign_in: SignIn, manager: Staff, clock_at: Callable[..., object]
) -> None:
    clock_at(NOW)
    with unit_of_work():
        rollup.update(NOW)
    answer = sign_in(manager).get(f"/staff/statistics/board.pdf?{OCTOBER}", headers={"Accept-Language": "sv"})
    assert_conforms(answer.data)
    pdf = PdfReader(BytesIO(answer.data))
    assert (answer.mimetype, len(pdf.pages)) == ("application/pdf", 1)
    text = " ".join(pdf.pages[0].extract_text().split())
    for said in ("44 % besvarades i tid i oktober.", "Samhällsbyggnad 9 8 2 0", "Besvarade i tid", "Finspångs kommun"):
        assert said in text, text


LINK = re.compile(r'<a href="(/staff/statistics/cases\?[^"]+)">(?:of |and )?([0-9]+)')


@pytest.mark.parametrize("who", ["manager", "kia"])
def test_every_number_leads_to_just_so_many_cases(
    october: SimpleNamespace, sign_in: SignIn, clock_at: Callable[..., object], hire: Callable[..., Staff], who: str
) -> None:
    """Kia, who manages culture and leisure alone, counts what the department handled, wherever it lies now."""
    clock_at(NOW)
    reader = hire("Chef Alla", "manager", "sb", "kf", "ls") if who == "manager" else hire("Kia Fritid", "manager", "kf")
    with unit_of_work():
        lifecycle.transfer(
            october.F, to=db.session.get_one(Department, "sb"), reason="Gäller gatan.", by=SYSTEM, now=NOW
        )
        rollup.update(NOW)
    client, english = sign_in(reader), {"Accept-Language": "en"}
    found = set(LINK.findall(client.get("/staff/statistics?period=month&by=source", headers=english).text))
    found |= set(LINK.findall(client.get(f"/staff/statistics?{OCTOBER}&by=source", headers=english).text))
    assert len(found) > (60 if who == "manager" else 25)
    few: dict[str, list[tuple[str, str]]] = {}
    for one in sorted(found):
        few.setdefault(one[0].partition("figure=")[2].partition("&")[0], []).append(one)
    # Of each figure some: the least and the last group are of different sorts.
    for href, number in [one for every in few.values() for one in {*every[:2], *every[-2:]}]:
        page = client.get(unescape(href), headers=english).text
        assert f'<span class="n">{number}</span></h1>' in page, href
        assert len(Tables(page).rows) == int(number) + 1, href
    if who == "kia":
        passed_on = client.get("/staff/statistics/cases?figure=moved_out&period=month", headers=english).text
        assert "A case that you do not see: it lies in another department now, or is closed to you." in passed_on
        assert "Ärende F" not in passed_on


def test_there_is_nothing_behind_what_is_no_number(read: Callable[..., tuple[int, str]], manager: Staff) -> None:
    for asked in ("figure=nonsense", "figure=change", "figure=status&part=closed", "figure=hours&part=7-24"):
        assert read(manager, asked, "/staff/statistics/cases")[0] == 404, asked


def test_every_figure_of_the_page_says_what_it_means(read: Callable[..., tuple[int, str]], manager: Staff) -> None:
    page = unescape(read(manager)[1])
    for name in ("Came in", "Finished", "Open now", "Past their date", "Answered in time", "Days to first answer"):
        assert f'aria-label="What is meant by “{name}”?"' in page


def test_an_empty_municipality_has_a_page_too(sign_in: SignIn, manager: Staff) -> None:
    answer = sign_in(manager).get("/staff/statistics", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    assert "No case that wants a reply was answered or fell due in the last 12 weeks." in answer.text


def test_the_page_takes_a_handful_of_statements(
    october: SimpleNamespace, sign_in: SignIn, manager: Staff, clock_at: Callable[..., object], statements: Statements
) -> None:
    clock_at(NOW)
    client = sign_in(manager)
    with statements() as said:
        assert client.get("/staff/statistics").status_code == 200
    about_cases = [statement for statement in said if 'FROM "case"' in statement or "FROM event" in statement]
    assert len(about_cases) <= 6, about_cases
    assert len(said) <= 14, said


def test_a_year_is_shown_by_month(read: Callable[..., tuple[int, str]], manager: Staff) -> None:
    rows = {row[0]: row[1:] for row in Tables(read(manager, "period=year")[1]).rows}
    assert rows["October 2026"] == ["13", "2", "11", "5"]
    assert rows["September 2026"] == ["2", "0", "1", "1"]
