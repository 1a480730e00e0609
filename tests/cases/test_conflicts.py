"""Two people at one case: the second sees both versions, and nothing that was typed is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask

from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from tests.cases.acting import Desk

WORDS = "Ett långt svar med <tecken> & radbrytning.\n\nAndra stycket."


@pytest.fixture
def colleague(hire: Callable[..., Staff], desk_with: Callable[..., Desk], desk: Desk) -> Desk:
    return desk_with(staff=hire("Ali Hassan", "caseworker", "sb"), at=desk.case())


def test_a_stale_reply_shows_what_happened_and_what_was_typed(desk: Desk, colleague: Desk, clerk: Staff) -> None:
    colleague.act("notes", text="Jag ringde henne i går.", submission="n")
    colleague.act("assignment", assignee=clerk.id)
    late = desk.act("replies", text=WORDS, channel="email", submission="s", close_after="y", version="1")
    page = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "The case has changed since you opened it" in page
    assert "Jag ringde henne i går." in page
    assert "Ali Hassan gave the case to Karin Ek" in page
    assert "Ett långt svar med &lt;tecken&gt; &amp; radbrytning.\n\nAndra stycket.</textarea>" in page
    assert 'name="submission" value="s"' in page
    assert 'name="close_after" value="y" checked' in page
    assert "Gatlampan utanför" not in page.split("Since then")[1].split("What you wanted to do")[0]
    assert desk.messages() == []


def test_it_can_be_done_all_the_same_on_the_new_version(desk: Desk, colleague: Desk) -> None:
    colleague.act("notes", text="En notering.", submission="n")
    late = desk.act("replies", text=WORDS, channel="email", submission="s", version="1")
    assert 'name="version" value="2"' in late.get_data(as_text=True)
    assert desk.act("replies", text=WORDS, channel="email", submission="s", version="2").status_code == 303
    assert len(desk.messages()) == 1


@pytest.mark.parametrize(
    ("noun", "data"),
    [
        ("assignment", {"assignee": ""}),
        ("transfer", {"department": "kf", "reason": "Simhallen."}),
        ("questions", {"text": "Vilken lampa?", "channel": "email", "submission": "q"}),
        ("notes", {"text": "Min notering.", "submission": "m"}),
        ("parking", {"until": "2099-01-01", "reason": "Till våren."}),
        ("closure", {"resolution": "fixed", "reason": "Lagat."}),
        ("contact", {"name": "Rut", "email": "rut@example.org", "town": "Rejmyre"}),
    ],
)
def test_every_act_on_an_old_page_is_refused_with_its_values(
    desk: Desk, colleague: Desk, clerk: Staff, noun: str, data: dict[str, str]
) -> None:
    colleague.act("assignment", assignee=clerk.id)
    before = desk.verbs()
    late = desk.act(noun, **data, version="1")
    page = late.get_data(as_text=True)
    assert late.status_code == 409
    for name, value in data.items():
        assert f'name="{name}"' in page
        assert value in page
    assert desk.verbs() == before


def test_what_is_no_longer_possible_can_still_be_kept_as_a_note(desk: Desk, colleague: Desk) -> None:
    colleague.act("closure", resolution="duplicate", reason="Dubblett.")
    late = desk.act("replies", text=WORDS, channel="email", submission="s", version="1")
    page = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "Do it all the same" not in page
    assert "Save my text as an internal note" in page
    assert desk.act("notes", text=WORDS, submission="s", version="2").status_code == 303
    assert desk.entries() == [("note", WORDS)]


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "1.0"])
def test_a_form_without_its_version_changes_nothing(desk: Desk, version: str) -> None:
    answer = desk.act("notes", text="Hej", submission="n", version=version)
    assert answer.status_code == 422
    assert "The page was incomplete." in answer.get_data(as_text=True)
    assert "Hej</textarea>" in answer.get_data(as_text=True)
    assert desk.entries() == []


def test_of_two_who_take_it_at_once_one_gets_it(app: Flask, desk: Desk, colleague: Desk) -> None:
    """Both posts are under way at the same time; the lock on the row lets one through and shows the other."""
    people = {desk: desk.with_token(desk.client, {"version": "1", "text": "A", "submission": "a"})}
    people[colleague] = colleague.with_token(colleague.client, {"version": "1", "text": "B", "submission": "b"})
    codes: list[int] = []

    def post(person: Desk, data: dict[str, object]) -> None:
        codes.append(person.client.post(f"{person.path}/notes", data=data).status_code)

    threads = [threading.Thread(target=post, args=pair) for pair in people.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [303, 409]
    assert len(desk.entries()) == 1


def test_a_parallel_double_click_says_it_once(app: Flask, desk: Desk, resident_case: Callable[..., Case]) -> None:
    data = desk.with_token(desk.client, {"version": "1", "text": WORDS, "channel": "email", "submission": "s"})
    codes: list[int] = []

    def post() -> None:
        codes.append(desk.client.post(f"{desk.path}/replies", data=data).status_code)

    threads = [threading.Thread(target=post) for _click in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [303] * 4
    assert len(desk.messages()) == 1
