"""The resident's way through, in real Chromium: by keyboard, without JavaScript, with fields that come and go."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from caseflow.accounts.models import Staff
from caseflow.cases import lifecycle
from caseflow.cases.models import Case
from tests.intake.acting import act
from tests.intake.conftest import CONTACT, cases

File = Callable[..., Case]
Look = Callable[[Page, str], None]
ALL_CONTACT = ("name", "email", "phone", "best_time", "care_of", "street", "postcode", "town")
SHOWN = {
    "email": {"name", "email"},
    "phone": {"name", "phone", "best_time"},
    "letter": {"name", "care_of", "street", "postcode", "town"},
    "none": set(),
}

# What a screen reader is told of a form that came back, in its order.
SPOKEN = """
- heading "Skriv till oss" [level=1]
- alert "5 saker behöver rättas":
  - heading "5 saker behöver rättas" [level=2]
  - list:
    - listitem:
      - link "Beskriv ärendet med några ord."
- group "Jag vill":
  - radio "ställa en fråga"
- combobox "Vilken verksamhet gäller det?"
- textbox "Beskriv ditt ärende" [invalid]
- button "Bilder och filer (frivilligt)"
- group "Jag vill ha svar via":
  - radio "Brev" [checked]
- checkbox "Jag har skyddade personuppgifter"
- group "Dina uppgifter":
  - textbox "Namn" [invalid]
  - textbox "Postnummer" [invalid]
  - textbox "Postort"
- button "Skicka ärendet"
"""


def fill_in(page: Page, reply_by: str = "none") -> None:
    page.goto("/new?kind=fraga")
    page.select_option("#department", "sb")
    page.fill("#description", "När plogar ni Skolgatan?")
    page.check(f"[name=reply_by][value={reply_by}]")
    for field, value in CONTACT[reply_by].items():
        page.fill(f"#{field}", value)


def tab_to(page: Page, selector: str) -> None:
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached with the Tab key")


def test_an_errand_is_filed_with_the_keyboard_alone(browser_page: Page) -> None:
    page = browser_page
    page.goto("/")
    tab_to(page, ".kinds li:nth-child(2) a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/new?kind=felanmalan")
    expect(page.locator("[value=felanmalan]")).to_be_checked()
    tab_to(page, "#department")
    page.keyboard.type("Samh")
    tab_to(page, "#description")
    page.keyboard.type("Lampan är släckt.")
    tab_to(page, "[name=reply_by]")
    page.keyboard.press("Space")
    expect(page.locator("[name=reply_by][value=email]")).to_be_checked()
    tab_to(page, "#email")
    page.keyboard.type("rut@example.org")
    page.keyboard.press("Enter")
    page.wait_for_url("**/receipt")
    (case,) = cases()
    assert (case.kind_code, case.department_code, case.email) == ("felanmalan", "sb", "rut@example.org")


@pytest.mark.parametrize("browser", ["browser_page", "scriptless"])
def test_the_fields_of_the_chosen_channel_show_and_no_others(request: pytest.FixtureRequest, browser: str) -> None:
    page: Page = request.getfixturevalue(browser)
    page.goto("/new")
    assert [field for field in ALL_CONTACT if page.locator(f"#{field}").is_visible()] == []
    for channel, shown in SHOWN.items():
        page.check(f"[name=reply_by][value={channel}]")
        assert {field for field in ALL_CONTACT if page.locator(f"#{field}").is_visible()} == shown


def test_errors_take_the_focus_and_lead_to_their_fields(browser_page: Page, look: Look) -> None:
    page = browser_page
    page.goto("/new")
    page.check("[name=reply_by][value=letter]")
    page.fill("#town", "Finspång")
    page.click("#errand .button")
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("main")).to_match_aria_snapshot(SPOKEN)
    assert page.title().startswith(("Error", "Fel"))
    page.click('#error-summary a[href="#postcode"]')
    expect(page.locator("#postcode")).to_be_focused()
    expect(page.locator("#town")).to_have_value("Finspång")
    page.click('#error-summary a[href="#kind-0"]')
    expect(page.locator("#kind-0")).to_be_focused()
    look(page, "new-with-errors")


def test_a_double_click_makes_one_case(browser_page: Page, scriptless: Page) -> None:
    for page in (browser_page, scriptless):
        fill_in(page)
        page.dblclick("#errand .button")
        page.wait_for_url("**/receipt")
    assert len(cases()) == 2


def test_a_lost_connection_keeps_what_was_typed_or_costs_a_reload_and_makes_one_case(browser_page: Page) -> None:
    page = browser_page
    fill_in(page)
    page.context.set_offline(True)
    page.click("#errand .button")
    expect(page.locator("#errand .error")).to_be_visible()
    expect(page.locator("#description")).to_have_value("När plogar ni Skolgatan?")
    page.context.set_offline(False)
    page.route("**/new", lambda route: (route.fetch(max_redirects=0), route.abort("connectionreset")))
    page.click("#errand .button")
    page.wait_for_url("chrome-error://**")
    page.unroute("**/new")
    assert len(cases()) == 1
    page.reload()
    page.wait_for_url("**/receipt")
    assert len(cases()) == 1


def test_going_back_and_sending_something_else_makes_another_case(browser_page: Page) -> None:
    page = browser_page
    fill_in(page)
    page.click("#errand .button")
    page.wait_for_url("**/receipt")
    page.go_back()
    fill_in(page)
    page.fill("#description", "Och när sandar ni?")
    page.click("#errand .button")
    page.wait_for_url("**/receipt")
    assert [case.description for case in cases()] == ["När plogar ni Skolgatan?", "Och när sandar ni?"]


def test_only_the_chosen_departments_categories_are_offered_and_the_room_left_is_told_near_its_end(
    browser_page: Page,
) -> None:
    page = browser_page
    page.goto("/new")
    expect(page.locator("#category")).to_be_hidden()
    page.select_option("#department", "sb")
    expect(page.locator("#category optgroup")).to_have_count(1)
    page.select_option("#category", "sb.snow")
    page.select_option("#department", "kf")
    expect(page.locator("#category")).to_have_value("")
    assert page.locator("#category option[value^='sb.']").count() == 0
    page.fill("#description", "x" * 18_000)
    expect(page.locator(".counter")).to_be_empty()
    page.fill("#description", "x" * 19_990)
    expect(page.locator(".counter")).to_contain_text("10")


def test_choosing_a_language_on_the_form_keeps_it_all(browser_page: Page) -> None:
    page = browser_page
    fill_in(page, "letter")
    page.click(".languages [value=fi]")
    expect(page.locator("html")).to_have_attribute("lang", "fi")
    expect(page.locator("#description")).to_have_value("När plogar ni Skolgatan?")
    expect(page.locator("#street")).to_have_value("Skolgatan 4")
    expect(page.locator("#department")).to_have_value("sb")
    page.click("#errand .button")
    page.wait_for_url("**/receipt")
    assert cases()[0].language == "fi"


def test_the_pages_look_right(browser_page: Page, look: Look, resident_case: File, clerk: Staff) -> None:
    page = browser_page
    page.goto("/")
    look(page, "start")
    fill_in(page, "letter")
    look(page, "new-letter")
    page.click("#errand .button")
    page.wait_for_url("**/receipt")
    expect(page.locator(".slip-facts")).to_match_aria_snapshot("- definition: /^\\w{4}( ?- ?\\w{4}){6}$/")  # by groups
    look(page, "receipt-letter")
    page.click(".actions a")
    look(page, "own-page-new")
    case = resident_case(reply_by="letter")
    act(lifecycle.ask, case, clerk, "Vilken lampa är det, räknat från korsningen?", channel="none")
    act(lifecycle.reply, case, clerk, "Hej Rut!\n\nLampan lagas i morgon.", channel="letter")
    act(lifecycle.close, case, clerk, resolution="answered", reason=None)
    page.goto(f"/case/{case.code}")
    page.click("#not-solved summary")
    look(page, "own-page-answered")
    page.click("#rating .button")
    expect(page.locator("#error-summary")).to_be_focused()
    for noun in ("contact", "link"):
        page.goto(f"/case/{case.code}/{noun}" if noun == "contact" else "/case/link")
        look(page, f"own-page-{noun}")
    last = ["/case/", "/login", "/nothing-here", "/privacy", "/accessibility"]
    for path in last:
        page.goto(path)
        look(page, path.strip("/").replace("case", "lookup"))
