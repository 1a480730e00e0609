"""Standard texts: found for the case, filled in from a list of names, written by their owners."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
import yaml
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases.models import Case
from caseflow.cases.municipality import configuration
from caseflow.cases.screen.drafts import Draft
from caseflow.cases.screen.form_parts import UNFILLED
from caseflow.cases.texts import placeholders, standard_text_file
from caseflow.cases.texts.standard_texts import StandardText
from caseflow.database import db, unit_of_work
from tests.cases.acting import Desk, WithToken, statements
from tests.conftest import EXAMPLE

NEW = "/staff/texts/standard/new"
# What template languages would run; here it is refused, or is only text.
ATTACKS = (
    "{{config}}", "{{ self.__init__ }}", "{{name.__class__}}", "{{staff.password}}", "{{7*7}}", "{{ name|upper }}",
    "{{name}} {{password_hash}}", "{{Name}}", "{{}}", "{{ }}", "{{name", "name}}", "{{{name}}}", "{{na\nme}}",
)  # fmt: skip
HARMLESS = (
    "${name}",
    "{name}",
    "<%= name %>",
    "%(name)s",
    "{% for x in y %}",
    "#{ticket.title}",
    "$(id)",
    "{0.__class__}",
)


@pytest.fixture(autouse=True)
def example_texts(app: object, example: configuration.Row) -> None:
    with unit_of_work() as session:
        session.execute(sa.delete(StandardText))
        standard_text_file.write(_rows(example))


def _rows(example: configuration.Row) -> list[configuration.Row]:
    departments = {one["code"]: one for one in example["departments"]}
    categories = [one["code"] for home in departments.values() for one in home.get("categories", [])]
    known = {"department": departments, "kind": [one["code"] for one in example["kinds"]], "category": categories}
    return standard_text_file.rows(configuration.Fields({"standard_texts": example["standard_texts"]}, ""), known)


def texts() -> dict[str, StandardText]:
    db.session.rollback()
    return {one.title("sv"): one for one in db.session.scalars(sa.select(StandardText))}


def post(client: FlaskClient, with_token: WithToken, path: str, **data: str) -> int:
    return client.post(path, data=with_token(client, {"kind": "", "category": "", **data}, NEW)).status_code


def test_the_best_text_for_the_case_comes_first_filled_in_its_language_in_one_statement(
    desk: Desk, desk_with: Callable[..., Desk]
) -> None:
    listed = f"{desk.path}/texts/reply?fragment=list"
    desk.client.get(listed)
    with statements() as seen:
        page = desk.client.get(listed).get_data(as_text=True)
    assert len([one for one in seen if "standard_text" in one]) == 1
    titles = [part.split("<", 1)[0] for part in page.split("<strong>")[1:]]
    assert titles[0] == "Broken street light"
    assert "The case mentions “gatlamp”" in page
    assert f"med numret {desk.number} och din kod" in page
    assert "__antal__" in page  # for the writer to fill in
    assert "{{" not in page
    assert "So fungerar" not in page
    assert "Skolskjuts" not in page  # another department's
    found = desk.client.get(f"{listed}&text=snö+ploga").get_data(as_text=True)
    assert found.count("<strong>") == 1
    finnish = desk_with(language="fi").client.get(f"{desk_with(language='fi').path}/texts/question?fragment=list")
    assert "Rikkinäinen" not in finnish.get_data(as_text=True)  # titles speak the reader's language
    assert "Jos useampi lamppu" in finnish.get_data(as_text=True)
    assert "Not in Suomi" in finnish.get_data(as_text=True)


def test_a_nameless_resident_leaves_a_gap_that_is_not_sent(desk_with: Callable[..., Desk], desk: Desk) -> None:
    case = desk_with(reply_by="none").case()
    said = placeholders.filled("{{name}}, {{ number }}", {"name": "", "number": case.number})
    assert said == f"{{{{name}}}}, {case.number}"
    assert UNFILLED.search(said)
    assert placeholders.filled("{{name}}", {"name": "{{link}}", "link": "hemlig"}) == "{{link}}"
    answer = desk.act("replies", text="Klart __datum__.", channel="email", submission="s")
    assert answer.status_code == 422


@pytest.mark.parametrize("text", ATTACKS)
def test_what_is_not_on_the_list_is_refused_when_the_text_is_saved(
    sign_in: Callable[[Staff], FlaskClient], with_token: WithToken, clerk: Staff, text: str
) -> None:
    before = len(texts())
    assert post(sign_in(clerk), with_token, NEW, whose="own", title_sv="Ny", text_sv=f"Hej {text}") == 422
    assert len(texts()) == before


def test_no_other_braces_mean_anything(desk: Desk, clerk: Staff, with_token: WithToken) -> None:
    said = " ".join(HARMLESS)
    assert post(desk.client, with_token, NEW, whose="own", title_sv="Aaa", text_sv=said) == 303
    mine = texts()["Aaa"]
    assert (mine.owner_id, mine.text("sv")) == (clerk.id, said)
    assert post(desk.client, with_token, f"{desk.path}/texts/reply/{mine.id}") == 303
    assert db.session.scalar(sa.select(Draft.text)) == said


def test_shared_texts_belong_to_who_leads_or_administers_and_own_ones_to_their_owner(
    sign_in: Callable[[Staff], FlaskClient], with_token: WithToken, hire: Callable[..., Staff], clerk: Staff
) -> None:
    post(sign_in(clerk), with_token, NEW, whose="own", title_sv="Mitt", text_sv="Hej.")
    shared, other, mine = texts()["Trasig gatlampa"], texts()["Skolskjuts"], texts()["Mitt"]
    leader, admin = hire("Lena Led", "coordinator", "sb"), hire("Ada Min", "administrator")
    data = {"whose": "sb", "title_sv": "Lampa", "text_sv": "Hej {{name}}.", "category": "sb.belysning"}
    every = "/staff/texts/standard"
    for staff, reached in ((clerk, [mine]), (leader, [shared]), (admin, [shared, other])):
        client = sign_in(staff)
        page = client.get(every).get_data(as_text=True)
        for text in (shared, other, mine):
            assert (f'href="{every}/{text.id}"' in page) is (text in reached), (staff.name, text.titles)
            expected = 200 if text in reached else 404
            assert client.get(f"{every}/{text.id}").status_code == expected, (staff.name, text.titles)
            if text not in reached:
                assert post(client, with_token, f"{every}/{text.id}", **data) == 404
                assert post(client, with_token, f"{every}/{text.id}/removal") == 404
    assert post(sign_in(clerk), with_token, NEW, **data) == 422  # a caseworker shares with nobody
    assert post(sign_in(leader), with_token, NEW, **data | {"whose": "utb"}) == 422
    assert post(sign_in(leader), with_token, f"{every}/{shared.id}", **data) == 303
    assert texts()["Lampa"].code == "sb.lampa"
    (event,) = db.session.scalars(sa.select(Event).where(Event.subject == "configuration"))
    assert (event.data["place"], event.data["after"]["titles"]["sv"]) == ("standard_texts/sb.lampa", "Lampa")
    history = sign_in(admin).get("/staff/administration/history?place=standard_texts/sb.lampa").get_data(as_text=True)
    assert "<ins>Lampa</ins>" in history and f"/history/{event.id}/return" in history
    assert post(sign_in(admin), with_token, f"{every}/{other.id}/removal") == 303
    assert "Skolskjuts" not in texts()
    said = yaml.safe_load(sign_in(admin).get(f"{every}/standard-texts.yaml").get_data(as_text=True))
    assert {"Lampa"} <= {one["titles"].get("sv") for one in said["standard_texts"]}
    with unit_of_work():
        before = {one.code: (one.titles, one.texts, one.words) for one in texts().values() if one.code}
        standard_text_file.write(_rows({**configuration.read(EXAMPLE), **said}))
    assert {one.code: (one.titles, one.texts, one.words) for one in texts().values() if one.code} == before


def test_what_is_sent_is_counted(desk: Desk) -> None:
    used = texts()["Skicka en bild"].id
    desk.act("questions", text="Kan du skicka en bild?", channel="email", submission="s", used=f"{used} x 99999999999")
    assert {title: one.uses for title, one in texts().items() if one.uses} == {"Skicka en bild": 1}


def test_a_text_goes_in_at_the_cursor_by_keyboard_and_without_a_script_after_the_draft(
    browser_page: Page, desk: Desk, look: Callable[[Page, str], None], resident_case: Callable[..., Case]
) -> None:
    desk.open_in(browser_page)
    field = browser_page.locator("#reply-text")
    field.fill("Före efter")
    for _sign in range(6):
        field.press("ArrowLeft")
    field.press_sequentially(" ::")
    dialog = browser_page.locator("dialog.text-picker")
    expect(dialog.locator("[data-insert]").first).to_contain_text("Broken street light")
    look(browser_page, "texts-dialog")
    dialog.get_by_role("searchbox").press_sequentially("bild")
    expect(dialog.locator("[data-insert]")).to_have_count(1)
    dialog.get_by_role("searchbox").press("Enter")
    expect(field).to_be_focused()
    assert field.input_value().startswith("Före För att kunna gå vidare")
    assert field.input_value().endswith(" efter")
    with browser_page.expect_response(lambda answer: "/drafts/reply" in answer.url):
        pass
    browser_page.goto(f"{desk.path}/texts/reply?text=lampa")
    browser_page.locator("[data-insert]").first.click()
    browser_page.wait_for_url("**/staff/cases/**used=**")
    assert " efter\n\nTack för att du anmälde" in browser_page.locator("#reply-text").input_value()
    browser_page.goto("/staff/texts/standard?text=lampa")
    look(browser_page, "texts-standard")
    browser_page.goto(NEW)
    look(browser_page, "texts-write")
