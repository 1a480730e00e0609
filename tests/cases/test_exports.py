"""Lists as files: short ones at once, long ones made by a worker; none with more than their owner may see."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from typing import Any
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from playwright.sync_api import Page, expect

from caseflow import clock
from caseflow.accounts.models import Membership, Staff
from caseflow.audit import Event
from caseflow.cases.files import exports
from caseflow.cases.files.exports import GONE_AFTER, KEPT_FOR, Export
from caseflow.cases.models import Case
from caseflow.cases.triage import queue_choices, queue_export
from caseflow.cases.triage.queue_filter import Filter
from caseflow.database import db, unit_of_work
from tests.cases.entering import enter

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
Filing = Callable[..., Case]
SignIn = Callable[[Staff], FlaskClient]
Post = Callable[..., Any]


def table_of(workbook: bytes) -> list[list[str]]:
    """What the first sheet shows, and that it holds no formula and no link."""
    with zipfile.ZipFile(BytesIO(workbook)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert not list(sheet.iter(f"{SHEET}f")) and not list(sheet.iter(f"{SHEET}hyperlink"))
    return [["".join(cell.itertext()) for cell in row] for row in sheet.iter(f"{SHEET}row")]


@pytest.fixture
def sign_in(sign_in: SignIn) -> SignIn:
    """In English."""

    def enter_in_english(staff: Staff) -> FlaskClient:
        client = sign_in(staff)
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    return enter_in_english


@pytest.fixture
def long_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two cases are a long list already, and are gathered one by one."""
    monkeypatch.setattr(queue_export, "SHORT", 1)
    monkeypatch.setattr(exports, "AT_ONCE", 1)


@pytest.fixture
def ask_for(app: Flask, with_token: Callable[..., dict[str, object]]) -> Post:
    def post(client: FlaskClient, form: str, query: str = "") -> Export:
        path = f"/staff/queue.{form}?{query}"
        told = client.get(path)
        assert told.status_code == 302 and told.location.startswith("/staff/exports?")
        page = client.get(told.location).get_data(as_text=True)
        assert f'value="{form}"' in page
        data = with_token(client, {"form": form}, told.location)
        assert client.post(told.location, data=data).status_code == 303
        return db.session.scalars(sa.select(Export).order_by(Export.id.desc())).first() or Export()

    return post


def test_a_short_list_comes_at_once_for_excel_with_times_and_no_formulas(
    clerk: Staff, sign_in: SignIn, resident_case: Filing
) -> None:
    resident_case(description="=HYPERLINK(1) är trasig", place="+46 8 https://example.org/x")
    resident_case(department="kf", description="Om en annan förvaltning.")
    answer = sign_in(clerk).get("/staff/queue.xlsx?kind=fraga")
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    heads, *rows = table_of(answer.data)
    assert heads[:2] == ["Number", "Subject"] and len(rows) == 1
    assert rows[0][1].startswith("=HYPERLINK") and "+46 8 https://example.org/x" in rows[0]
    assert 40_000 < float(rows[0][heads.index("Received")]) < 60_000  # days since 1900, as Excel counts
    assert db.session.scalars(sa.select(Event.data["rows"].astext).where(Event.verb == "exported")).all() == ["1"]


def test_a_long_list_is_made_by_a_worker_for_its_owner_alone(
    app: Flask,
    long_ones: None,
    ask_for: Post,
    clerk: Staff,
    hire: Callable[..., Staff],
    sign_in: SignIn,
    resident_case: Filing,
) -> None:
    mine = [resident_case(description=f"Lampa {place}.") for place in range(3)]
    resident_case(department="kf")
    client = sign_in(clerk)
    asked = ask_for(client, "csv", "sort=number")
    assert ask_for(client, "csv", "sort=number").id == asked.id  # twice is once
    assert 'value="0" max="3"' in client.get("/staff/exports").get_data(as_text=True)
    assert client.get(f"/staff/exports/{asked.id}").status_code == 404
    exports.make(asked.id, app.config)
    exports.make(asked.id, app.config)  # a second ring finds nothing to do
    page = client.get("/staff/exports").get_data(as_text=True)
    assert f'href="/staff/exports/{asked.id}"' in page and "3 cases" in page
    file = client.get(f"/staff/exports/{asked.id}")
    assert (file.headers["Cache-Control"], file.mimetype) == ("no-store", "text/csv")
    rows = list(csv.reader(StringIO(file.get_data(as_text=True)), delimiter=";"))[1:]
    assert [row[0] for row in rows] == [case.number for case in mine]
    at_once = list(csv.reader(StringIO("".join(_lines(clerk))), delimiter=";"))[1:]
    assert sorted(rows) == sorted(at_once)
    colleague = sign_in(hire("Kollega Ek", "caseworker", "sb"))
    assert colleague.get(f"/staff/exports/{asked.id}").status_code == 404
    assert "Excel" not in colleague.get("/staff/exports").get_data(as_text=True)
    other = ask_for(client, "xlsx")
    exports.make(other.id, app.config)
    assert len(table_of(client.get(f"/staff/exports/{other.id}").data)) == 4


def _lines(staff: Staff) -> list[str]:
    names = queue_choices.within_reach(staff, "en")
    with force_locale("en"):
        return list(queue_export.lines(staff, Filter(), clock.today(), names, 3))


def test_a_file_stays_shut_once_its_owner_may_no_longer_see_what_is_in_it(
    app: Flask, long_ones: None, ask_for: Post, hire: Callable[..., Staff], sign_in: SignIn, resident_case: Filing
) -> None:
    both = hire("Båda Ek", "caseworker", "sb", "kf")
    resident_case()
    resident_case(department="kf")
    client = sign_in(both)
    asked = ask_for(client, "csv")
    exports.make(asked.id, app.config)
    assert client.get(f"/staff/exports/{asked.id}").status_code == 200
    with unit_of_work() as session:
        there = (Membership.staff_id == both.id, Membership.department_code == "kf")
        session.execute(sa.delete(Membership).where(*there))
    refused = client.get(f"/staff/exports/{asked.id}", follow_redirects=True)
    assert refused.request.path == "/staff/exports"
    assert "You may no longer see all that is in this file." in refused.get_data(as_text=True)


def test_who_is_no_longer_named_for_protected_personal_data_does_not_get_it_from_an_old_file(
    app: Flask, long_ones: None, ask_for: Post, clerk: Staff, sign_in: SignIn, resident_case: Filing
) -> None:
    def named(named: bool) -> None:
        with unit_of_work() as session:
            session.execute(sa.update(Staff).where(Staff.id == clerk.id).values(sees_protected=named))

    named(True)
    for _place in range(2):
        resident_case()
    client = sign_in(clerk)
    asked = ask_for(client, "csv")
    exports.make(asked.id, app.config)
    assert client.get(f"/staff/exports/{asked.id}").status_code == 200
    named(False)
    assert client.get(f"/staff/exports/{asked.id}").status_code == 302


def test_what_a_worker_left_is_begun_anew_and_old_files_go(
    app: Flask, long_ones: None, ask_for: Post, clerk: Staff, sign_in: SignIn, resident_case: Filing
) -> None:
    for _place in range(2):
        resident_case()
    asked = ask_for(sign_in(clerk), "csv")
    now = clock.now()

    def left(touched: datetime) -> None:
        with unit_of_work() as session:
            session.execute(sa.update(Export).values(state="making", touched_at=touched, done=1))
        exports.make(asked.id, app.config)

    left(now)  # somebody is at it
    assert db.session.scalars(sa.select(Export.state)).one() == "making"
    left(now - GONE_AFTER - timedelta(seconds=1))
    db.session.rollback()
    assert db.session.scalars(sa.select(Export.state)).one() == "ready"
    path = exports.path_of(asked.id, "csv", app.config)
    lost = path.with_name("999.part")  # of somebody who took the file away while it was made
    lost.write_text("Rut Åkesson")
    exports.sweep(app.config, now + KEPT_FOR - timedelta(minutes=1))
    assert path.exists() and not lost.exists()
    exports.sweep(app.config, now + KEPT_FOR + timedelta(minutes=1))
    assert not path.exists() and db.session.scalars(sa.select(Export.id)).all() == []


def test_the_page_counts_on_by_itself(
    app: Flask,
    long_ones: None,
    browser_page: Page,
    look: Callable[[Page, str], None],
    clerk: Staff,
    sign_in: SignIn,
    resident_case: Filing,
) -> None:
    for _place in range(2):
        resident_case()
    client = sign_in(clerk)
    page = browser_page
    enter(page, client, "/staff/queue?kind=fraga")
    page.get_by_role("link", name="Excel").click()
    page.get_by_role("button", name="Gör filen (Excel)").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    look(page, "exports-making")
    exports.make(db.session.scalars(sa.select(Export.id)).one(), app.config)
    expect(page.get_by_role("link", name="Hämta filen")).to_be_visible()
    look(page, "exports-ready")
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Hämta filen").click()
    assert fetched.value.suggested_filename.endswith(".xlsx")
