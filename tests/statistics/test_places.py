"""By place: named where enough cases came in, and what a changed calendar does to what is counted already."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from caseflow.accounts.models import Staff
from caseflow.cases import lifecycle
from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import Case, Municipality
from caseflow.cases.municipality import directory
from caseflow.database import db, unit_of_work
from caseflow.statistics import figures, rollup
from caseflow.statistics.figures import Filter
from tests.statistics.conftest import NOW, OCTOBER, at
from tests.statistics.test_page import Tables

ENGLISH = {"Accept-Language": "en"}
MONTH = "period=last-month"


def test_a_place_is_named_and_asked_for_only_where_enough_cases_came_in(
    resident_case: Callable[..., Case], hire: Callable[..., Staff], sign_in: Callable[..., FlaskClient], clock_at: Any
) -> None:
    clock_at(NOW)
    told = {"Skolgatan 4": 3, "utanför skolgatan 12 B": 4, "612 80": 3, "Lasarettet, 61280 Finspång": 3}
    for place, number in {**told, "Norra Storgatan 1": 2, "vid ån": 1}.items():
        for _one in range(number):
            resident_case(place=place, now=at(10, 7, 9))
    with unit_of_work():
        rollup.update(NOW)
    client = sign_in(hire("Maja Chef", "manager", "sb"))
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = client.get(f"/staff/statistics?{MONTH}&by=place").text
    table = Tables(page.partition('id="by-place"')[2].partition("</table>")[0])
    # Two in Norra Storgatan are too few to name, and with 612 80 told they would be the only ones left.
    numbers = {row[0]: row[1] for row in table.rows}
    assert {name: numbers[name] for name in ("Skolgatan", "other places", "not said", "All")} == {
        "Skolgatan": "7",
        "other places": "8",
        "not said": "1",
        "All": "16",
    }
    assert "torgatan" not in page and "612 80" not in page
    assert "Came in <" in client.get(f"/staff/statistics/cases?{MONTH}&figure=received&place=Skolgatan").text
    assert client.get(f"/staff/statistics.json?{MONTH}&place=612+80").get_json()["figures"][0]["value"] == 6
    for place in ("norra Storgatan", "Ingenstans", "\x00"):
        refused = client.get("/staff/statistics", query_string={"period": "last-month", "place": place})
        assert refused.status_code == 422 and "Fewer than 5 cases came in from there" in refused.text
    # Enough came in October and none in September: what is compared must be enough on both sides.
    compared = client.get(f"/staff/statistics/comparison?{MONTH}&place=612+80")
    assert compared.status_code == 422 and "Fewer than 5 cases came in from there" in compared.text
    assert client.get(f"/staff/statistics/comparison.csv?{MONTH}&place=612+80").status_code == 303
    asked = client.get("/staff/statistics/subscriptions?period=last-month&place=norra+Storgatan").text
    assert 'name="rhythm"' not in asked


def test_a_changed_calendar_is_counted_by_itself_and_nothing_is_counted_twice(
    resident_case: Callable[..., Case], hire: Callable[..., Staff]
) -> None:
    staff = hire("Hand Läggare", "coordinator", "sb")
    for _one in range(5):
        case = resident_case(now=at(10, 5, 9))
        with unit_of_work():
            lifecycle.reply(case, "Svar.", channel="email", by=staff.as_actor(), now=at(10, 7, 15))

    def median(now: Any) -> int | None:
        with unit_of_work():
            rollup.update(now)
        calendar = Calendar.of(directory.municipality())
        return figures.read(staff, Filter(OCTOBER), calendar, now=now).whole.promise.median_days

    assert median(NOW) == 2
    with unit_of_work():
        town = db.session.scalars(sa.select(Municipality)).one()
        town.holidays = {**town.holidays, "free": ["2026-10-06"]}
    assert median(NOW + timedelta(minutes=1)) == 1
    state = rollup.state()[0]
    with unit_of_work():
        rollup.update(NOW + timedelta(minutes=20))
    assert rollup.state()[0] != state or rollup.counted_until() == NOW + timedelta(minutes=20)
