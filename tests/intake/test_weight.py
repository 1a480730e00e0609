"""The first visit is light: everything together, as it travels."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from caseflow.assets import WORTH_IT
from caseflow.cases.models import Municipality
from caseflow.database import db, unit_of_work

LIMIT = 14_000  # bytes; issue 5
GZIP = {"Accept-Encoding": "gzip"}


def _travels(client: FlaskClient, path: str) -> bytes:
    answer = client.get(path, headers=GZIP)
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding") == "gzip" or len(answer.data) < WORTH_IT, path
    assert "Accept-Encoding" in answer.headers["Vary"]
    return answer.data


@pytest.mark.parametrize("path", ["/", "/new"])
def test_a_first_visit_weighs_little(client: FlaskClient, path: str) -> None:
    with unit_of_work():
        db.session.get_one(Municipality, 1).theme = {"accent": "#005aa0"}
    page = client.get(path).text
    assert "theme.css" in page
    assets = set(re.findall(r'(?:src|href)="(/(?:static/|theme)[^"]+)"', page))
    assert len(assets) >= 1
    weights = {one: len(_travels(client, one)) for one in (path, *assets)}
    assert sum(weights.values()) <= LIMIT, weights


def test_nothing_comes_from_elsewhere(client: FlaskClient) -> None:
    for path in ("/", "/new", "/case/", "/login"):
        assert re.findall(r'(?:src|action|<link[^>]* href)="(?:https?:)?//[^"]+"', client.get(path).text) == []


def test_a_static_file_may_be_kept_for_ever_under_its_versioned_address(client: FlaskClient) -> None:
    address = re.findall(r'href="(/static/site.css[^"]*)"', client.get("/").text)[0]
    assert re.fullmatch(r"/static/site\.css\?v=[0-9a-f]{10}", address)
    assert "immutable" in client.get(address).headers["Cache-Control"]
    assert "immutable" not in client.get("/static/site.css").headers["Cache-Control"]
    tag = client.get(address, headers=GZIP).headers["ETag"]
    assert client.get(address, headers={**GZIP, "If-None-Match": tag}).status_code == 304


def test_who_cannot_unpack_gets_it_plain(client: FlaskClient) -> None:
    for wish in ("", "identity", "gzip;q=0", "br"):
        assert "Content-Encoding" not in client.get("/new", headers={"Accept-Encoding": wish}).headers
