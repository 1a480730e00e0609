"""Macros: a text and acts in one press, each through its verb; all of them or none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from caseflow.accounts.models import Staff
from caseflow.cases.municipality import configuration
from caseflow.cases.municipality.checked_yaml import Fields
from caseflow.cases.texts import macro_file
from caseflow.cases.texts.macros import Macro
from caseflow.cases.texts.standard_texts import StandardText
from caseflow.database import db, unit_of_work
from tests.cases.acting import Desk, WithToken

NEW = "/staff/texts/macros/new"
SAID = {"titles": {"sv": "Mitt"}, "texts": {"sv": "Hej."}}


@pytest.fixture(autouse=True)
def example_macros(app: object, example: configuration.Row) -> None:
    with unit_of_work() as session:
        session.execute(sa.delete(Macro))
        session.execute(sa.delete(StandardText))
        configuration.load(example)


def macros() -> dict[str, Macro]:
    db.session.rollback()
    return {one.title("en"): one for one in db.session.scalars(sa.select(Macro))}


def run(desk: Desk, title: str, **data: str) -> int:
    filled = {"submission": "once", "channel": "email", **data}
    return desk.act(f"macros/{macros()[title].id}", **filled).status_code


def test_all_its_acts_are_done_each_with_its_own_event(desk: Desk, clerk: Staff) -> None:
    page = desk.client.get(f"{desk.path}/macros").get_data(as_text=True)
    for words in ("The lamp is ordered", "Category: Street lighting", "You take the case", "Close: Will be done later"):
        assert words in page
    assert page.count("Run the macro") == 4  # what has gaps is filled in first
    assert (
        run(desk, "The lamp is ordered", text="Lagas inom fem arbetsdagar.", used=str(macros()["Ask for a photo"].id))
        == 303
    )
    case = desk.case()
    assert (case.status, case.resolution, case.category_code) == ("closed", "planned_work", "sb.belysning")
    assert case.assignee_id == clerk.id
    assert desk.verbs() == ["receive", "categorise", "assign", "reply", "close"]
    assert [message.channel for message in desk.messages()] == ["email"]
    assert macros()["The lamp is ordered"].uses == 1
    assert run(desk, "The lamp is ordered", text="Lagas inom fem arbetsdagar.", version="1") == 303  # a double click
    assert len(desk.messages()) == 1


def test_one_that_cannot_be_done_whole_does_nothing(desk: Desk) -> None:
    before = desk.verbs()
    assert run(desk, "The lamp is ordered", text="Lagas inom __antal__ arbetsdagar.") == 422
    assert desk.verbs() == before
    desk.act("replies", text="Svar.", channel="email", submission="r", close_after="y")
    before = desk.verbs()
    assert run(desk, "Move the claim to the executive office") == 409
    stale = desk.act(f"macros/{macros()['Ask for a photo'].id}", text="Bild?", channel="email", version="1")
    assert stale.status_code == 409
    assert "The case has changed since you opened it" in stale.get_data(as_text=True)
    assert desk.verbs() == before
    assert "That is not possible while the case is “Closed”" in desk.client.get(f"{desk.path}/macros").get_data(
        as_text=True
    )


def test_it_asks_moves_plans_and_notes(desk_with: Callable[..., Desk], clerk: Staff, with_token: WithToken) -> None:
    desk = desk_with()
    assert run(desk, "Ask for a photo", text="Kan du skicka en bild?") == 303
    assert desk.case().status == "waiting"
    text = str(db.session.scalars(sa.select(StandardText.id).where(StandardText.code == "be-om-plats")).one())
    blank = dict.fromkeys(("category", "says", "text", "ends", "resolution", "days", "to", "reason"), "")
    own = {**blank, "whose": "own", "title_en": "Later", "says": "note", "text": text, "ends": "park", "days": "5"}

    def made(**more: str) -> int:
        return desk.client.post(NEW, data=with_token(desk.client, {**own, **more}, NEW)).status_code

    assert (made(), made(days="0", reason="R"), made(ends="", says="", reason="")) == (422, 422, 422)
    assert made(whose="sb", reason="R") == 422  # a caseworker shares with nobody
    assert made(reason="Väntar på våren.") == 303
    assert run(desk, "Later", text="Ring henne då.", submission="two") == 303
    case = desk.case()
    assert (case.status, case.planned_until is not None) == ("planned", True)
    assert desk.entries()[-1] == ("note", "Ring henne då.")
    assert len(desk.messages()) == 1  # the question; a note is never sent, whatever channel was posted
    assert run(desk, "Move the claim to the executive office") == 303
    assert desk.case().department_code == "ls"


def test_the_file_takes_them_in_and_out_unchanged_and_says_what_is_wrong(
    example: configuration.Row,
    sign_in: Callable[[Staff], FlaskClient],
    hire: Callable[..., Staff],
    with_token: WithToken,
) -> None:
    taken_out = macro_file.exported()
    assert taken_out == example["macros"]
    known = {"department": ["sb"], "category": []}
    for wrong in (
        {"ends": "close", "resolution": "fixed"},
        {"ends": "park", "reason": "x"},
        {"says": "reply"},
        {"resolution": "fixed"},
        {},
    ):
        whole = Fields({"macros": [{"code": "a", "titles": {"sv": "A"}, **wrong}]}, "")
        with pytest.raises(configuration.Unreadable, match="macros, a"):
            macro_file.rows(whole, known, [])
    used = db.session.scalars(sa.select(StandardText).where(StandardText.code == "berom")).one()
    admin = sign_in(hire("Ada Min", "administrator"))
    assert f"/staff/texts/macros/{macros()['Already reported'].id}" in admin.get("/staff/texts/macros").get_data(True)
    mine = StandardText(owner_id=db.session.scalar(sa.select(Staff.id).where(Staff.name == "Ada Min")), **SAID)
    with unit_of_work() as session:
        session.add(mine)
    blank = dict.fromkeys(("category", "resolution", "days", "to", "reason", "ends"), "")
    shared = {**blank, "whose": "all", "title_sv": "M", "says": "note", "text": str(mine.id)}
    assert "Bara du har den här texten" in admin.post(NEW, data=with_token(admin, shared, NEW)).get_data(as_text=True)
    assert admin.post(NEW, data=with_token(admin, {**shared, "whose": "own"}, NEW)).status_code == 303
    assert admin.post(NEW, data=with_token(admin, {**shared, "text": str(used.id)}, NEW)).status_code == 303
    assert macro_file.exported()[-1] == {"code": "m", "titles": {"sv": "M"}, "says": "note", "text": "berom"}
    taken = {"whose": "own", "kind": "", "category": "", "title_sv": "Beröm", "text_sv": "Tack."}
    page = f"/staff/texts/standard/{used.id}"
    assert "Ändra den först." in admin.post(page, data=with_token(admin, taken, NEW)).get_data(as_text=True)
    refused = admin.post(f"/staff/texts/standard/{used.id}/removal", data=with_token(admin, {}, NEW))
    assert refused.location == f"/staff/texts/standard/{used.id}"  # a macro says it


def test_macros_look_right_and_work_without_a_script(
    browser_page: Page, desk: Desk, look: Callable[[Page, str], None]
) -> None:
    desk.open_in(browser_page)
    browser_page.get_by_role("link", name="Macros").click()
    look(browser_page, "macros")
    item = browser_page.locator(".macros > li", has_text="The lamp is ordered")
    item.get_by_role("link", name="Fill in and run").click()
    look(browser_page, "macro")
    browser_page.locator("textarea").fill("Lagas i morgon.")
    browser_page.get_by_role("button", name="Run the macro").click()
    expect(browser_page.locator(".flash")).to_contain_text("Done: The lamp is ordered.")
    assert desk.case().status == "closed"
    browser_page.goto(NEW)
    look(browser_page, "macro-write")
