"""Cases that belong together: linked, parts of a greater one, and one text that was about two things."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Page

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import RESIDENT
from caseflow.cases import lifecycle
from caseflow.cases.models import Case
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Message
from tests.cases.acting import Desk

THEN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
BOTH = "Lampan på Skolgatan är släckt.\n\nSen undrar jag när badet öppnar i vår."
BATH = "Sen undrar jag  när badet öppnar i vår."


def at(desk: Desk, case: Case) -> Desk:
    return Desk(desk.client, desk.with_token, case)


def latest() -> Case:
    db.session.rollback()
    return db.session.scalars(sa.select(Case).order_by(Case.id.desc()).limit(1)).one()


def test_a_link_stands_on_both_cases_and_is_taken_away_again(desk: Desk, resident_case: Callable[..., Case]) -> None:
    other = resident_case(email="b@example.org", description="En annan sak.")
    for click in range(2):
        assert desk.act("link", other=other.number, how="related", version="1").status_code == 303, click
    assert "Related" in desk.read() and desk.number in at(desk, other).read()
    assert desk.act("link", other=other.number, how="related").status_code == 422
    assert at(desk, other).act("unlinking", other=desk.number, how="related").status_code == 303
    assert at(desk, other).act("unlinking", other=desk.number, how="related").status_code == 303
    assert desk.verbs() == at(desk, other).verbs() == ["receive", "relate", "unrelate"]
    assert "linked the case with" in desk.read()


def test_parts_hang_under_one_case_never_in_a_circle_and_are_answered_with_one_text(
    desk: Desk, resident_case: Callable[..., Case], desk_with: Callable[..., Desk], outsider: Staff
) -> None:
    trees = [resident_case(email=f"t{n}@example.org", description=f"Träd {n} har fallit.") for n in range(3)]
    by_letter = resident_case(reply_by="letter", description="Ett träd till.")
    for child in (*trees, by_letter):
        assert at(desk, child).act("link", other=desk.number, how="parent").status_code == 303
    grand = resident_case(description="Ännu större.")
    refused = at(desk, grand).act("link", other=trees[0].number, how="child")
    assert refused.status_code == 422 and "part of another one already" in refused.get_data(as_text=True)
    desk.act("link", other=grand.number, how="parent")
    assert at(desk, grand).act("link", other=trees[0].number, how="parent").status_code == 422
    at(desk, trees[0]).act("closure", resolution="fixed", reason="Röjt.")
    assert "4 parts, 3 open" in desk.read()
    desk.act("closure", resolution="fixed", reason="Allt är röjt.")
    assert "Answer 3 cases" in desk.read()
    assert desk.act("answers", text="", submission="s").status_code == 422
    assert desk_with(staff=outsider, at=desk.case()).act("answers", text="x", submission="s").status_code == 404
    answer = desk.act("answers", text="Träden är borta 🌲.", submission="s", close_after="y")
    said = desk.client.get(answer.location).get_data(as_text=True)
    assert "2 cases are answered." in said and f"Not answered: {by_letter.number}" in said
    for _click in range(2):
        desk.act("answers", text="Träden är borta.", submission="t", close_after="y")
    sent = sa.select(Message.case_id, Message.channel).where(Message.purpose == "reply").order_by(Message.id)
    wanted = [(trees[1].id, "email"), (trees[2].id, "email"), (by_letter.id, "letter")]
    assert [tuple(row) for row in db.session.execute(sent)] == wanted
    assert "4 parts, 0 open" in desk.read()


def test_a_part_becomes_a_case_promised_from_when_it_was_said_and_the_resident_is_told_both_numbers(
    desk_with: Callable[..., Desk], client: FlaskClient, resident_case: Callable[..., Case]
) -> None:
    for reply_by in ("email", "letter", "phone", "none"):
        desk = desk_with(at=resident_case(reply_by=reply_by, description=BOTH, now=THEN, language="en"))
        for _click in range(2):
            made = desk.act("part", text=BATH, department="sb", submission=f"s{reply_by}", version="1")
            assert made.status_code == 303
        part = latest()
        assert (part.received_at, part.due_on) == (THEN, desk.case().due_on)
        assert part.number != desk.number and part.code != desk.case().code
        told = db.session.scalars(sa.select(Message).where(Message.case_id == part.id)).all()
        assert [(one.channel, one.purpose) for one in told] == [(reply_by, "receipt")] * (reply_by != "none")
        assert all(part.number in one.body and desk.number in one.body for one in told)
        own = client.get(f"/case/{desk.case().code}").get_data(as_text=True)
        assert f"/case/{part.code}" in own and part.number in own
        assert desk.number in client.get(f"/case/{part.code}").get_data(as_text=True)
        assert part.number in desk.read() and desk.number in at(desk, part).read()
        assert "badet" in desk.case().description
    assert desk.client.get("/staff/calls").status_code == 200


def test_what_was_added_later_is_promised_from_then(desk: Desk) -> None:
    with unit_of_work() as session:
        lifecycle.hear(session.get_one(Case, desk.case().id), BATH, by=RESIDENT, now=clock.now())
    desk.act("part", text=BATH, department="sb", submission="s")
    assert latest().received_at > desk.case().received_at
    assert desk.act("part", text=" ", department="sb", submission="t").status_code == 422
    assert desk.act("part", text="x", department="nowhere", submission="t").status_code == 422


def test_a_greater_case_looks_right(
    browser_page: Page, look: Callable[[Page, str], None], desk: Desk, resident_case: Callable[..., Case]
) -> None:
    for n in range(6):
        child = resident_case(email=f"t{n}@example.org", description=f"Träd {n} har fallit över vägen.")
        at(desk, child).act("link", other=desk.number, how="parent")
    desk.act("link", other=resident_case(description="Elavbrott.").number, how="related")
    desk.act("part", text="Kan ni laga den?", department="sb", submission="p")
    desk.open_in(browser_page)
    look(browser_page, "case-parent")
    browser_page.get_by_text("Merge, link or split").click()
    browser_page.get_by_text("Link with another case").click()
    look(browser_page, "case-linking")
