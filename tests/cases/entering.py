"""A browser in which somebody is signed in already (the way in by password is tested in tests/accounts)."""

from __future__ import annotations

from flask.testing import FlaskClient
from playwright.sync_api import Page


def enter(page: Page, signed_in: FlaskClient, path: str) -> None:
    """Open a page with the client's session."""
    name = signed_in.application.config["SESSION_COOKIE_NAME"]
    session = signed_in.get_cookie(name)
    assert session is not None
    url = signed_in.application.config["BASE_URL"]
    page.context.add_cookies([{"name": name, "value": session.value, "url": url}])
    page.goto(path)
