"""A resident at the door: fills in the form in English and sends it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from html import unescape

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from caseflow.cases.models import Case, Municipality
from caseflow.database import db, unit_of_work

Send = Callable[..., TestResponse]

ERRAND = {
    "kind": "felanmalan",
    "department": "sb",
    "category": "sb.belysning",
    "description": "Gatlampan utanför Skolgatan 4 är släckt. Det är mörkt.",
}
CONTACT = {
    "email": {"name": "Rut Åkesson", "email": "rut@example.org"},
    "phone": {"name": "Rut Åkesson", "phone": "070-174 06 05", "best_time": "efter 17"},
    "letter": {"name": "Rut Åkesson", "street": "Skolgatan 4", "postcode": "612 32", "town": "Finspång"},
    "none": {},
}


def filled(reply_by: str = "none", **more: object) -> dict[str, object]:
    """All fields of a form that is in order, with a mark of its own."""
    return {**ERRAND, **CONTACT.get(reply_by, {}), "reply_by": reply_by, "submission": uuid.uuid4().hex, **more}


def token_in(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found
    return found[1]


def said(page: TestResponse) -> str:
    """The page's words as a person reads them."""
    body = re.sub(r"<(script|style|svg).*?</\1>", "", page.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def cases() -> list[Case]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Case).order_by(Case.id).execution_options(populate_existing=True)))


def allow(*sites: str) -> None:
    with unit_of_work():
        db.session.get_one(Municipality, 1).residents = {"sites": list(sites)}


@pytest.fixture
def resident(client: FlaskClient) -> FlaskClient:
    """A browser that has chosen English."""
    client.set_cookie("language", "en")
    return client


@pytest.fixture
def send(resident: FlaskClient) -> Send:
    """send("letter", postcode="…"): fill in the form and press the button."""

    def press(reply_by: str = "none", *, to: str = "/new", **more: object) -> TestResponse:
        token = token_in(resident.get("/new"))
        return resident.post(to, data={**filled(reply_by, **more), "csrf_token": token})

    return press
