"""The page in a real browser: seen at both widths, light and dark, with nothing for axe; by keyboard; on paper."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.cases.municipality import directory
from caseflow.database import unit_of_work
from caseflow.statistics import rollup
from tests.cast import PASSWORD
from tests.statistics.conftest import NOW, at

OCTOBER = "/staff/statistics?period=last-month"


@pytest.fixture
def page(october: SimpleNamespace, browser_page: Page, manager: Staff, clock_at: Callable[..., object]) -> Page:
    """A browser in which the manager has signed in."""
    clock_at(NOW)
    with unit_of_work():
        rollup.update(NOW)
    browser_page.goto("/login")
    browser_page.fill("[name=email]", manager.email)
    browser_page.fill("[name=password]", PASSWORD)
    browser_page.press("[name=password]", "Enter")
    browser_page.wait_for_url("**/staff/**")
    return browser_page


def test_the_page_is_seen_read_and_filtered_by_keyboard_alone(page: Page, look: Callable[[Page, str], None]) -> None:
    page.goto(OCTOBER)
    meaning = page.locator(".key-figures .meaning").first
    meaning.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(meaning.locator("p")).to_be_visible()
    charts_are_named_images_with_text_that_a_person_can_read(page)
    page.evaluate("document.querySelectorAll('.statistics details').forEach((details) => { details.open = true })")
    look(page, "statistics-open")
    expect(page.locator("#since")).to_be_hidden()
    page.locator("input[name=period]:checked").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#since")).to_be_visible()
    page.locator("#since").fill("2026-10-05")
    page.locator("#until").fill("2026-10-11")
    page.locator("#department").focus()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.locator(".asked button").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**since=2026-10-05**")
    expect(page.locator(".key-figures dd b").first).to_have_text("3")
    page.click(".key-figures dd a >> nth=0")
    expect(page.locator("h1")).to_have_text("Inkomna 3")
    look(page, "statistics-behind")
    page.goto("/staff/statistics?period=month")
    page.click("text=Jämför")
    page.focus("#against-0")
    page.keyboard.press("ArrowRight")
    page.focus("#beside-0")
    page.keyboard.press("Space")
    page.locator("[name=beside][value=kf]").focus()
    page.keyboard.press("Space")
    page.locator(".asked button").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**against=year&**beside=kf**")
    expect(page.locator(".in-short h2")).to_have_count(2)
    look(page, "statistics-comparison")
    page.goto("/staff/statistics?period=dates&since=2026-13-01&until=2026-12-24")
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#since")).to_have_value("2026-13-01")


def charts_are_named_images_with_text_that_a_person_can_read(page: Page) -> None:
    charts = page.locator("svg.chart")
    assert charts.count() == 8
    for chart in charts.all():
        assert chart.get_attribute("role") == "img"
        for part in (chart.get_attribute("aria-labelledby") or "").split():
            assert page.locator(f"[id='{part}']").text_content()
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        heights = page.evaluate(
            "[...document.querySelectorAll('.chart text')].map((text) => text.getBoundingClientRect().height)"
        )
        assert min(heights) >= 13, f"text of {min(heights)} px at {width} px"


def test_it_prints_on_one_page_with_every_department(page: Page, resident_case: Callable[..., Case]) -> None:
    for department in directory.departments():
        resident_case(department=department.code, description="Ett ärende i verkligheten.", now=at(10, 20, 9))
    with unit_of_work():
        rollup.update(NOW)
    page.goto(OCTOBER)
    printed = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(printed.pages) == 1
    text = printed.pages[0].extract_text()
    assert all(department.name("sv").split()[0] in text for department in directory.departments())
    width, height = printed.pages[0].mediabox[2:]
    assert width > height
    page.goto("/staff/statistics/comparison?period=last-month&beside=sb&beside=kf")
    printed = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    text = " ".join(one.extract_text() for one in printed.pages)
    assert len(printed.pages) <= 2
    assert "Samhällsbyggnad" in text
    assert "Ladda ner" not in text
