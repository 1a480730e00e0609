"""Open figures: nothing before somebody says so, nothing that a small number could be reckoned out of, ever."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Page

from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases.models import Case
from caseflow.database import db
from caseflow.statistics import open_data
from caseflow.statistics.suppression import LEAST, SPREAD, TOTAL, Table, bounds, lines, protected, with_totals
from tests.cases.entering import enter

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
Filing = Callable[..., Case]
ENGLISH = {"Accept-Language": "en"}


def some_table(rows: int, columns: int, most: int, seed: int) -> Table:
    """As errands come: much of a little, and little of most."""
    chance = random.Random(seed)
    sizes = (0, 1, 1, 2, 3, 4, most // 2, most)
    return {(f"d{row}", f"k{column}"): chance.choice(sizes) for row in range(rows) for column in range(columns)}


# Every table of 2 x 2 with numbers up to 15.
GRID = np.stack(np.meshgrid(*[np.arange(16)] * 4, indexing="ij"), -1).reshape(-1, 4)


@pytest.mark.no_app
@pytest.mark.parametrize("seed", range(24))
def test_who_tries_every_table_that_fits_still_finds_several_values_for_each_small_number(seed: int) -> None:
    counts = some_table(2, 2, 9, seed)
    whole, shown = with_totals(counts), protected(counts)
    cells = sorted(counts)
    values = {cell: GRID[:, place] for place, cell in enumerate(cells)}
    for row in ("d0", "d1"):
        values[row, TOTAL] = values[row, "k0"] + values[row, "k1"]
    for column in ("k0", "k1", TOTAL):
        values[TOTAL, column] = values["d0", column] + values["d1", column]
    fits = np.ones(len(GRID), bool)
    for cell, number in shown.items():
        fits &= values[cell] >= 1 if number is None else values[cell] == number
    assert fits.any()  # the truth among them
    for cell, number in whole.items():
        if 0 < number < LEAST:
            assert shown[cell] is None
            assert len(set(values[cell][fits])) > SPREAD, (counts, shown, cell)


@pytest.mark.no_app
@pytest.mark.parametrize("seed", range(3))
def test_no_difference_between_totals_and_cells_gives_a_small_number_away(seed: int) -> None:
    counts = some_table(7, 6, 140, seed)
    whole, shown = with_totals(counts), protected(counts)
    assert all(number in (None, whole[cell]) for cell, number in shown.items())
    assert sum(number is not None for number in shown.values()) > len(shown) / 5  # something is left to read
    for line in lines(shown):
        assert sum(shown[cell] is None for cell in line) != 1
    small = [cell for cell, number in whole.items() if 0 < number < LEAST]
    spans = {cell: bounds(cell, shown) for cell in small}
    assert small and all(
        least <= whole[cell] <= most and most - least >= SPREAD for cell, (least, most) in spans.items()
    )


def test_a_single_rare_errand_is_hidden_together_with_what_it_would_be_the_rest_of() -> None:
    shown = protected({("sb", "fraga"): 40, ("sb", "dataskydd"): 1, ("kf", "fraga"): 25})
    assert shown["sb", "dataskydd"] is None
    left = [shown["sb", TOTAL], shown["sb", "fraga"]]
    assert left.count(None) >= 1 and shown[TOTAL, "dataskydd"] is None
    assert protected({}) == {(TOTAL, TOTAL): 0}
    assert protected({("sb", "fraga"): 2}) == {
        ("sb", "fraga"): None,
        ("sb", TOTAL): None,
        (TOTAL, "fraga"): None,
        (TOTAL, TOTAL): None,
    }


@pytest.fixture
def october(resident_case: Filing) -> None:
    """Seven questions at sb, five of protected residents, six and one complaint at kf, nine where there is secrecy."""
    for place in range(7):
        resident_case(now=OCTOBER + timedelta(days=place))
    resident_case(kind="klagomal", department="kf", now=OCTOBER)
    for place in range(6):
        resident_case(department="kf", now=OCTOBER + timedelta(days=place))
    for place in range(9):
        resident_case(department="ifo", now=OCTOBER + timedelta(days=place))
    for _protected in range(5):
        resident_case(reply_by="none", protected=True, now=OCTOBER)


def rows_of(client: FlaskClient) -> list[dict[str, str]]:
    answer = client.get("/open-data/cases.csv", headers=ENGLISH)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")
    return list(csv.DictReader(StringIO(answer.get_data(as_text=True))))


def test_months_are_published_on_an_administrators_word_and_stay_as_they_were(
    october: None,
    client: FlaskClient,
    hire: Callable[..., Staff],
    sign_in: Callable[[Staff], FlaskClient],
    with_token: Callable[..., dict[str, object]],
    resident_case: Filing,
) -> None:
    admin = sign_in(hire("Adam Admin", "administrator"))

    def press(path: str) -> None:
        data = with_token(admin, {}, "/staff/open-data")
        assert admin.post(path, data=data).status_code == 303

    assert open_data.publish(NOW) == 0
    assert [client.get(f"/open-data{end}").status_code for end in ("", "/cases.csv", "/cases.json")] == [404] * 3
    assert "/open-data" not in client.get("/").text
    press("/staff/open-data")
    assert rows_of(client) == [] and 'href="/open-data"' in client.get("/").text
    assert (open_data.publish(NOW), open_data.publish(NOW)) == (1, 0)  # October is over, November is not
    rows = rows_of(client)
    found = {(row["department"], row["kind"]): (row["received"], row["note"]) for row in rows}
    assert {row["month"] for row in rows} == {"2026-10"}
    expected = protected({("sb", "fraga"): 7, ("kf", "fraga"): 6, ("kf", "klagomal"): 1})
    as_written = {(row or "all", kind or "all"): number for (row, kind), number in expected.items()}
    assert found == {cell: ("", "hidden") if n is None else (str(n), "") for cell, n in as_written.items()}
    assert found["kf", "klagomal"] == ("", "hidden")
    assert "ifo" not in {row["department"] for row in rows} and "Socialtj" not in str(rows)
    # Who reads again learns nothing from what came in late.
    resident_case(kind="klagomal", department="kf", now=OCTOBER)
    assert open_data.publish(NOW + timedelta(hours=1)) == 0 and rows_of(client) == rows
    told: dict[str, Any] = client.get("/open-data/cases.json").get_json()
    assert [column["name"] for column in told["columns"]] == list(rows[0])
    assert told["dcterms:temporal"] == {"startDate": "2026-10-01", "endDate": "2026-10-31"}
    assert set(told["dcterms:title"]) == {"sv", "en", "fi"}
    press("/staff/open-data/withdrawal")
    assert client.get("/open-data").status_code == 404 and "/open-data" not in client.get("/").text
    press("/staff/open-data")
    assert rows_of(client) == rows
    verbs = db.session.scalars(sa.select(Event.verb).where(Event.subject == "open_data").order_by(Event.id)).all()
    assert verbs == ["publish", "withdraw", "publish"]


def test_the_pages_of_what_goes_out_can_be_read_by_everybody(
    october: None,
    browser_page: Page,
    look: Callable[[Page, str], None],
    hire: Callable[..., Staff],
    sign_in: Callable[[Staff], FlaskClient],
    manager: Staff,
) -> None:
    enter(browser_page, sign_in(hire("Adam Admin", "administrator")), "/staff/open-data")
    browser_page.get_by_role("button", name="Publicera siffrorna").click()
    open_data.publish(NOW)
    browser_page.reload()
    look(browser_page, "open-data-choice")
    browser_page.get_by_role("link", name="Se sidan").click()
    assert browser_page.get_by_role("row").count() >= 3
    look(browser_page, "open-data")
    enter(browser_page, sign_in(manager), "/staff/statistics/subscriptions?department=sb")
    browser_page.get_by_role("button", name="Skicka varje måndag").click()
    browser_page.go_back()
    look(browser_page, "figures-by-mail")
