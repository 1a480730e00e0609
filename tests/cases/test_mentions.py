"""A colleague called to a case: who can be, where it is seen, and how to have peace again."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Page

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import RESIDENT
from caseflow.cases import lifecycle
from caseflow.cases.models import Case, Department
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Message
from tests.cases.acting import Desk, WithToken
from tests.cases.entering import enter


def mails() -> list[Message]:
    return list(db.session.scalars(sa.select(Message).where(Message.purpose == "mention").order_by(Message.id)))


def post(client: FlaskClient, with_token: WithToken, path: str, **data: object) -> str:
    answer = client.post(f"/staff/mentions/{path}", data=with_token(client, data), follow_redirects=True)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_who_is_mentioned_sees_it_with_a_count_and_by_mail_when_wanted(
    desk: Desk, hire: Callable[..., Staff], sign_in: Callable[[Staff], FlaskClient], with_token: WithToken
) -> None:
    anna, bo = hire("Anna Lind", "caseworker", "sb"), hire("Bo Ek", "manager", "sb", "kf")
    hers = sign_in(anna)
    hers.set_cookie("language", "en")
    assert "Nobody has mentioned you yet" in hers.get("/staff/mentions").get_data(as_text=True)
    assert "You get a mail" in post(hers, with_token, "mail", wanted="y")
    note = "Kan du titta, @anna lind, och @Bo? Skriv till a@example.org."
    for _click in range(2):
        assert desk.act("notes", text=note, submission="n", version="1").status_code == 303
    desk.act("notes", text="Du med.", tell=anna.id, submission="m")
    (first, second) = mails()
    assert (first.staff_id, second.staff_id, first.status) == (anna.id, anna.id, "queued")
    assert desk.number in first.subject and "titta" not in first.body + first.subject
    page = hers.get("/staff/mentions").get_data(as_text=True)
    assert 'Mentions <span class="count">2</span>' in page and "Kan du titta" in page and "Karin Ek" in page
    opened = hers.get(str(first.frame["link"]).partition("//")[2].partition("/")[2].join(["/", ""]))
    assert opened.status_code == 302 and f"{desk.number}#entry-" in opened.location
    assert 'Mentions <span class="count">1</span>' in hers.get("/staff/mentions").get_data(as_text=True)
    assert "count" not in post(hers, with_token, "reading").split("Mentions")[1][:30]
    assert sign_in(bo).get("/staff/mentions/1").status_code == 404  # another's


def test_only_who_may_see_the_case_can_be_mentioned_and_the_error_stands_at_the_text(
    desk: Desk, outsider: Staff, hire: Callable[..., Staff]
) -> None:
    hire("Anna Lind", "caseworker", "sb")
    hire("Anna Berg", "registrar", "sb")
    for text, words in (
        ("Hej @Olle Utanfor!", "Nobody called @Olle may see the case"),
        ("Hej @Ingen!", "Nobody called @Ingen may see the case"),
        ("Hej @Anna!", "Several people are called @Anna"),
    ):
        answer = desk.act("notes", text=text, submission="n")
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422 and words in page and text in page, text
    assert desk.act("notes", text="Hej", tell=outsider.id, submission="n").status_code == 422
    assert desk.act("notes", text="@Anna Lindström finns inte", submission="n").status_code == 422
    assert desk.entries() == [] and mails() == []
    assert desk.act("notes", text="@Anna Berg, se. Kostar 5 @ 20 kr", submission="n").status_code == 303


def test_whoever_follows_is_told_the_news_until_the_case_leaves_or_they_stop(
    desk: Desk,
    hire: Callable[..., Staff],
    sign_in: Callable[[Staff], FlaskClient],
    with_token: WithToken,
    resident_case: Callable[..., Case],
) -> None:
    hers = sign_in(hire("Anna Lind", "caseworker", "sb"))
    hers.set_cookie("language", "en")
    other = resident_case(description="En annan sak.")
    for number in (desk.number, other.number):
        assert "You follow the case" in post(hers, with_token, "following", number=number, follow="y")
    with unit_of_work() as session:
        lifecycle.hear(session.get_one(Case, desk.case().id), "Nytt!", by=RESIDENT, now=clock.now())
    assert "1 new thing" in hers.get("/staff/mentions").get_data(as_text=True)
    assert hers.get(f"/staff/mentions/cases/{desk.number}").location.endswith(desk.number)
    assert "1 new thing" not in hers.get("/staff/mentions").get_data(as_text=True)
    assert "You follow this case." in hers.get(desk.path).get_data(as_text=True)
    with unit_of_work() as session:
        kf = session.get_one(Department, "kf")
        lifecycle.transfer(session.get_one(Case, other.id), to=kf, reason="x", by=RESIDENT, now=clock.now())
    page = hers.get("/staff/mentions").get_data(as_text=True)
    assert desk.number in page and other.number not in page
    assert "You follow no case any more." in post(hers, with_token, "following")
    assert desk.number not in hers.get("/staff/mentions").get_data(as_text=True)


def test_names_are_completed_while_they_are_typed(
    browser_page: Page,
    look: Callable[[Page, str], None],
    desk: Desk,
    hire: Callable[..., Staff],
    sign_in: Callable[[Staff], FlaskClient],
) -> None:
    anna = hire("Anna Lind", "caseworker", "sb")
    hire("Anders Ek", "caseworker", "sb")
    desk.open_in(browser_page)
    browser_page.locator("label[for=write-notes]").click()
    browser_page.locator("#note-text").press_sequentially("Hej @an")
    assert browser_page.locator(".mention-choice > li").all_inner_texts() == ["Anders Ek", "Anna Lind"]
    look(browser_page, "case-mention")
    browser_page.locator("#note-text").press("ArrowDown")
    browser_page.locator("#note-text").press("Enter")
    assert browser_page.locator("#note-text").input_value() == "Hej @Anna Lind "
    browser_page.get_by_role("button", name="Save the note").click()
    browser_page.wait_for_selector(".said-note")
    enter(browser_page, sign_in(anna), "/staff/mentions")
    look(browser_page, "mentions")
