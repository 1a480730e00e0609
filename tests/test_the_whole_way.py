"""The main job, end to end: errands filed in a browser, answered, and delivered by a real worker."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.database import db, unit_of_work
from caseflow.processes import wait_until
from caseflow.statistics import rollup
from tests.cast import PASSWORD
from tests.crew import Crew
from tests.mailbox import Mailbox

TEXTS = {
    "email": "Hej! Gatlyset utanför Skolgatan 4 har varit släckt i en vecka. Mvh Rut Åkesson",
    "phone": "När plogas gångvägen vid Hyttskolan? Barnen får gå i körbanan.",
    "letter": "Papperskorgen vid Bruksparken är full och det blåser skräp i ån.",
}
CONTACT = {
    "email": {"name": "Rut Åkesson", "email": "rut@example.org"},
    "phone": {"name": "Ali Östman", "phone": "070-174 06 05 (efter 17)"},
    "letter": {"name": "Märta Öberg", "street": "Bergslagsvägen 13", "postcode": "612 80", "town": "Finspång"},
}
ANSWER = "Tack för att du hörde av dig. Vi åtgärdar det i morgon bitti."


@pytest.fixture
def crew(smtp: Mailbox, app: Flask, environment: dict[str, str], tmp_path: Path) -> Iterator[Crew]:
    """A worker and a beat of their own processes, which deliver to the test's mail server."""
    crew = Crew(tmp_path, {**environment, "SMTP_URL": app.config["SMTP_URL"]}, sweep=2)
    assert crew.working()
    yield crew
    crew.kill()


def file_errand(page: Page, channel: str) -> str:
    """Fill in the form as a resident does; the number that the receipt shows."""
    page.goto("/new?kind=felanmalan")
    page.select_option("[name=department]", "sb")
    page.fill("[name=description]", TEXTS[channel])
    page.check(f"[name=reply_by][value={channel}]")
    for field, value in CONTACT[channel].items():
        page.locator(f"[name={field}]:visible").fill(value)
    page.click("main form button[type=submit]:visible, main form button:not([type]):visible")
    page.wait_for_url("**/receipt")
    code = page.url.split("/case/")[1].split("/")[0]
    number = db.session.query(Case.number).filter(Case.code == code).scalar()
    assert number in page.inner_text("main")
    db.session.rollback()
    return str(number)


def answer(page: Page, number: str) -> None:
    page.goto(f"/staff/cases/{number}")
    form = page.locator("form[action$='/replies']")
    form.locator("textarea").fill(ANSWER)
    form.locator("button").last.click()
    page.wait_for_load_state()
    assert ANSWER in page.inner_text("main")


def states() -> dict[str, str]:
    """Each channel's reply and how far it is."""
    db.session.rollback()
    found = db.session.query(Case).all()
    return {
        message.channel: message.status for case in found for message in case.messages if message.purpose == "reply"
    }


def whole_town(figures: str) -> dict[str, str]:
    """The figures that stand for all cases, by their code."""
    rows = csv.reader(io.StringIO(figures), delimiter=";")
    return {code: value for code, _, _, group, _, _, value, *_ in rows if group in ("All", "Alla")}


def test_three_errands_are_filed_answered_and_delivered(
    browser_page: Page, clerk: Staff, manager: Staff, sign_in: Callable[[Staff], FlaskClient], smtp: Mailbox, crew: Crew
) -> None:
    page = browser_page
    numbers = {channel: file_errand(page, channel) for channel in TEXTS}

    page.goto("/login")
    page.fill("[name=email]", clerk.email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/staff/queue")
    assert all(number in page.inner_text("main") for number in numbers.values())
    for number in numbers.values():
        answer(page, number)
    assert wait_until(lambda: states() == dict.fromkeys(TEXTS, "accepted"), 20), states()

    receipt, reply = smtp.mails
    assert numbers["email"] in receipt["Subject"]
    assert reply["In-Reply-To"] == receipt["Message-ID"]
    assert reply["To"] == "Rut Åkesson <rut@example.org>"
    assert ANSWER in reply.get_body(("plain",)).get_content()  # type: ignore[union-attr]

    page.goto("/staff/calls")
    page.click(".call-list li a")  # whatever the hour is now
    page.click("form[action$='/claim'] button")
    card = page.inner_text("main")
    assert "070-174 06 05" in card
    assert "efter 17" in card
    assert ANSWER in card
    page.click("button[name=outcome][value=reached]")
    page.wait_for_load_state()
    assert states()["phone"] == "delivered"

    page.goto("/staff/letters")
    address = page.locator("a[href$='.pdf']").first.get_attribute("href")
    pdf = pypdf.PdfReader(io.BytesIO(page.request.get(str(address)).body()))
    text = pdf.pages[0].extract_text()
    assert "Märta Öberg" in text
    assert "612 80" in text
    assert ANSWER in " ".join(text.split())

    with unit_of_work():
        rollup.update(clock.now())
    figures = sign_in(manager).get("/staff/statistics.csv").get_data(as_text=True)
    assert {"received": "3", "finished": "3", "open": "0"}.items() <= whole_town(figures).items()
