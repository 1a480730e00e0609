"""One act on many cases picked in the queue: a result for each, nothing done twice, nothing beyond one's reach."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.test import TestResponse

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases import lifecycle
from caseflow.cases.models import Case, Entry
from caseflow.cases.texts.macros import Macro
from caseflow.cases.texts.standard_texts import StandardText
from caseflow.cases.triage import bulk
from caseflow.cases.watch.absence import Absence
from caseflow.database import db, unit_of_work
from caseflow.language import COOKIE
from caseflow.messages.models import Message
from tests.cases.acting import WithToken, statements
from tests.cases.entering import enter

Filing = Callable[..., Case]
Post = Callable[..., TestResponse]


@pytest.fixture
def client(sign_in: Callable[[Staff], FlaskClient], clerk: Staff) -> FlaskClient:
    client = sign_in(clerk)
    client.set_cookie(COOKIE, "en")
    return client


@pytest.fixture
def post(client: FlaskClient, with_token: WithToken) -> Post:
    """post("/act", cases, noun=…): the cases as the list shows them now, or "number:version" as it once did."""

    def send(path: str, cases: list[Case | str], **fields: str) -> TestResponse:
        picked = [one if isinstance(one, str) else f"{one.number}:{now(one).version}" for one in cases]
        data = with_token(client, {"case": picked, **fields}, "/staff/queue")
        return client.post(f"/staff/queue/selection{path}", data=data)

    return send


def now(case: Case) -> Case:
    db.session.rollback()
    return db.session.scalars(sa.select(Case).where(Case.number == case.number)).one()


def said(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split())


def test_each_case_has_its_own_result_and_what_failed_can_be_tried_again(
    post: Post, resident_case: Filing, clerk: Staff, hire: Callable[..., Staff]
) -> None:
    colleague = hire("Ali Hassan", "caseworker", "sb")
    good, changed, closed = resident_case(), resident_case(), resident_case()
    foreign = resident_case(department="kf", description="Det här är någon annans ärende.")
    seen = f"{changed.number}:1"
    with unit_of_work() as session:
        lifecycle.note(session.get_one(Case, changed.id), "Ring först.", by=clerk.as_actor(), now=clock.now())
        over = session.get_one(Case, closed.id)
        lifecycle.close(over, resolution="fixed", reason="Lagat.", by=clerk.as_actor(), now=clock.now())
    picked: list[Case | str] = [good, seen, closed, foreign]
    answer = post("/act", picked, noun="assignment", assignee=str(colleague.id), batch="one")
    page = answer.get_data(as_text=True)
    assert "1 case is done" in page and "3 are not" in page
    for words in ("changed since you looked", "not possible in its present status", "not yours to handle"):
        assert words in page
    assert foreign.subject not in page
    assert now(good).assignee_id == colleague.id
    assert [now(case).assignee_id for case in (changed, closed, foreign)] == [None, None, None]

    again = re.findall(r'name="case" value="([^"]+)"', page)
    assert again == [f"{changed.number}:2"]
    answer = post("/act", list(again), noun="assignment", assignee=str(colleague.id), batch="one")
    assert answer.status_code == 303
    assert now(changed).assignee_id == colleague.id


def test_a_double_click_does_nothing_twice(post: Post, resident_case: Filing, deliver_all: Callable[[], None]) -> None:
    cases: list[Case | str] = [resident_case(), resident_case(reply_by="letter"), resident_case(reply_by="phone")]
    seen: list[Case | str] = [f"{case.number}:1" for case in cases if isinstance(case, Case)]
    typed = {"noun": "replies", "text": "Strömmen är tillbaka.", "batch": "twice", "sure": "yes", "close_after": "y"}
    for _press in range(2):
        assert post("/act", seen, **typed).status_code == 303
    sent = sa.select(Message.channel).where(Message.purpose == "reply").order_by(Message.channel)
    assert list(db.session.scalars(sent)) == ["email", "letter", "phone"]
    assert {now(case).status for case in cases if isinstance(case, Case)} == {"closed"}
    for _press in range(2):
        assert post("/act", [f"{resident_case().number}:1"], noun="priority", priority="high").status_code == 303


def test_replies_are_looked_through_before_they_go_and_can_all_be_had_back(
    app: Flask, post: Post, resident_case: Filing, clerk: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases: list[Case | str] = [resident_case(), resident_case(reply_by="letter"), resident_case(reply_by="none")]
    closed = resident_case()
    with unit_of_work() as session:
        over = session.get_one(Case, closed.id)
        lifecycle.close(over, resolution="fixed", reason="Lagat.", by=clerk.as_actor(), now=clock.now())
    page = said(post("", [*cases, closed], act="replies:"))
    assert "1 E-mail" in page and "1 Letter" in page and "1 wants no reply" in page
    assert f"1 case cannot be answered as it is: {closed.number}" in page
    assert "Write something first." in said(post("/act", cases, noun="replies", text=" "))
    assert "Fill in" in said(post("/act", cases, noun="replies", text="Hej {{namn}}"))
    asked = post("/act", cases, noun="replies", text="Vattnet är på igen.")
    assert "This is what they get" in said(asked) and "Send 3 replies" in said(asked)
    assert now(closed).version and db.session.scalar(sa.select(Message.id).where(Message.purpose == "reply")) is None

    monkeypatch.setitem(app.config, "OUTBOX_HOLD", timedelta(seconds=15))
    done = post("/act", cases, noun="replies", text="Vattnet är på igen.", sure="yes").get_data(as_text=True)
    entries = re.findall(r'name="entry" value="([^"]+)"', done)
    assert len(entries) == 3 and 'data-seconds="1' in done
    assert post("/retraction", [], entry=entries).status_code == 303  # type: ignore[arg-type]  # a list of them
    assert {now(case).status for case in cases if isinstance(case, Case)} == {"in_progress"}
    assert set(db.session.scalars(sa.select(Message.status).where(Message.purpose == "reply"))) == {"cancelled"}


def test_many_are_planned_for_a_day_with_a_reason_that_their_residents_read(post: Post, resident_case: Filing) -> None:
    cases: list[Case | str] = [resident_case(), resident_case()]
    asked = post("", cases, act="parking:")
    assert "Plan 2 cases for later" in said(asked) and "In a week" in said(asked)
    until = (clock.today() + timedelta(days=40)).isoformat()
    assert "Say why: the resident reads it." in said(post("/act", cases, noun="parking", until=until))
    assert "Choose a day after today." in said(post("/act", cases, noun="parking", until="2020-01-01", reason="x"))
    assert post("/act", cases, noun="parking", until=until, reason="Asfalten läggs i vår.").status_code == 303
    planned = [now(case) for case in cases if isinstance(case, Case)]
    assert {(case.status, str(case.planned_until)) for case in planned} == {("planned", until)}


def test_a_standard_text_is_filled_in_for_each_in_its_language_and_a_gap_stops_only_its_case(
    post: Post, resident_case: Filing, clerk: Staff
) -> None:
    texts = {"sv": "Hej {{name}}, {{number}} är lagat.", "fi": "Hei {{name}}, {{number}} on korjattu."}
    with unit_of_work() as session:
        session.add(text := StandardText(owner_id=clerk.id, titles={"sv": "Lagat"}, texts=texts))
    swedish, finnish, nameless = resident_case(), resident_case(language="fi"), resident_case(reply_by="none")
    cases: list[Case | str] = [swedish, finnish, nameless]
    page = post("/act", cases, noun="replies", insert="yes", standard=str(text.id)).get_data(as_text=True)
    inserted = dict(re.findall(r'<textarea[^>]*name="(text\w*)"[^>]*>\s*([^<]+)<', page))
    assert inserted == {"text": texts["sv"], "text_fi": texts["fi"]}
    assert "Fill in" in said(post("/act", cases, noun="replies", text="Hej", text_fi="Hei {{nimi}}"))
    fields = {**inserted, "noun": "replies", "used": str(text.id), "batch": "b"}
    look_through = said(post("/act", cases, **fields))
    assert f"Hei Rut Åkesson, {finnish.number} on korjattu." in look_through and "Send 2 replies" in look_through
    missing = "The case does not know what stands for “{{name}}”: the resident's name."
    assert f"1 case is left out: {nameless.number} : {missing}" in unescape(look_through)
    assert missing in unescape(said(post("/act", cases, **fields, sure="yes")))
    late = resident_case(now=clock.now() - timedelta(days=30))
    promises = {"noun": "replies", "batch": "l", "text": "Du får svar senast {{due}}.", "sure": "yes"}
    assert "has passed. Write another day." in said(post("/act", [late], **promises))
    replies = sa.select(Entry.case_id, Entry.text).where(Entry.sort == "reply").order_by(Entry.case_id)
    told = {
        case.id: f"{word} Rut Åkesson, {case.number} {done}."
        for case, word, done in ((swedish, "Hej", "är lagat"), (finnish, "Hei", "on korjattu"))
    }
    assert {row.case_id: row.text for row in db.session.execute(replies)} == told
    assert db.session.scalar(sa.select(StandardText.uses)) == 1 and now(nameless).status == "new"


def test_a_macro_runs_on_many_and_tells_of_each_that_it_does_not_fit(
    post: Post, resident_case: Filing, clerk: Staff
) -> None:
    with unit_of_work() as session:
        session.add(text := StandardText(titles={"sv": "Lampa"}, texts={"sv": "{{number}} lagas."}))
        session.flush()
        fix = Macro(titles={"en": "Fix"}, takes=True, says="reply", text_id=text.id, department_code="sb")
        away = Macro(titles={"en": "Away"}, ends="transfer", to_department="kf", reason="Deras.")
        session.add_all([fix, away])
    good, closed = resident_case(), resident_case()
    with unit_of_work() as session:
        over = session.get_one(Case, closed.id)
        lifecycle.close(over, resolution="fixed", reason="Lagat.", by=clerk.as_actor(), now=clock.now())
    cases: list[Case | str] = [good, closed]
    assert "You take the case · Answer the resident" in said(post("", cases, act="macros:"))
    sure = said(post("/act", cases, noun="macros", macro=str(fix.id)))
    assert f"{good.number} lagas." in sure and "Send 1 reply" in sure
    done = said(post("/act", cases, noun="macros", macro=str(fix.id), sure="yes", batch="m"))
    assert "1 case is done, 1 is not" in done and "not possible in its present status" in done
    again = post("/act", [f"{good.number}:1"], noun="macros", macro=str(fix.id), sure="yes", batch="m")
    assert again.status_code == 303  # a double click
    assert (now(good).status, now(good).assignee_id) == ("answered", clerk.id)
    assert db.session.scalar(sa.select(sa.func.count(Entry.id)).where(Entry.case_id == good.id)) == 1
    other = resident_case()
    assert post("/act", [other], noun="macros", macro=str(away.id)).status_code == 303
    assert now(other).department_code == "kf"
    assert "Choose the macro." in said(post("/act", [other], noun="macros", macro="0"))


def test_who_is_away_is_given_cases_only_by_somebody_who_knows(
    post: Post, resident_case: Filing, hire: Callable[..., Staff]
) -> None:
    case, colleague = resident_case(), hire("Ali Hassan", "caseworker", "sb")
    with unit_of_work() as session:
        facts = {"first_day": clock.today(), "last_day": None, "registered_at": clock.now()}
        session.add(Absence(staff_id=colleague.id, sort="leave", **facts))
    assert "Ali Hassan (away)" in said(post("", [case], act="assignment:"))
    warned = post("/act", [case], noun="assignment", assignee=str(colleague.id))
    assert "Ali Hassan is away. Choose somebody else, or say that you mean it." in said(warned)
    assert 'name="anyway"' in warned.get_data(as_text=True)
    assert post("/act", [case], noun="assignment", assignee=str(colleague.id), anyway="y").status_code == 303
    assert now(case).assignee_id == colleague.id


def test_all_that_match_the_filter_are_taken_up_to_a_bound_that_is_said(
    post: Post, resident_case: Filing, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = [resident_case(reply_by="letter") for _case in range(3)]
    other = resident_case()
    monkeypatch.setattr(bulk, "MOST", 2)
    page = post("?reply_by=letter", [], every="yes", act="priority:high").get_data(as_text=True)
    assert "At most 2 cases can be done at a time" in page
    assert re.findall(r'name="case" value="([^":]+)', page) == [case.number for case in letters[:2]]
    assert other.number not in page


def test_nobody_reaches_more_by_picking_many(
    sign_in: Callable[[Staff], FlaskClient],
    with_token: WithToken,
    outsider: Staff,
    manager: Staff,
    resident_case: Filing,
) -> None:
    case = resident_case()
    client = sign_in(outsider)
    data = with_token(client, {"case": f"{case.number}:1", "act": "closure:"}, "/staff/queue")
    assert case.subject not in client.post("/staff/queue/selection", data=data).get_data(as_text=True)
    looking = sign_in(manager)
    assert 'name="case"' not in looking.get("/staff/queue").get_data(as_text=True)
    assert looking.post("/staff/queue/selection", data=with_token(looking, data, "/staff/queue")).status_code == 403


def test_fifty_cases_cost_a_bounded_number_of_statements_each(post: Post, resident_case: Filing) -> None:
    cases: list[Case | str] = [f"{resident_case().number}:1" for _case in range(12)]
    with statements() as seen:
        assert post("/act", cases, noun="priority", priority="high").status_code == 303
    assert len(seen) <= 30 + 6 * len(cases), len(seen)


def test_picking_survives_a_refresh_and_the_bar_comes_with_it(
    browser_page: Page,
    look: Callable[[Page, str], None],
    client: FlaskClient,
    resident_case: Filing,
    clerk: Staff,
) -> None:
    cases = [resident_case(description=f"Lampan vid port {place} är släckt sedan i går.") for place in range(5)]
    with unit_of_work() as session:
        said = {"sv": "{{name}}, vi lagar lamporna i morgon.", "fi": "Korjaamme lamput huomenna."}
        session.add(StandardText(titles={"en": "Lamps"}, texts=said))
        session.execute(sa.update(Case).where(Case.id == cases[1].id).values(language="fi"))
    url = client.application.config["BASE_URL"]
    browser_page.context.add_cookies([{"name": COOKIE, "value": "en", "url": url}])
    client.get("/staff/queue")
    enter(browser_page, client, "/staff/queue")
    bar = browser_page.locator(".selection-bar")
    assert bar.is_hidden()
    for case in cases[:2]:
        browser_page.get_by_label(f"Pick {case.number}").check()
    browser_page.keyboard.press("Enter")
    assert "2 picked" in bar.inner_text()
    with unit_of_work() as session:
        taken = session.get_one(Case, cases[0].id)
        lifecycle.assign(taken, to=clerk, by=clerk.as_actor(), now=clock.now())
    browser_page.evaluate("document.dispatchEvent(new Event('queue:refresh'))")
    browser_page.locator(f'[data-number="{cases[0].number}"] .initials', has_text="KE").wait_for()
    assert browser_page.locator(".row-pick input:checked").count() == 2
    look(browser_page, "queue-picked")
    browser_page.get_by_role("button", name="Reply …").click()
    browser_page.get_by_label("Standard text").select_option("Lamps")
    browser_page.get_by_role("button", name="Put it in").click()
    look(browser_page, "selection-reply")
    browser_page.get_by_role("button", name="Look through before sending").click()
    look(browser_page, "selection-sure")
    browser_page.get_by_role("button", name="Send 2 replies").click()
    browser_page.get_by_text("changed since you looked").wait_for()
    look(browser_page, "selection-done")
    browser_page.get_by_role("button", name="Do it with 1 case all the same").click()
    browser_page.get_by_text("Done with 1 case.").wait_for()
    browser_page.get_by_label(f"Pick {cases[4].number}").check()
    browser_page.get_by_role("button", name="Plan for later …").click()
    look(browser_page, "selection-parking")
