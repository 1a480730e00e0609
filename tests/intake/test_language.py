"""Svenska, English, Suomi: chosen by the browser, by the switch, or by the case."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from caseflow.cases.models import Case
from tests.intake.conftest import Send, cases, filled, token_in

File = Callable[..., Case]
# In each language the name of a department: data of the municipality, so it shows without any catalogue.
DEPARTMENT = {"sv": "Samhällsbyggnad", "en": "Streets, parks and planning", "fi": "Kadut, puistot ja kaavoitus"}


@pytest.mark.parametrize(
    ("wish", "language"),
    [("fi-FI,fi;q=0.9,sv;q=0.5", "fi"), ("en-GB", "en"), ("de,en;q=0.5", "en"), ("de", "sv"), ("", "sv"), ("*", "sv")],
)
def test_a_page_speaks_as_the_browser_wishes(client: FlaskClient, wish: str, language: str) -> None:
    page = client.get("/new", headers={"Accept-Language": wish}).text
    assert f'<html lang="{language}">' in page
    assert DEPARTMENT[language] in page


@pytest.mark.parametrize("code", DEPARTMENT)
def test_the_switch_is_remembered_and_leads_back(client: FlaskClient, code: str) -> None:
    answer = client.get(f"/language/{code}?next=/case/%3Fx%3D1")
    assert answer.location == "/case/?x=1"
    page = client.get("/case/", headers={"Accept-Language": "de"}).text
    assert f'<html lang="{code}">' in page
    assert f'lang="{code}" hreflang="{code}" aria-current="true"' in page
    assert page.count("aria-current") == 1


@pytest.mark.parametrize("path", ["/", "/case/", "/login", "/nothing-here"])
def test_every_page_has_the_switch_in_its_own_languages(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    for code, name in (("sv", "Svenska"), ("en", "English"), ("fi", "Suomi")):
        assert f'lang="{code}" hreflang="{code}"' in page
        assert f">{name}</a>" in page


def test_the_switch_on_the_form_keeps_what_was_typed(resident: FlaskClient) -> None:
    form = filled("letter", postcode="6", description="å")
    form |= {"csrf_token": token_in(resident.get("/new")), "language": "fi"}
    page = resident.post("/new", data=form)
    assert page.status_code == 200
    assert '<html lang="fi">' in page.text
    assert DEPARTMENT["fi"] in page.text
    assert 'value="6"' in page.text
    assert f'value="{form["submission"]}"' in page.text
    assert "error-summary" not in page.text
    assert cases() == []
    assert '<html lang="fi">' in resident.get("/").text


def test_the_case_keeps_the_language_that_it_was_written_in(send: Send, resident: FlaskClient) -> None:
    resident.set_cookie("language", "fi")
    send()
    assert cases()[0].language == "fi"


def test_the_own_page_speaks_the_cases_language_until_another_is_chosen(
    resident_case: File, client: FlaskClient
) -> None:
    case = resident_case(language="fi")
    for page in (f"/case/{case.code}", f"/case/{case.code}/receipt"):
        assert '<html lang="fi">' in client.get(page, headers={"Accept-Language": "sv"}).text
    client.get("/language/en")
    assert '<html lang="en">' in client.get(f"/case/{case.code}").text


def test_the_switch_leads_nowhere_else(client: FlaskClient) -> None:
    for elsewhere in ("https://example.org/x", "//example.org/x", "/\\example.org", "javascript:alert(1)", "\x00"):
        location = client.get("/language/fi", query_string={"next": elsewhere}).location
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))
