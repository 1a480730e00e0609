"""What comes first and what it is about: two acts on a case, and the filters that see them."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases import lifecycle
from caseflow.cases.models import Case, Category
from caseflow.cases.triage.queue_filter import Filter
from caseflow.database import db, unit_of_work
from tests.cases.acting import Desk

Filing = Callable[..., Case]


def category_of(department: str) -> str:
    code = db.session.scalar(sa.select(Category.code).where(Category.department_code == department).limit(1))
    assert code is not None
    return code


def listed(desk: Desk, query: str) -> list[str]:
    return re.findall(r'data-number="([^"]+)"', desk.client.get(f"/staff/queue?{query}").get_data(as_text=True))


def test_priority_is_given_and_taken_back_and_told_on_the_page(desk: Desk) -> None:
    assert desk.act("priority", priority="high").status_code == 303
    page = desk.read()
    assert "High priority" in page and "Karin Ek gave the case high priority" in page
    assert "That was done already." in desk.client.get(desk.act("priority", priority="high").location).text
    assert desk.act("priority", priority="urgent").status_code == 422
    assert desk.act("priority", priority="normal", version="1").status_code == 409
    desk.act("priority", priority="normal")
    assert desk.verbs() == ["receive", "prioritise", "prioritise"]
    desk.act("closure", resolution="no_action", reason="Ingenting att göra.")
    assert desk.act("priority", priority="high").status_code == 409


def test_the_category_is_one_of_the_departments_own(desk: Desk, clerk: Staff) -> None:
    own, foreign = category_of("sb"), category_of("kf")
    assert desk.act("category", category=foreign).status_code == 422
    desk.act("category", category=own)
    assert desk.case().category_code == own
    assert "Karin Ek chose the category" in desk.read()
    desk.act("category", category="")
    assert desk.case().category_code is None
    with pytest.raises(lifecycle.Illegal):
        lifecycle.categorise(desk.case(), to=foreign, by=clerk.as_actor(), now=clock.now())


def test_high_priority_stands_first_on_every_page_and_in_what_comes_next(
    desk: Desk, resident_case: Filing, clerk: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, late, high = desk.case(), resident_case(), resident_case()
    with unit_of_work() as session:
        session.execute(sa.update(Case).where(Case.id == late.id).values(due_on=date(2020, 1, 1)))
        case = session.get_one(Case, high.id)
        lifecycle.prioritise(case, to="high", by=clerk.as_actor(), now=clock.now())
    assert listed(desk, "sort=priority") == [high.number, late.number, first.number]
    assert listed(desk, "priority=high") == [high.number]
    answer = desk.act("closure", resolution="no_action", reason="Klart.")
    assert f"/staff/cases/{high.number}" in desk.client.get(answer.location).text
    monkeypatch.setattr("caseflow.cases.triage.queue.PAGE", 1)
    page = desk.client.get("/staff/queue?sort=priority").get_data(as_text=True)
    following = re.search(r'rel="next" href="/staff/queue\?([^"]+)"', page)
    assert following
    assert listed(desk, following[1].replace("&amp;", "&")) == [late.number]


def test_place_waiting_way_in_and_several_values_narrow_the_list_and_its_file(
    desk: Desk, resident_case: Filing
) -> None:
    monday = clock.now()
    written = resident_case(
        reply_by="letter", kind="felanmalan", source="letter", street="Östra Storgatan 7", town="Rejmyre", now=monday
    )
    old = resident_case(
        description="Jag bor vid Storgatan men skriver från annat håll.", now=monday - timedelta(days=9)
    )
    others = {desk.number, old.number}
    assert listed(desk, "place=ostra+storg") == []
    assert listed(desk, "place=%C3%96stra+storg") == [written.number] == listed(desk, "place=rejmyre")
    assert listed(desk, "waited=5") == [old.number]
    assert listed(desk, "source=letter") == [written.number]
    assert set(listed(desk, "kind=fraga&kind=felanmalan")) == {written.number, *others}
    assert set(listed(desk, "kind=fraga,zzz")) == others
    assert listed(desk, "status=waiting,planned") == []
    page = desk.client.get("/staff/queue?status=new,waiting&waited=5&place=Storgatan&source=web,letter").text
    for words in (
        "New, Waiting for the resident",
        "waits longer than 5 days",
        "at “Storgatan”",
        "came in by: Web form, came in by: Letter",
    ):
        assert words in page
    file = desk.client.get("/staff/queue.csv?kind=felanmalan&source=letter&place=Rejmyre").get_data(as_text=True)
    rows = list(csv.DictReader(StringIO(file.lstrip("\ufeff")), delimiter=";"))
    assert [(row["Number"], row["Priority"], row["Came in by"]) for row in rows] == [
        (written.number, "Normal", "Letter")
    ]


def test_a_filter_takes_only_what_it_knows() -> None:
    asked = MultiDict([("status", "new"), ("status", "odd,closed"), ("priority", "x"), ("waited", "0"), ("place", "-")])
    assert Filter.of(asked).asked() == {"status": "new,closed"}
    assert Filter.of({"status": "new,all"}).status == "all"
    assert Filter.of({"kind": ",".join(f"k{place}" for place in range(99))}).values("kind")[-1] == "k19"
