"""The index of what residents say: counted by hand, and silent below five answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html import unescape

import sqlalchemy as sa
from flask.testing import FlaskClient

from caseflow.accounts.models import Staff
from caseflow.cases.survey import SurveyAnswer
from caseflow.database import unit_of_work

Enter = Callable[[Staff], FlaskClient]


def answered(department: str, number: int, **marks: int) -> None:
    facts = {"department_code": department, "kind_code": "fraga", "on_day": date(2026, 10, 7), **marks}
    channel = "phone" if "treatment" in marks else "email"
    with unit_of_work() as session:
        start = session.scalar(sa.select(sa.func.count()).select_from(SurveyAnswer)) or 0
        session.add_all(
            SurveyAnswer(seal=str(start + one), channel=channel, **facts)  # type: ignore[arg-type]
            for one in range(number)
        )


def test_the_index_is_the_mean_of_what_was_answered_and_says_nothing_below_five(
    manager: Staff, clerk: Staff, sign_in: Enter
) -> None:
    answered("sb", 4, ease=5, clarity=4)  # 100 and 75
    answered("sb", 2, ease=2, treatment=1)  # 25 and 0
    answered("kf", 4, ease=1, clarity=1)
    client = sign_in(manager)
    client.set_cookie("language", "en")
    asked = "?period=dates&since=2026-10-01&until=2026-10-31"
    page = client.get(f"/staff/statistics{asked}").text
    table = page.partition('id="by-opinion"')[2].partition("</table>")[0]
    said = " ".join(unescape(re.sub(r"<[^>]+>", " ", table)).split())
    # sb: (4 × 100 + 2 × 25) / 6 = 75; clarity of four and treatment of two are too few. All: (450 + 0) / 10 = 45.
    # Of sb and all one could reckon what four said of kf: so sb is kept back until more are too few.
    assert "Streets, parks and planning kept back of 6 too few of 4 too few of 2" in said
    assert "Culture and leisure too few of 4 too few of 4 –" in said
    assert "All 45 of 10 38 of 8 too few of 2" in said
    follows_not = "What residents say does not follow the choice of category"
    assert follows_not not in page
    assert follows_not in client.get(f"/staff/statistics{asked}&language=sv").text
    answered("mb", 3, ease=1, clarity=1)
    csv = client.get(f"/staff/statistics.csv{asked}").text
    assert re.search(r"^ease;Easy to get help;Department;Streets, parks and planning;[^;]+;[^;]+;75;", csv, re.M)
    assert "too few" in client.get(f"/staff/statistics{asked}&channel=phone").text.partition('id="by-opinion"')[2]
