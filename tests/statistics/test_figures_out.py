"""The figures for other programs and by mail: the same as on the page, within what the reader may see then."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from caseflow.accounts.models import Membership, Staff
from caseflow.cases.models import Case
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Message
from caseflow.statistics import report_wishes, rollup
from caseflow.statistics.definitions import FIGURES
from caseflow.statistics.report_wishes import ReportWish
from tests.cases.test_exports import table_of

THURSDAY = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
SignIn = Callable[[Staff], FlaskClient]
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def counted(resident_case: Callable[..., Case], clock_at: Callable[..., Any]) -> None:
    clock_at(THURSDAY)
    for _place in range(6):
        resident_case(now=THURSDAY - timedelta(days=2))
    for _place in range(3):
        resident_case(department="kf", now=THURSDAY - timedelta(days=2))
    with unit_of_work():
        rollup.update(THURSDAY)


def test_the_json_tells_each_figure_with_its_meaning_and_the_workbook_has_the_same(
    counted: None, hire: Callable[..., Staff], sign_in: SignIn
) -> None:
    client = sign_in(hire("Maja Chef", "manager", "sb"))
    answer = client.get("/staff/statistics.json", headers=ENGLISH)
    told = answer.get_json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert {one["code"] for one in told["definitions"]} == set(FIGURES)
    assert all(one["definition"] and one["unit"] and one["population"] for one in told["definitions"])
    found = {(one["code"], one["by"], one["group"]): (one["value"], one["n"]) for one in told["figures"]}
    assert found["received", "all", ""] == found["received", "department", "sb"] == (6, 6)
    assert "kf" not in {group for _code, _by, group in found}  # outside the scope
    assert found["in_time", "all", ""][0] is None  # nothing is decided yet
    wrong = client.get("/staff/statistics.json?department=kf", headers=ENGLISH)
    assert (wrong.status_code, list(wrong.get_json()["errors"])) == (422, ["department"])
    rows = table_of(client.get("/staff/statistics.xlsx", headers=ENGLISH).data)
    assert rows[1][:4] == ["received", "Came in", "All", "All"] and rows[1][6] == "6"


def test_figures_come_by_mail_each_week_until_the_link_in_the_mail_ends_it(
    counted: None,
    hire: Callable[..., Staff],
    sign_in: SignIn,
    client: FlaskClient,
    with_token: Callable[..., dict[str, object]],
) -> None:
    staff = hire("Maja Chef", "manager", "sb", "kf")
    signed_in, page = sign_in(staff), "/staff/statistics/subscriptions?department=sb"
    signed_in.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    data = with_token(signed_in, {"rhythm": "week"}, page)
    for _twice in range(2):
        assert signed_in.post(page, data=data).status_code == 303
    assert "every Monday" in signed_in.get("/staff/statistics/subscriptions").get_data(as_text=True)
    own_dates = "/staff/statistics/subscriptions?period=dates&since=2026-11-01&until=2026-11-02"
    assert signed_in.post(own_dates, data=data).status_code == 400
    assert [report_wishes.send(at) for at in (THURSDAY, MONDAY - timedelta(hours=3))] == [0, 0]
    assert [report_wishes.send(MONDAY), report_wishes.send(MONDAY)] == [1, 0]
    mail = db.session.scalars(sa.select(Message).where(Message.staff_id == staff.id)).one()
    assert mail.subject == "The week's figures" and "Came in 6" in mail.body
    assert mail.frame["link"] == "http://localhost/staff/statistics?department=sb"
    assert "Skolgatan" not in mail.body and "Culture and leisure" not in mail.body
    link = re.search(r"http://localhost(/statistics-mail/\S+)", mail.body)
    assert link
    opened = client.get(link[1], headers=ENGLISH)
    assert opened.status_code == 200 and count_of_wishes() == 1  # a mail scanner's look ends nothing
    assert client.post(link[1], data=with_token(client, {}, link[1])).status_code == 200
    assert count_of_wishes() == 0 and client.get(link[1]).status_code == 200
    assert client.get("/statistics-mail/made-up/end").status_code == 200


def count_of_wishes() -> int:
    return len(db.session.scalars(sa.select(ReportWish.id)).all())


def test_a_mail_never_holds_what_is_closed_to_its_reader_when_it_is_sent(
    counted: None, hire: Callable[..., Staff]
) -> None:
    both = hire("Maja Chef", "manager", "sb", "kf")
    moved = hire("Mats Chef", "manager", "kf", "sb")
    with unit_of_work():
        report_wishes.add(both, {}, "week", "en", THURSDAY)
        report_wishes.add(moved, {"department": "kf"}, "month", "en", THURSDAY)
    with unit_of_work() as session:
        session.execute(sa.delete(Membership).where(Membership.department_code == "kf"))
    assert report_wishes.send(MONDAY) == 1
    mail = db.session.scalars(sa.select(Message).where(Message.staff_id == both.id)).one()
    assert "Came in 6" in mail.body and "Came in 3" not in mail.body
    assert report_wishes.send(datetime(2026, 12, 1, 8, 0, tzinfo=UTC)) == 2
    last = db.session.scalars(sa.select(Message.body).where(Message.staff_id == moved.id)).one()
    assert "no longer open to you" in last and "Came in" not in last
    assert [wish.staff_id for wish in db.session.scalars(sa.select(ReportWish))] == [both.id]
