"""An administrator at the keyboard: a promise is changed, wrong at first, found in the history and put back."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from caseflow.cases.municipality import exporting, places
from caseflow.database import db
from tests.administration.conftest import HOME, Administrator
from tests.cases.entering import enter


def test_everything_is_reached_and_changed_by_keyboard(
    ada: Administrator, browser_page: Page, look: Callable[[Page, str], None]
) -> None:
    ada.client.set_cookie("language", "sv")
    enter(browser_page, ada.client, HOME)
    look(browser_page, "administration")
    page, keys = browser_page, browser_page.keyboard

    def follow(name: str) -> None:
        page.get_by_role("link", name=name, exact=True).focus()
        keys.press("Enter")

    follow("Vad invånare vill")
    page.get_by_role("button", name="Ner").first.focus()
    keys.press("Enter")
    expect(page.locator(".setup-list > li").first).to_contain_text("Felanmälan")
    follow("Fråga")
    promise = page.get_by_label("Antal")
    promise.fill("0")
    promise.press("Enter")
    expect(page.locator("#error-summary")).to_be_focused()
    look(page, "administration-wrong")
    page.get_by_role("link", name="Skriv ett tal från 1 till 260.").focus()
    keys.press("Enter")
    expect(promise).to_be_focused()
    promise.fill("7")
    keys.press("Enter")
    expect(page.get_by_text("Sparat. Det gäller från och med nu.")).to_be_visible()
    expect(page.get_by_text("Vi svarar inom 7 arbetsdagar.")).to_be_visible()
    follow("Historik")
    expect(page.get_by_role("button", name="Ställ tillbaka").first).to_be_visible()
    look(page, "administration-history")
    page.get_by_role("button", name="Ställ tillbaka").first.focus()
    keys.press("Enter")
    expect(page.locator("article").first).to_contain_text("Återställt")
    db.session.rollback()
    assert places.part(exporting.document(), "kinds/fraga")["promise"] == {"working_days": 2}
