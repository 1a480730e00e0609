"""The whole way of a resident: in by the FeedBack button of another site's page, out when it is solved and rated."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from caseflow.accounts.models import Staff
from caseflow.cases import lifecycle
from caseflow.cases.models import Case
from caseflow.cases.survey import SurveyAnswer
from caseflow.database import db
from caseflow.messages.models import Attachment
from tests.intake.acting import act
from tests.intake.conftest import allow, cases

DEMO = Path(__file__).resolve().parent.parent.parent / "docs" / "feedback-button"
Look = Callable[[Page, str], None]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def host(tmp_path: Path, live_url: str) -> Iterator[str]:
    """The demo page, served from another site than the app: localhost, where that is 127.0.0.1."""
    for file in DEMO.glob("host.*"):
        text = file.read_text(encoding="utf-8").replace("https://arende.example.org", live_url)
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    allow(site := f"http://localhost:{server.server_port}")
    yield site
    server.shutdown()


@pytest.fixture
def photo() -> dict[str, Any]:
    drawn = BytesIO()
    Image.new("RGB", (60, 40), "#345").save(drawn, "JPEG")
    return {"name": "lampan.jpg", "mimeType": "image/jpeg", "buffer": drawn.getvalue()}


def fill_in(form: Any, photo: dict[str, Any]) -> None:
    form.locator("[name=kind][value=felanmalan]").check()
    form.locator("#department").select_option("sb")
    form.locator("[name=reply_by][value=none]").check()
    form.locator("#files").set_input_files(photo)


def test_in_a_frame_by_the_button_in_each_language(
    host: str, browser_page: Page, photo: dict[str, Any], clerk: Staff, look: Look, sign_in: Callable[..., FlaskClient]
) -> None:
    page = browser_page
    page.goto(f"{host}/host.html?hemligt=ja#nu")
    page.focus("[data-feedback]")
    page.keyboard.press("Enter")
    form = page.frame_locator("iframe")
    expect(form.locator("html")).to_have_attribute("lang", "sv")
    form.locator("#description").fill("Lampan på Skolgatan är släckt.")
    form.locator("#description").press("Escape")
    expect(page.locator("iframe")).to_be_hidden()
    expect(page.locator("[data-feedback]")).to_be_focused()
    look(page, "feedback-button")
    for language in ("sv", "en", "fi"):
        page.click("[data-feedback]")
        if language != "sv":
            expect(form.locator("#description")).to_have_value("")
            form.locator("#description").fill("Lampan på Skolgatan är släckt.")
            form.locator(f"[value={language}]").click()
        expect(form.locator("html")).to_have_attribute("lang", language)
        expect(form.locator("#description")).to_have_value("Lampan på Skolgatan är släckt.")
        fill_in(form, photo)
        expect(form.locator(".files a, .files li").first).to_contain_text("lampan.jpg")
        form.locator("#errand .button.send").click()
        expect(form.locator(".code")).to_be_visible()
        assert page.context.cookies() == []
        with page.context.expect_page() as opened:
            form.locator(".actions a").click()
        case = cases()[-1]
        assert (case.language, case.came_from) == (language, f"{host}/host.html")
        follow(opened.value, case, clerk, language)
        opened.value.close()
        page.context.clear_cookies()
        page.locator("dialog button").click()
    assert f"{host}/host.html" in sign_in(clerk).get(f"/staff/cases/{case.number}").text


def test_by_the_plain_link_where_no_script_runs(
    host: str, chromium: Browser, live_url: str, photo: dict[str, Any], clerk: Staff
) -> None:
    context = chromium.new_context(base_url=live_url, locale="sv-SE", java_script_enabled=False)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(f"{host}/host.html")
    page.click("[data-feedback]")
    page.fill("#description", "Lampan på Skolgatan är släckt.")
    fill_in(page, photo)
    page.click("#errand .button.send")
    page.click(".actions a")
    (case,) = cases()
    assert case.came_from == "https://www.example.org/snorojning"
    follow(page, case, clerk, "sv")
    context.close()


def follow(page: Page, case: Case, clerk: Staff, language: str) -> None:
    """On the own page: asked, answered, not solved, solved, rated."""
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator(".timeline .files")).to_contain_text("lampan.jpg")
    act(lifecycle.ask, case, clerk, "Vilken av lamporna?", channel="none")
    page.reload()
    expect(page.locator(".answer")).to_contain_text("Vilken av lamporna?")
    page.fill("#text", "Den vid skolan.")
    page.click("#add .button:last-child")
    expect(page.locator(".flash")).to_be_visible()
    act(lifecycle.reply, case, clerk, "Nu lyser den.", channel="none", close_after=True)
    page.reload()
    page.click("#not-solved summary")
    page.fill("#not-solved textarea", "Den blinkar.")
    page.click("#not-solved .button")
    expect(page.locator("#not-solved")).to_have_count(0)
    assert next((one.status, one.assignee_id) for one in cases() if one.id == case.id) == ("in_progress", clerk.id)
    act(lifecycle.reply, case, clerk, "Nu lyser den stadigt.", channel="none", close_after=True)
    page.reload()
    expect(page.locator(".answer").first).to_contain_text("Nu lyser den stadigt.")
    for question in ("ease", "second"):
        page.locator(f"[name=rating-{question}]").first.check()
    page.click("#rating .button")
    expect(page.locator("#rating")).to_have_count(0)
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SurveyAnswer)) == len(cases())
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == len(cases())
