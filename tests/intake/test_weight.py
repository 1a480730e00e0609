"""The first visit is light: everything together, as it travels."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

LIMIT = 30_000  # bytes; issue 2
GZIP = {"Accept-Encoding": "gzip"}


def _travels(client: FlaskClient, path: str) -> bytes:
    answer = client.get(path, headers=GZIP)
    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "gzip", path
    assert "Accept-Encoding" in answer.headers["Vary"]
    return answer.data


@pytest.mark.parametrize("path", ["/", "/new"])
def test_a_first_visit_weighs_little(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    assets = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page))
    assert len(assets) >= 1
    weight = len(_travels(client, path)) + sum(len(_travels(client, asset)) for asset in assets)
    assert weight < LIMIT / 2


def test_nothing_comes_from_elsewhere(client: FlaskClient) -> None:
    for path in ("/", "/new", "/case/", "/login"):
        assert re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]+"', client.get(path).text) == []


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
