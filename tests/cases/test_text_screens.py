"""The page of the fixed texts: what residents get, in each language, and for whom it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from playwright.sync_api import Page

from caseflow.accounts.models import Staff
from caseflow.cases.models import LANGUAGES, Case, Department, Municipality
from caseflow.cases.municipality import configuration
from caseflow.cases.texts import mail_texts
from caseflow.cases.views.templates import TEXT_NAMES
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Message
from tests.browser import CONTRAST, SWIFT
from tests.cases.entering import enter

SignIn = Callable[[Staff], FlaskClient]
MAILS = ("receipt", "reply", "secret")


def test_coordinators_and_managers_see_the_texts_and_caseworkers_do_not(
    hire: Callable[..., Staff], manager: Staff, clerk: Staff, sign_in: SignIn
) -> None:
    coordinator = hire("Kim Samordnare", "coordinator", "sb")
    paths = ("/staff/texts", "/staff/texts/sv/receipt.html", "/staff/texts/sv/letter.pdf")
    for path in paths:
        codes = [sign_in(staff).get(path).status_code for staff in (coordinator, manager, clerk)]
        assert codes == [200, 200, 403], path
    assert "/staff/texts" in sign_in(manager).get("/staff/texts").get_data(as_text=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_mail_is_shown_as_html_and_as_text_in_its_language(manager: Staff, sign_in: SignIn, language: str) -> None:
    client = sign_in(manager)
    page = client.get(f"/staff/texts?language={language}").get_data(as_text=True)
    for sort in MAILS:
        assert f'src="/staff/texts/{language}/{sort}.html"' in page
        html = client.get(f"/staff/texts/{language}/{sort}.html").get_data(as_text=True)
        assert f'<html lang="{language}">' in html
        assert mail_texts.said("closing", language, {}, municipality="") in html
    assert mail_texts.said("closing", language, {}, municipality="") in page
    assert page.count(f'<pre lang="{language}"') == len(MAILS)


def test_the_municipalitys_own_words_are_shown_and_marked(
    manager: Staff, sign_in: SignIn, example: configuration.Row
) -> None:
    texts = {"closing": {"sv": "Hälsar <b>{municipality}</b>"}, "sms_notice": {"sv": "Ring oss. {link}"}}
    with unit_of_work():
        configuration.load({**example, "municipality": {**example["municipality"], "texts": texts}})
    client = sign_in(manager)
    page = client.get("/staff/texts?language=sv").get_data(as_text=True)
    assert "Hälsar &lt;b&gt;Finspångs kommun&lt;/b&gt;" in page
    assert "Hälsar &lt;b&gt;{municipality}" in page
    assert page.count("badge-done") == 2
    assert client.get("/staff/texts?language=en").get_data(as_text=True).count("badge-done") == 0


def test_looking_at_the_texts_stores_nothing(manager: Staff, sign_in: SignIn) -> None:
    client = sign_in(manager)
    client.get("/staff/texts")
    client.get("/staff/texts/sv/letter.pdf")
    for model in (Case, Message):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(model)) == 0


def test_a_mail_on_the_page_may_do_nothing(manager: Staff, sign_in: SignIn) -> None:
    answer = sign_in(manager).get("/staff/texts/sv/reply.html")
    rules = answer.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "sandbox", "frame-ancestors 'self'"} <= set(rules)
    assert not any("script" in rule or "*" in rule for rule in rules)


@pytest.mark.parametrize("path", ["sv/nothing.html", "de/reply.html", "sv/letter.html", "sv/sms.html", "de/letter.pdf"])
def test_what_is_no_text_is_not_found(manager: Staff, sign_in: SignIn, path: str) -> None:
    assert sign_in(manager).get(f"/staff/texts/{path}").status_code == 404


def test_a_language_that_is_not_spoken_here_gives_way_to_one_that_is(manager: Staff, sign_in: SignIn) -> None:
    with unit_of_work():
        db.session.get_one(Municipality, 1).languages = ["en"]
    page = sign_in(manager).get("/staff/texts?language=fi").get_data(as_text=True)
    assert 'src="/staff/texts/en/reply.html"' in page


def test_without_a_secret_department_there_is_no_such_mail(manager: Staff, sign_in: SignIn) -> None:
    with unit_of_work():
        db.session.execute(sa.update(Department).values(secret=False))
    page = sign_in(manager).get("/staff/texts?language=sv").get_data(as_text=True)
    assert "reply.html" in page
    assert "secret.html" not in page


def test_every_text_has_its_name_on_the_page() -> None:
    assert TEXT_NAMES.keys() == mail_texts.TEXTS.keys()


def test_the_texts_look_well(
    hire: Callable[..., Staff], sign_in: SignIn, browser_page: Page, look: Callable[[Page, str], None]
) -> None:
    enter(browser_page, sign_in(hire("Kim Samordnare", "coordinator", "sb", "vo")), "/staff/texts?language=sv")
    for place in range(len(MAILS)):
        browser_page.locator("iframe").nth(place).scroll_into_view_if_needed()
        browser_page.frame_locator(f"iframe >> nth={place}").get_by_text("Hej Kim Exempel,").wait_for()
        if folder := os.environ.get("CASEFLOW_SHOTS"):
            browser_page.screenshot(path=Path(folder) / f"texts-frame-{place}.png")
    look(browser_page, "texts")


def test_the_mails_look_well(manager: Staff, sign_in: SignIn, browser_page: Page) -> None:
    client = sign_in(manager)
    for sort in MAILS:
        # Without the sandbox, into which axe cannot look.
        browser_page.set_content(client.get(f"/staff/texts/sv/{sort}.html").get_data(as_text=True))
        browser_page.evaluate(Axe().axe_script)
        for scheme in ("light", "dark"):
            browser_page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            for width in (320, 1280):
                browser_page.set_viewport_size({"width": width, "height": 700})
                if folder := os.environ.get("CASEFLOW_SHOTS"):
                    browser_page.screenshot(path=Path(folder) / f"mail-{sort}-{width}-{scheme}.png")
                assert not browser_page.evaluate("document.documentElement.scrollWidth > innerWidth")
            # A mail is no page: the program around it has the landmarks and the heading.
            pages_only = {name: {"enabled": False} for name in ("region", "landmark-one-main", "page-has-heading-one")}
            options = {**SWIFT, "rules": pages_only} if scheme == "light" else CONTRAST
            found = AxeResults(browser_page.evaluate("rules => axe.run(rules)", options))
            assert found.violations_count == 0, found.generate_report()
