"""What the law wants each page to lead to: how accessible it is, and what becomes of personal data."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.administration.conftest import Administrator
from tests.administration.conftest import said as shown
from tests.intake.conftest import said


def test_the_statement_says_how_accessible_it_is_and_a_report_becomes_a_case_of_its_category(
    ada: Administrator, client: FlaskClient
) -> None:
    client.set_cookie("language", "en")
    assert 'href="/accessibility"' in client.get("/").text
    assert "We have not yet assessed" in said(client.get("/accessibility"))
    typed = {"accessibility__status": "partly", "accessibility__faults__sv": "Kartan saknar text.\nRättas i mars."}
    wrong = ada.change("/part/accessibility", **typed, accessibility__assessed="i går")
    assert wrong.status_code == 422 and "Write the date as year, month and day" in shown(wrong)
    assert "Kartan saknar text." in shown(wrong) and 'value="i går"' in shown(wrong)
    assert ada.change("/part/accessibility", **typed, accessibility__assessed="2026-11-27").status_code == 303
    page = client.get("/accessibility")
    assert "partly compatible" in said(page) and "Kartan saknar text." in said(page)
    assert "last assessed on" in said(page) and "27 November" in said(page)
    assert 'href="https://www.digg.se/tdosanmalan"' in page.text and "08-465 004 00" in page.text
    address = page.text.split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    form = client.get(address).text
    for chosen in (
        'value="felanmalan" checked',
        '<option value="ls.tillganglighet" selected',
        "localhost/accessibility",
    ):
        assert chosen in form
    assert "Accessibility statement" in ada.read("/history?place=accessibility")


def test_the_notice_names_who_is_responsible_and_how_long_each_kind_is_kept(
    ada: Administrator, client: FlaskClient
) -> None:
    client.set_cookie("language", "en")
    assert "As long as the rules for public archives say." in said(client.get("/privacy"))
    note = {"retention__months": "24", "retention__text__sv": "Gallras efter två år", "retention__law": "Dnr 2026-17"}
    assert ada.change("/part/kinds/fraga", **note).status_code == 303
    assert ada.change("/part/privacy", privacy__officer__phone="ring").status_code == 422
    told = {"privacy__controller__en": "The board of Ankeborg", "privacy__officer__phone": "08-465 004 01"}
    assert ada.change("/part/privacy", **told, privacy__text__sv="Systemet drivs av oss själva.").status_code == 303
    page = said(client.get("/privacy"))
    for words in (
        *("The board of Ankeborg", "dataskydd@example.org", "08-465 004 01", "article 6.1 e", "imy.se"),
        *("Question Gallras efter två år 24 months after it is closed. (Dnr 2026-17)", "Systemet drivs av oss själva."),
    ):
        assert words in page, words
    assert 'href="/privacy"' in client.get("/new").text
