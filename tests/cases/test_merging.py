"""Several reports of one thing: merged, answered each in its own way, heard, and taken apart again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import RESIDENT, Event
from caseflow.cases import lifecycle, scope, streets
from caseflow.cases.models import Case, Department, Entry
from caseflow.cases.relations import family, merging, resemblance
from caseflow.cases.triage.lookup import Lookup
from caseflow.cases.triage.search import plain
from caseflow.database import db, unit_of_work
from caseflow.messages import fate
from caseflow.messages.models import Message
from caseflow.processes import wait_until
from tests.cases.acting import Desk, statements

POTHOLE = "Stort hål i Storgatan vid busshållplatsen."
OTHERS = "Granne Grannsson"


def neighbour(resident_case: Callable[..., Case], **overrides: object) -> Case:
    """The same, reported by somebody else, who wants a letter in Finnish."""
    there = {"language": "fi", "name": OTHERS, "street": "Nygatan 1", "postcode": "61231", "town": "Finspång"}
    return resident_case(reply_by="letter", description=POTHOLE, **{**there, **overrides})


def told(case: Case) -> list[Message]:
    sent = sa.select(Message).where(Message.case_id == case.id, Message.purpose != "receipt").order_by(Message.id)
    return list(db.session.scalars(sent.execution_options(populate_existing=True)))


def write(case: Case, text: str) -> None:
    with unit_of_work():
        lifecycle.hear(family.locked_whole(case.id), text, by=RESIDENT, now=clock.now())


def fresh(case: Case) -> Case:
    db.session.rollback()
    return db.session.get_one(Case, case.id, populate_existing=True)


def test_a_reply_answers_every_reporter_by_the_own_channel_and_names_nobody_else(
    desk: Desk, resident_case: Callable[..., Case], client: FlaskClient
) -> None:
    stub, other = neighbour(resident_case), resident_case(email="tredje@example.org", name="Tredje Person")
    for case in (stub, other):
        assert desk.act("merger", other=case.number, keep="this").status_code == 303
    assert (fresh(stub).status, fresh(stub).resolution, desk.case().status) == ("closed", "duplicate", "new")
    page = desk.read()
    assert "The answer goes to 2 more residents" in page and stub.number in page
    emoji = desk.act("replies", text="Hålet lagas 🚧.", channel="email", submission="e")
    assert emoji.status_code == 422 and "A letter cannot print" in emoji.get_data(as_text=True)
    desk.act("replies", text="Hålet lagas på måndag.", channel="email", submission="s", close_after="y")
    letter, mail = told(stub), told(other)
    assert [(one.channel, one.case_id, one.language) for one in letter] == [("letter", stub.id, "fi")]
    assert [(one.channel, one.recipient["email"]) for one in mail] == [("email", "tredje@example.org")]
    assert [len(desk.messages()), desk.case().resolution] == [1, "answered"]
    for message, case in ((letter[0], stub), (mail[0], other)):
        assert "Hålet lagas på måndag." in message.body and message.frame["case_number"] == case.number
        whole = f"{message.subject} {message.body} {message.frame} {message.recipient}"
        strangers = {"Rut", OTHERS, "Tredje Person"} - {OTHERS if case is stub else "Tredje Person"}
        assert not any(name in whole for name in strangers)
        assert desk.case().code not in whole and desk.number not in whole
    client.set_cookie("language", "en")
    own = client.get(f"/case/{stub.code}").get_data(as_text=True)
    assert "Hålet lagas på måndag." in own and "Rut" not in own and desk.number not in own
    # A slip of the pen is undone in all of them; figures count one answered case.
    assert fresh(stub).answered_at is not None and "reply" not in Desk.verbs(at(desk, stub))


def at(desk: Desk, case: Case) -> Desk:
    return Desk(desk.client, desk.with_token, case)


def test_what_becomes_of_the_main_case_is_told_on_each_own_page_in_its_language(
    desk: Desk, resident_case: Callable[..., Case], client: FlaskClient
) -> None:
    stub = neighbour(resident_case, language="en")

    def own_page() -> str:
        return client.get(f"/case/{stub.code}").get_data(as_text=True)

    desk.act("merger", other=stub.number, keep="this")
    assert "We deal with it together and answer each of you." in own_page()
    assert "answers no later than" in own_page()
    desk.act("parking", until="2099-05-01", reason="Asfalten läggs på våren.")
    assert "We planned your case for" in own_page() and "Asfalten läggs på våren." in own_page()
    desk.act("closure", resolution="fixed", reason="Hålet är lagat.")
    assert "Hålet är lagat." in own_page() and "We closed your case." in own_page()
    assert fresh(stub).resolution == "duplicate"


def test_who_comes_late_gets_the_answer_that_the_others_got(
    desk: Desk, resident_case: Callable[..., Case], clerk: Staff
) -> None:
    desk.act("replies", text="Vi lagar hålet i dag.", channel="email", submission="s", close_after="y")
    stub = neighbour(resident_case)
    late = at(desk, stub)
    assert late.act("merger", other=desk.number.partition("-")[2], keep="other").status_code == 303
    assert [one.channel for one in told(stub)] == ["letter"]
    assert "Vi lagar hålet i dag." in told(stub)[0].body
    assert desk.case().status == "closed"


def test_what_a_merged_resident_writes_is_work_in_the_main_case(
    desk: Desk, resident_case: Callable[..., Case], clerk: Staff
) -> None:
    stub = neighbour(resident_case)
    desk.act("merger", other=stub.number, keep="this")
    desk.act("replies", text="Klart.", channel="email", submission="s", close_after="y")
    assert desk.case().status == "closed"
    write(stub, "Hålet är där igen!")
    assert (desk.case().status, fresh(stub).status) == ("in_progress", "closed")
    page = desk.read().split('class="talk"')[1]
    assert "Hålet är där igen!" in page and "The resident of a merged case" in page and OTHERS not in page
    since = db.session.scalar(sa.select(Lookup.waiting_since).where(Lookup.case_id == desk.case().id))
    assert since == db.session.scalar(sa.select(sa.func.max(Entry.at)).where(Entry.case_id == stub.id))
    assert at(desk, stub).act("reopening", reason="x").status_code == 409


def test_an_answer_that_does_not_reach_one_reporter_wakes_the_main_case(
    desk: Desk, resident_case: Callable[..., Case], deliver_all: Callable[[], None]
) -> None:
    stub = resident_case(reply_by="phone", description=POTHOLE)
    desk.act("merger", other=stub.number, keep="this")
    desk.act("replies", text="Klart.", channel="email", submission="s", close_after="y")
    with unit_of_work():
        call = db.session.get_one(Message, told(stub)[0].id)
        call.status = "accepted"
        fate.unreachable(call, reason="wrong number")
        lifecycle.undelivered(call, clock.now())
    assert (desk.case().status, fresh(stub).status) == ("in_progress", "closed")
    assert f"Case {stub.number}, which is merged into this" in desk.read()


def test_it_is_taken_out_again_with_its_promise_and_department(
    desk: Desk, desk_with: Callable[..., Desk], hire: Callable[..., Staff], resident_case: Callable[..., Case]
) -> None:
    both = desk_with(staff=hire("Anna Lind", "coordinator", "sb", "kf"), at=desk.case())
    stub = resident_case(department="kf", kind="fraga", description=POTHOLE)
    due = desk.case().due_on
    with unit_of_work() as session:
        session.get_one(Case, stub.id).due_on = date(2020, 1, 1)
    both.act("merger", other=stub.number, keep="this")
    assert (fresh(stub).department_code, desk.case().due_on) == ("sb", date(2020, 1, 1))
    with unit_of_work() as session:
        ls = session.get_one(Department, "ls")
        lifecycle.transfer(session.get_one(Case, desk.case().id), to=ls, reason="x", by=RESIDENT, now=clock.now())
    assert fresh(stub).department_code == "ls"
    hers = desk_with(staff=hire("Lena Ek", "coordinator", "ls", "kf"), at=stub)
    assert hers.act("separation").status_code == 303
    assert (fresh(stub).status, fresh(stub).department_code, desk.case().due_on) == ("in_progress", "kf", due)
    desk_with(staff=hire("Lars Ek", "coordinator", "ls"), at=desk.case()).act(
        "replies", text="Klart.", channel="email", submission="s"
    )
    assert told(stub) == []


def test_undoing_takes_back_every_copy(desk: Desk, resident_case: Callable[..., Case]) -> None:
    from datetime import timedelta

    app = desk.client.application
    app.config["OUTBOX_HOLD"] = timedelta(seconds=15)
    try:
        stub = neighbour(resident_case)
        desk.act("merger", other=stub.number, keep="this")
        desk.act("replies", text="Fel text.", channel="email", submission="s", close_after="y")
        entry = db.session.scalars(sa.select(Entry).where(Entry.case_id == desk.case().id)).one()
        copy = db.session.scalars(sa.select(Entry).where(Entry.copy_of == entry.id)).one()
        assert at(desk, stub).act(f"entries/{copy.id}/retraction").status_code == 404
        assert desk.act(f"entries/{entry.id}/retraction").status_code == 303
    finally:
        app.config["OUTBOX_HOLD"] = timedelta(0)
    assert [message.status for message in (*told(stub), *desk.messages())] == ["cancelled", "cancelled"]
    assert (fresh(stub).status, fresh(stub).answered_at) == ("closed", None)
    assert "Fel text." not in desk.client.get(f"/case/{stub.code}").get_data(as_text=True)


def test_nothing_is_merged_across_secrecy_or_beyond_the_scope_and_the_error_stands_at_the_field(
    desk: Desk, desk_with: Callable[..., Desk], hire: Callable[..., Staff], resident_case: Callable[..., Case]
) -> None:
    both = desk_with(staff=hire("Anna Lind", "coordinator", "sb", "ifo"), at=desk.case())
    secret, foreign = resident_case(department="ifo"), resident_case(department="kf")
    closed = resident_case()
    at(desk, closed).act("closure", resolution="fixed", reason="x")
    for typed, words in (
        (secret.number, "one of the departments keeps its cases secret"),
        (foreign.number, "There is no such case that you may handle."),
        ("2020-1\x00", "There is no such case that you may handle."),
        (desk.number, "That is this case."),
        (closed.number, "The case is closed already"),
        ("", "Write the number of the case."),
    ):
        answer = both.act("merger", other=typed, keep="this")
        assert answer.status_code == 422 and words in answer.get_data(as_text=True), typed
    assert "merge" not in at(desk, secret).verbs() and desk.verbs() == ["receive"]


def test_a_merged_main_case_brings_its_own_along(desk: Desk, resident_case: Callable[..., Case]) -> None:
    middle, first = resident_case(email="b@example.org"), neighbour(resident_case)
    at(desk, middle).act("merger", other=first.number, keep="this")
    desk.act("merger", other=middle.number, keep="this")
    desk.act("replies", text="Klart.", channel="email", submission="s")
    assert [len(told(case)) for case in (middle, first)] == [1, 1]
    assert desk.act("merger", other=first.number, keep="this").status_code == 422


def test_likely_duplicates_are_found_with_the_reason_in_one_statement_and_within_the_scope(
    desk: Desk, desk_with: Callable[..., Desk], outsider: Staff, resident_case: Callable[..., Case], clerk: Staff
) -> None:
    same = resident_case(email="a@example.org", description="Lampan på Skolgatan utanför nummer 6 är släckt.")
    resident_case(description="När öppnar biblioteket på lördagar?")
    hidden = resident_case(department="kf", description="Gatlampan utanför Skolgatan 4 är släckt, hemligt.")
    page = desk.client.get(f"{desk.path}/alike").get_data(as_text=True)
    assert same.number in page and "Same street: Skolgatan." in page and "släckt" in page
    assert hidden.number not in page and "biblioteket" not in page
    assert desk.client.get(f"{desk.path}/alike?part=1").get_data(as_text=True).count("<li>") == 1
    found = scope.find(clerk, desk.number)
    with statements() as run:
        assert found is not None and len(resemblance.of(clerk, found, now=clock.now())) == 1
    assert len(run) == 1
    assert desk_with(staff=outsider, at=same).client.get(f"{desk.path}/alike").status_code == 404


def test_likely_duplicates_are_found_behind_thousands_of_newer_cases(
    monkeypatch: pytest.MonkeyPatch, resident_case: Callable[..., Case], hire: Callable[..., Staff]
) -> None:
    """By their place, in words or as a street in the text, or by their category; where only words are alike, among the
    newest of the department."""
    monkeypatch.setattr(resemblance, "LOOKED_AT", 2)
    staff = hire("Anna Lind", "coordinator", "sb", "kf")
    pipe, pool = "Rostig ledning läcker i backen", "Bassängen läcker grumligt"
    street = resident_case(department="kf", description="Lyktan vid Skolgatan 6 är släckt sedan i går.")
    by_place = resident_case(description=f"{pool} vatten.", place="Gröna badhuset")
    by_category = resident_case(description=f"{pipe} sedan i går.", category="sb.vagar")
    for number in range(4):
        resident_case(description=f"Helt annat ärende {number} om öppettider.")

    def found(**facts: str) -> list[str]:
        case = scope.find(staff, resident_case(**facts).number)
        assert case is not None
        return [one.row.number for one in resemblance.of(staff, case, now=clock.now())]

    assert found(description=f"Lyktan på Skolgatan är släckt. {'o' * 3_000}gatan") == [street.number]
    assert found(description=f"{pool} hela dagen.", place="gröna Badhuset") == [by_place.number]
    assert found(description=f"{pipe} alltjämt.", category="sb.vagar") == [by_category.number]
    assert found(description="Det är mörkt på cykelvägen, se detaljplan.") == []
    said = " ".join(f"Sko{ending}" for ending in streets.ENDINGS)
    kept = db.session.scalar(sa.select(sa.func.place_keys("", said, None, clock.now())))
    assert {plain(street) for street in streets.within(said)} == {key.partition(" ")[0] for key in kept or ()}
    assert found(description="Ledningen under torget brummar.", category="sb.park", place="59.1, 15.7") == []


def test_letter_people_have_a_history_too(desk_with: Callable[..., Desk], resident_case: Callable[..., Case]) -> None:
    desk = desk_with(reply_by="letter")
    mine = [resident_case(reply_by="letter", name="rut åkesson", description=f"Brev {n}.") for n in range(7)]
    lodger = resident_case(reply_by="letter", name="Annan Person")
    page = desk.read().split("Other cases of the same resident")[1]
    assert '<span class="count">7</span>' in page and lodger.number not in page
    everything = desk.client.get(f"{desk.path}/history").get_data(as_text=True)
    assert all(case.number in everything for case in mine) and lodger.number not in everything
    assert mine[0].number in desk.client.get(f"{desk.path}/history?before={mine[1].id}").get_data(as_text=True)


def test_two_presses_merge_what_the_page_found_by_itself(
    browser_page: Page, look: Callable[[Page, str], None], desk: Desk, resident_case: Callable[..., Case]
) -> None:
    stub = resident_case(email="a@example.org", description="Lampan på Skolgatan utanför nummer 6 är släckt.")
    at(desk, stub).open_in(browser_page)
    browser_page.get_by_text("1 case may be about the same").click()
    look(browser_page, "case-alike")
    browser_page.get_by_role("button", name=f"Merge this case into {desk.number}").click()
    browser_page.wait_for_selector(".flash")
    browser_page.goto(desk.path)
    look(browser_page, "case-main")
    browser_page.goto(f"/staff/cases/{stub.number}")
    look(browser_page, "case-merged")
    browser_page.get_by_role("button", name="Take it out again").click()
    browser_page.wait_for_selector(".flash")
    assert desk.verbs() == ["receive", "take_in", "let_go"]


def waits() -> bool:
    """Whether somebody waits for a lock, as a connection of its own sees it."""
    asked = sa.text("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
    with db.engine.connect() as connection:
        return connection.scalar(asked) is not None


class Second:
    """Somebody else, on a connection of their own: begins, and is waited for until they wait for a lock."""

    def __init__(self, app: Flask, act: Callable[[], None]) -> None:
        self.went_wrong: list[Exception] = []
        self._app, self._act = app, act
        self._thread = threading.Thread(target=self._do)

    def begin(self) -> None:
        self._thread.start()
        assert wait_until(waits, 10)

    def end(self) -> None:
        self._thread.join(20)
        assert self.went_wrong == []

    def _do(self) -> None:
        try:
            with self._app.app_context(), unit_of_work():
                self._act()
        except Exception as error:
            self.went_wrong.append(error)


def test_who_replies_and_who_takes_a_merged_case_out_wait_for_each_other_in_one_order(
    app: Flask, desk: Desk, resident_case: Callable[..., Case], clerk: Staff
) -> None:
    stub, main = desk.case(), resident_case()
    desk.act("merger", other=main.number, keep="other")

    def take_out() -> None:
        case = scope.find_for_act(clerk, stub.number, None)
        assert case is not None
        merging.unmerge(case, by=clerk.as_actor(), now=clock.now())

    second = Second(app, take_out)
    with unit_of_work():
        case = scope.find_for_act(clerk, main.number, None)
        assert case is not None
        second.begin()
        lifecycle.reply(case, "Klart.", channel="email", by=clerk.as_actor(), now=clock.now())
    second.end()
    assert [message.purpose for message in told(stub)] == ["reply"] and fresh(stub).status == "in_progress"


def test_who_hears_a_resident_while_the_case_is_merged_holds_the_main_case_too(
    app: Flask, desk: Desk, resident_case: Callable[..., Case], clerk: Staff
) -> None:
    stub, main = desk.case(), resident_case()

    def hear() -> None:
        lifecycle.hear(family.locked_whole(stub.id), "Nå?", by=RESIDENT, now=clock.now())
        assert main.id in {case.id for case in db.session if isinstance(case, Case)}

    second = Second(app, hear)
    with unit_of_work():
        both = family.locked(Case.id.in_([stub.id, main.id]))
        merging.merge(both[0], both[1], by=clerk.as_actor(), now=clock.now())
        second.begin()
    second.end()
    verbs = sa.select(Event.verb).where(Event.subject_id == main.id, Event.subject == "case").order_by(Event.id)
    assert list(db.session.scalars(verbs)) == ["receive", "take_in", "echo"] and fresh(stub).status == "closed"
