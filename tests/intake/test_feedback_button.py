"""The FeedBack button on a page of another site, and the form in its frame."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from caseflow.cases.municipality.resident_rules import ResidentRules
from caseflow.intake.came_from import page_address
from tests.intake.conftest import allow, cases, filled, said


def test_the_form_in_a_frame_wants_a_stamp_and_no_cookie_and_only_named_sites_may_frame_it(
    client: FlaskClient, resident: FlaskClient
) -> None:
    allow("https://www.example.org")
    page = client.get("/embed/new?language=en&from=https://u:p@www.example.org/a/b?q=1%23x")
    assert "Set-Cookie" not in page.headers and "csrf_token" not in page.text
    assert "frame-ancestors 'self' https://www.example.org;" in page.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in page.headers
    stamp = page.text.split('name="stamp" value="')[1].split('"')[0]
    form = {**filled(), "came_from": "https://www.example.org/a/b?q=1", "language": ""}
    for wrong in ({}, {"stamp": "x"}, {"stamp": stamp[:-2]}):
        again = client.post("/embed/new?language=en", data={**form, **wrong})
        assert again.status_code == 400 and "Press send again" in said(again) and "Skolgatan 4" in again.text
    sent = client.post("/embed/new?language=en", data={**form, "stamp": stamp})
    assert sent.status_code == 303 and "/embed/case/" in sent.location
    receipt = client.get(sent.location)
    assert "Set-Cookie" not in receipt.headers and 'target="_blank"' in receipt.text
    assert [case.came_from for case in cases()] == ["https://www.example.org/a/b"]
    for other in ("/new", f"/case/{cases()[0].code}", "/"):
        assert "frame-ancestors 'self';" in client.get(other).headers["Content-Security-Policy"]
        assert client.get(other).headers["X-Frame-Options"] == "SAMEORIGIN"
    link = client.get("/new", headers={"Referer": "https://www.example.org/"})
    assert 'name="came_from" type="hidden" value="https://www.example.org/"' in link.text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://www.example.org/a?namn=Rut#x", "https://www.example.org/a"),
        ("http://rut:hemligt@example.org:8080/", "http://example.org:8080/"),
        ("javascript:alert(1)", None),
        ("https://", None),
        ("https://[::1", None),
        ('https://example.org/"><script>', None),
        ("https://example.org/" + "x" * 900, "https://example.org/" + "x" * 280),
        (None, None),
    ],
)
def test_of_the_page_that_somebody_came_from_only_its_place_is_kept(typed: str | None, kept: str | None) -> None:
    assert page_address(typed) == kept


@pytest.mark.parametrize(
    "site", ["www.example.org", "https://*.example.org", "http://example.org", "https://a.b/c", 1, "https://a b"]
)
def test_only_whole_origins_may_be_named(site: object) -> None:
    with pytest.raises(ValueError, match=r"https://www\.example\.org"):
        ResidentRules.from_dict({"sites": [site]})


def test_the_script_is_small_and_may_be_fetched_from_anywhere(client: FlaskClient) -> None:
    script = client.get("/feedback.js")
    assert len(script.data) < 3000
    assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in script.headers and "max-age" in script.headers["Cache-Control"]
    assert "cookie" not in script.text and "Storage" not in script.text
