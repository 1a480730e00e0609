"""Drafts: kept to the letter whatever happens to the case, the session or the browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import RESIDENT
from caseflow.cases import lifecycle
from caseflow.cases.models import Case
from caseflow.cases.screen.drafts import Draft
from caseflow.cases.screen.presence import Presence
from caseflow.database import db, unit_of_work
from caseflow.language import COOKIE
from tests.cases.acting import Desk, statements

TEXT = "\n  Hej <b>Rut</b> & co,\n\nå𝄞ä “ö”\t{{name}}  \n\n"


def drafts() -> dict[tuple[int, str], str]:
    db.session.rollback()
    return {(one.staff_id, one.sort): one.text for one in db.session.scalars(sa.select(Draft))}


def keep(desk: Desk, sort: str = "reply", text: str = TEXT, **data: object) -> tuple[int, dict[str, str]]:
    """As the page's script saves: the status, and what it is told."""
    filled = desk.with_token(desk.client, {"text": text, "submission": "page", "draft": "", **data}, "/staff/drafts")
    answer = desk.client.post(f"{desk.path}/drafts/{sort}", data=filled, headers={"Accept": "application/json"})
    return answer.status_code, answer.get_json(silent=True) or {}


def shown(desk: Desk, field: str = "reply-text") -> str:
    """What a browser would have in the field: it drops the line end right after the tag, and reads entities."""
    after = desk.read().split(f'id="{field}"', 1)[1].split(">", 1)[1].split("</textarea>", 1)[0]
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&amp;", "&")):
        after = after.replace(entity, sign)
    return after.removeprefix("\n")


@pytest.fixture
def colleague(hire: Callable[..., Staff], desk_with: Callable[..., Desk], desk: Desk) -> Desk:
    return desk_with(staff=hire("Anna Lind", "caseworker", "sb"), at=desk.case())


def test_a_draft_comes_back_to_the_letter_with_its_time_and_is_nobody_elses_to_read(
    desk: Desk, colleague: Desk, clerk: Staff
) -> None:
    assert keep(desk)[0] == 200
    assert drafts() == {(clerk.id, "reply"): TEXT}
    assert shown(desk) == TEXT
    assert "Draft saved " in desk.read()
    theirs = colleague.read()
    assert "co,\n\nå" not in theirs
    assert "Karin Ek has a draft" in theirs
    assert "has a draft" not in desk.read()
    assert colleague.client.get("/staff/drafts").get_data(as_text=True).count("<textarea") == 0


def test_it_outlives_owners_statuses_others_acts_and_the_session(
    desk: Desk, colleague: Desk, clerk: Staff, sign_in: Callable[[Staff], FlaskClient], app: Flask
) -> None:
    keep(desk), keep(desk, "question", "Vilken lampa?"), keep(desk, "note", "Ring i morgon.")
    colleague.act("assignment", assignee=clerk.id)
    colleague.act("parking", until=(clock.today() + timedelta(days=9)).isoformat(), reason="Senare.")
    with unit_of_work() as session:
        lifecycle.hear(session.get_one(Case, desk.case().id), "Nu blinkar den.", by=RESIDENT, now=clock.now())
    colleague.act("replies", text="Annat svar.", channel="email", submission="x", close_after="y")
    desk.client = sign_in(clerk)
    desk.client.set_cookie(COOKIE, "en")
    assert drafts()[clerk.id, "reply"] == TEXT
    page = desk.read()  # closed: there is no place for a reply, but it is shown
    assert page.count("does not fit the case as it stands") == 2
    assert shown(desk, "note-text") == "Ring i morgon."
    colleague.act("reopening", reason="Det var inte klart.")
    assert shown(desk) == TEXT


def test_a_case_that_left_the_scope_leaves_the_draft_to_its_writer_alone(
    desk: Desk, desk_with: Callable[..., Desk], outsider: Staff, clerk: Staff
) -> None:
    keep(desk)
    revision = keep(desk, text=TEXT + "1")[1]["revision"]
    desk.act("transfer", department="kf", reason="Er fråga.")
    assert desk.client.get(desk.path).status_code == 404
    page = desk.client.get("/staff/drafts").get_data(as_text=True)
    assert "no longer among yours" in page
    assert "Gatlampan" not in page
    assert keep(desk, text=TEXT + "2", draft=revision)[0] == 200  # the page is still open, and its writer still types
    assert keep(desk, "note", "Nytt.")[0] == 404  # but nothing new begins there
    theirs = desk_with(staff=outsider, at=desk.case())
    assert "å𝄞" not in theirs.read() + theirs.client.get("/staff/drafts").get_data(as_text=True)
    assert keep(theirs, text="Mitt eget.")[0] == 200
    assert drafts() == {(clerk.id, "reply"): TEXT + "2", (outsider.id, "reply"): "Mitt eget."}
    gone = desk.client.post(
        f"{desk.path}/drafts/reply/removal", data=desk.with_token(desk.client, {"submission": "page", "from": "drafts"})
    )
    assert (gone.status_code, gone.location) == (303, "/staff/drafts")
    assert drafts() == {(outsider.id, "reply"): "Mitt eget."}


def test_sending_takes_the_draft_and_undoing_gives_it_back(desk: Desk, clerk: Staff, app: Flask) -> None:
    app.config["OUTBOX_HOLD"] = timedelta(seconds=60)
    try:
        keep(desk, text="Lampan lagas.", submission="s")
        keep(desk, "note", "Kvar.", submission="other")
        desk.act("replies", text="Lampan lagas.", channel="email", submission="s", close_after="y")
        assert drafts() == {(clerk.id, "note"): "Kvar."}
        assert keep(desk, text="Lampan lag", submission="s") == (200, {"said": True})  # what was under way comes late
        assert (clerk.id, "reply") not in drafts()
        entry = desk.case().entries[-1].id
        desk.act(f"entries/{entry}/retraction")
        assert drafts()[clerk.id, "reply"] == "Lampan lagas."
        assert shown(desk) == "Lampan lagas."
    finally:
        app.config["OUTBOX_HOLD"] = timedelta(0)


def test_an_older_window_never_writes_over_a_newer_one_unasked(desk: Desk, clerk: Staff) -> None:
    first = keep(desk, text="Ett.", submission="a")[1]["revision"]
    assert keep(desk, text="Ett, två.", submission="a", draft="whatever")[0] == 200  # its own is never in its way
    status, newer = keep(desk, text="Gammalt.", submission="b", draft=first)
    assert (status, newer["text"]) == (409, "Ett, två.")
    desk.act("notes", text="Något annat.", submission="c", draft=first)
    desk.act("replies", text="Gammalt.", channel="email", submission="b", draft=first)  # sent, all the same
    assert drafts() == {(clerk.id, "reply"): "Ett, två."}
    assert keep(desk, text="Bytt.", submission="d", draft=newer["revision"])[0] == 200
    assert keep(desk, text="Ett, två, tre.", submission="a")[0] == 409
    page = desk.client.post(
        f"{desk.path}/drafts/reply", data=desk.with_token(desk.client, {"text": "Mitt.", "submission": "e"})
    )
    assert page.status_code == 409
    assert "Bytt.</textarea>" in page.get_data(as_text=True)
    assert "Mitt.</textarea>" in page.get_data(as_text=True)


def test_without_a_script_a_button_saves_and_what_comes_back_with_errors_is_kept_too(desk: Desk, clerk: Staff) -> None:
    saved = desk.act("drafts/reply", text="Hej", submission="p")
    assert (saved.status_code, saved.location) == (303, f"{desk.path}#composer")
    assert desk.act("replies", text="Hej {{name}}", channel="email", submission="p").status_code == 422
    assert drafts() == {(clerk.id, "reply"): "Hej {{name}}"}
    assert desk.act("questions", text="Och {{name}}", channel="email", submission="q", version="0").status_code == 409
    assert drafts()[clerk.id, "question"] == "Och {{name}}"
    assert keep(desk, writer=clerk.id + 1)[0] == 403
    assert keep(desk, text="  \n", submission="p")[1]["revision"] == ""
    assert (clerk.id, "reply") not in drafts()


def test_a_pulse_is_one_statement_and_tells_who_is_there_and_what_was_done(
    desk: Desk, colleague: Desk, desk_with: Callable[..., Desk], outsider: Staff, clerk: Staff
) -> None:
    assert colleague.client.get(f"{colleague.path}/pulse?writing=1").get_json()["here"] == []
    desk.client.get(f"{desk.path}/pulse?version=1")
    with statements() as seen:
        told = desk.client.get(f"{desk.path}/pulse?version=1").get_json()
    assert len(seen) == 2, seen  # who is signed in, and the pulse
    assert (told["version"], told["here"]) == (1, [{"text": "Anna Lind is writing", "writing": True}])
    colleague.act("notes", text="Ringde.", submission="n")
    colleague.client.get(f"{colleague.path}/pulse")
    told = desk.client.get(f"{desk.path}/pulse?version=1").get_json()
    assert told["here"] == [{"text": "Anna Lind is reading", "writing": False}]
    assert [(one["text"], one["resident"]) for one in told["news"]] == [("Anna Lind wrote an internal note", False)]
    strange = desk_with(staff=outsider, at=desk.case()).client
    assert strange.get(f"{desk.path}/pulse").status_code == 404
    with unit_of_work() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Presence)) == 2
        session.execute(sa.update(Presence).values(seen_at=clock.now() - timedelta(minutes=11)))
    assert desk.client.get(f"{desk.path}/pulse?version=2").get_json()["here"] == []
    db.session.rollback()
    assert list(db.session.scalars(sa.select(Presence.staff_id))) == [clerk.id]


def test_a_row_of_the_queue_tells_who_is_there_and_what_is_begun(desk: Desk, colleague: Desk) -> None:
    def row(of: Desk) -> str:
        page = of.client.get("/staff/queue?fragment=rows").get_data(as_text=True)
        main = page.split('class="row-main" role="cell">')[1].split("</div>")[0]
        return " ".join(re.sub(r"<[^>]+>", " ", main).split())

    alone = row(desk)
    colleague.client.get(f"{colleague.path}/pulse")
    assert row(desk) == f"Anna is reading {alone}" and row(colleague) == alone
    assert keep(colleague)[0] == 200 and keep(desk, sort="note")[0] == 200
    assert row(desk) == f"Anna is reading Draft Draft by Anna {alone}"
    colleague.client.get(f"{colleague.path}/pulse?writing=1")
    assert row(desk) == f"Anna is writing Draft {alone}"
    with unit_of_work() as session:
        session.execute(sa.text("TRUNCATE presence"))  # as a crash leaves it
    assert row(desk) == f"Draft Draft by Anna {alone}" and row(colleague) == f"Draft Draft by Karin {alone}"


def beat(page: Page) -> None:
    """The next pulse now instead of in a while."""
    with page.expect_response(lambda answer: "/pulse" in answer.url):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_two_people_at_one_case_see_each_other_their_drafts_and_the_conflict(
    browser_page: Page, chromium: Browser, live_url: str, colleague: Desk, desk: Desk, look: Callable[[Page, str], None]
) -> None:
    other = chromium.new_context(base_url=live_url)
    other.set_default_timeout(10_000)
    theirs = other.new_page()
    colleague.open_in(theirs)
    desk.open_in(browser_page)
    with theirs.expect_response(lambda answer: "/drafts/reply" in answer.url):
        theirs.locator("#reply-text").press_sequentially("Hej")
    beat(browser_page)
    expect(browser_page.locator("[data-others]")).to_contain_text("Anna Lind is writing")
    browser_page.locator("#reply-text").fill("\n  Lampan lagas.\n")
    expect(browser_page.locator(".write-replies [data-draft-said]")).to_contain_text("Draft saved")
    before = browser_page.locator("#reply-text").bounding_box()
    theirs.locator("label[for=write-notes]").click()
    theirs.locator("#note-text").fill("Ringde.")
    theirs.get_by_role("button", name="Save the note").click()
    theirs.wait_for_selector(".said-note")
    beat(browser_page)
    expect(browser_page.locator(".happens")).to_contain_text("Anna Lind wrote an internal note.")
    assert browser_page.locator("#reply-text").bounding_box() == before
    look(browser_page, "case-together")
    browser_page.locator(".write-replies button.button").click()
    browser_page.wait_for_selector(".versions")
    browser_page.goto(desk.path)
    assert browser_page.locator("#reply-text").input_value() == "\n  Lampan lagas.\n"
    expect(browser_page.locator("[data-others]")).to_contain_text("Anna Lind has a draft")
    second = browser_page.context.new_page()
    second.goto(desk.path)
    second.locator("#reply-text").fill("Lampan lagas i dag.")
    expect(second.locator(".write-replies [data-draft-said]")).to_contain_text("Draft saved")
    browser_page.locator("#reply-text").fill("Något helt annat.")
    browser_page.get_by_role("button", name="Show it").click()
    expect(browser_page.locator("#reply-text")).to_have_value("Lampan lagas i dag.")
    second.close(run_before_unload=False)
    browser_page.goto("/staff/drafts")
    look(browser_page, "drafts")
    browser_page.get_by_role("button", name="Throw away the draft").click()
    expect(browser_page.locator(".empty-title")).to_be_visible()
    other.close()
