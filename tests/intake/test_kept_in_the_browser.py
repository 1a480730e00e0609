"""What is written is kept in the browser, and nowhere else, until it is sent."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from caseflow.processes import wait_until
from tests.intake.conftest import cases

KEPT = "localStorage.getItem('errand')"


def test_what_is_written_is_kept_until_it_is_sent_and_only_if_one_likes(browser_page: Page) -> None:
    page, sent = browser_page, []
    page.on("request", lambda request: sent.append(request.method))
    page.goto("/new?kind=felanmalan")
    page.select_option("#department", "sb")
    page.select_option("#category", "sb.belysning")
    page.fill("#description", "Lampan är släckt.")
    page.check("[name=reply_by][value=email]")
    page.fill("#email", "rut@example.org")
    page.goto("/")
    page.goto("/new")
    expect(page.locator("#description")).to_have_value("Lampan är släckt.")
    expect(page.locator("#category")).to_have_value("sb.belysning")
    expect(page.locator("[value=felanmalan]")).to_be_checked()
    expect(page.locator("#email")).to_have_value("")
    assert "rut@" not in page.evaluate(KEPT)
    assert set(sent) == {"GET"}
    page.get_by_role("button", name="Börja om").click()
    expect(page.locator("#description")).to_have_value("")
    page.get_by_role("button", name="Spara det inte").click()
    page.fill("#description", "Lampan är släckt.")
    page.goto("/")
    assert page.evaluate(KEPT) is None
    page.goto("/new?reply_by=none&kind=fraga")
    page.get_by_role("button", name="Spara det", exact=True).click()
    page.fill("#description", "När plogar ni?")
    page.click("#errand .button.send")
    page.wait_for_url("**/receipt")
    expect(page.locator("h1")).to_be_visible()
    assert wait_until(lambda: page.evaluate(f"{KEPT} === null"), 10)
    assert cases()[0].description == "När plogar ni?"
