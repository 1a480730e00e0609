"""Two periods beside each other, and departments side by side: the history of conftest.py, compared by hand."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from caseflow.accounts.models import Staff
from caseflow.database import unit_of_work
from caseflow.statistics import rollup
from caseflow.statistics.differences import difference
from caseflow.statistics.groups import Cell
from caseflow.statistics.periods import Period, between, twelve_weeks
from tests.cases.test_exports import table_of
from tests.statistics.conftest import NOW
from tests.statistics.test_page import Tables

PATH = "/staff/statistics/comparison"
OCTOBER = "period=dates&since=2026-10-01&until=2026-10-31"
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def client(
    october: SimpleNamespace, hire: Callable[..., Staff], sign_in: Callable[[Staff], FlaskClient], clock_at: Any
) -> FlaskClient:
    clock_at(NOW)
    with unit_of_work():
        rollup.update(NOW)
    return sign_in(hire("Maja Chef", "manager", "sb", "kf", "ls"))


def rows_of(client: FlaskClient, query: str) -> dict[str, list[str]]:
    answer = client.get(f"{PATH}?{query}", headers=ENGLISH)
    assert answer.status_code == 200
    return {row[0]: [" ".join(cell.split()) for cell in row[1:]] for row in Tables(answer.text).rows if len(row) > 3}


def test_a_month_is_compared_with_the_one_before_as_counted_by_hand(client: FlaskClient) -> None:
    rows = rows_of(client, OCTOBER)
    told = {name.partition(" i ")[0]: cells for name, cells in rows.items()}
    # In September came O and I; O was answered and closed, and I stayed open.
    assert told["Came in"] == ["13 the cases", "2 the cases", "↑ 11 more (550%)"]
    assert told["Open at the end"] == ["5 the cases", "1 the cases", "↑ worse: 4 more (400%)"]
    assert told["Answered in time"] == ["44% of 9", "too few of 2", "cannot be compared"]
    page = client.get(f"{PATH}?{OCTOBER}", headers=ENGLISH).text
    assert "44% answered in time; of the other period there is too little to compare with." in page
    assert f"{OCTOBER}&amp;against" not in page  # what is usual is not in the address


def test_what_is_too_few_cannot_be_reckoned_out_from_the_departments_beside_it(client: FlaskClient) -> None:
    query = f"{OCTOBER}&beside=sb&beside=kf"
    # sb 5 and kf 4: of all (9) and sb one could tell what became of the four of kf. Whoever asks for sb alone, too.
    for asked in (query, f"{OCTOBER}&beside=sb", f"{OCTOBER}&department=sb"):
        told = client.get(f"{PATH}.json?{asked}", headers=ENGLISH).get_json()
        found = {(one["code"], one["department"]): one for one in told["figures"]}
        assert (found["in_time", "sb"]["value"], found["in_time", "sb"]["n"]) == (None, 5), asked
    assert (found["received", "sb"]["value"], found["received", "sb"]["change"]) == (9, 9)
    page = client.get(f"{PATH}?{query}", headers=ENGLISH).text
    assert "kept back" in page and "Highest Streets, parks and planning (9), lowest Culture and leisure (4)." in page
    file = client.get(f"{PATH}.csv?{query}", headers=ENGLISH).get_data(as_text=True).removeprefix("\ufeff")
    lines = {(row["Code"], row["Department"]): row for row in csv.DictReader(StringIO(file), delimiter=";")}
    assert lines["in_time", "Streets, parks and planning"]["Note"] == "kept back"
    assert lines["in_time", "Culture and leisure"]["Note"] == "too few"
    assert lines["received", "Culture and leisure"]["Change in words"] == "4 more"
    book = table_of(client.get(f"{PATH}.xlsx?{query}", headers=ENGLISH).data)
    assert [row[:3] for row in book[1:3]] == [["in_time", "Answered in time", name] for _code, name in list(lines)[:2]]


def test_what_cannot_be_compared_is_told_at_its_field_and_nothing_is_lost(client: FlaskClient) -> None:
    wrong = {
        "beside=mb": "beside",  # outside the scope
        "against=dates&other_since=2026-10-30&other_until=2026-10-31": "other_until",
        "against=dates&other_since=2026-09-40&other_until=2026-09-20": "other_since",
        "against=never": "against",
        "period=dates&since=2025-01-01&until=2026-10-31&against=year": "against",
    }
    for query, field in wrong.items():
        asked = query if query.startswith("period") else f"{OCTOBER}&{query}"
        answer = client.get(f"{PATH}.json?{asked}")
        assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field]), query
        assert client.get(f"{PATH}.csv?{asked}").status_code == 303
    page = client.get(f"{PATH}?{OCTOBER}&against=dates&other_since=2026-09-40&other_until=2026-09-20")
    assert page.status_code == 422 and "2026-09-40" in page.text


def test_the_two_periods_are_equally_long_and_have_no_day_in_common() -> None:
    month = Period(date(2026, 11, 1), date(2026, 11, 4), "month")
    assert month.just_before() == Period(date(2026, 10, 1), date(2026, 10, 4), "month")
    assert month.year_before() == Period(date(2025, 11, 1), date(2025, 11, 4), "month")
    february = between(date(2029, 2, 1), date(2029, 2, 28))
    assert february.just_before().last == date(2029, 1, 31)
    assert february.year_before().last == date(2028, 2, 29)
    for day in (date(2026, 11, 1) + timedelta(days=one) for one in range(8)):
        weeks = twelve_weeks(day)
        assert weeks.days == weeks.just_before().days and not weeks.overlaps(weeks.just_before())
        assert weeks.year_before().first.weekday() == weeks.first.weekday()


def test_a_change_is_told_with_its_direction(app: Flask) -> None:
    def told(code: str, now: int, then: int, days: tuple[int, int] = (30, 31)) -> tuple[str, bool | None]:
        found = difference(code, Cell(now, 9), Cell(then, 9), days)
        return f"{found.mark} {found.words}", found.better

    with app.test_request_context(), force_locale("en"):
        assert told("in_time", 90, 86) == ("↑ better: 4 percentage points more", True)
        assert told("reopened", 90, 86) == ("↑ worse: 4 percentage points more", False)
        assert told("median", 2, 3) == ("↓ better: 1 working day shorter", True)
        assert told("in_waiting", 72, 24) == ("↑ 2 d longer", None)
        assert told("received", 5, 5) == ("= the same", None)
        assert told("received", 28, 28, (28, 56)) == ("↑ 3.5 more a week", None)
        assert told("backlog", 3, 4, (28, 56)) == ("↓ better: 1 fewer (25%)", True)
