"""A resident answers our mail; the mails are made as people's mail programs make them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from caseflow import files
from caseflow.audit import SYSTEM
from caseflow.cases import lifecycle
from caseflow.cases.models import Case, Entry
from caseflow.clock import now
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Attachment, IncomingMail
from tests.mailroom.conftest import Post, counted
from tests.mailroom.mailprograms import JPEG, PROGRAMS, Answer, fresh, gmail, iphone

WORDS = "Hej! Den är fortfarande släckt, och nu är även lampan bredvid trasig sedan i går kväll. Kan ni komma förbi?"


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=list(PROGRAMS))
def test_the_new_words_land_on_the_case_and_the_earlier_mail_does_not(post: Post, program: Answer) -> None:
    row = post.come_in(program(post.mail, WORDS))
    assert (row.outcome, row.case_id) == ("heard", post.case().id)
    (said,) = post.said()
    assert " ".join(said.split()).startswith(WORDS)
    assert "lagas på måndag" not in said
    assert "/case/" not in said
    assert post.case().status == "in_progress"
    assert "another_sender" not in post.verbs()


def test_a_photograph_is_kept_with_the_words(post: Post, app: Flask) -> None:
    row = post.come_in(iphone(post.mail, WORDS))
    kept = db.session.scalars(sa.select(Attachment)).one()
    assert (kept.case_id, kept.entry_id, kept.incoming_id) == (post.case().id, row.entry_id, row.id)
    assert (kept.name, kept.media_type, kept.size) == ("IMG_0042 å.jpeg", "image/jpeg", len(JPEG))
    assert files.read(kept.sha256, app.config) == JPEG


def test_the_same_mail_twice_is_said_once(post: Post) -> None:
    raw = gmail(post.mail, WORDS)
    assert post.come_in(raw).id == post.come_in(raw).id
    assert len(post.said()) == counted(IncomingMail) == 1


def test_the_same_mail_by_another_way_is_said_once(post: Post) -> None:
    raw = gmail(post.mail, WORDS)
    post.come_in(raw)
    assert (
        post.come_in(b"Received: by another.example.org; Mon, 23 Nov 2026 14:06:00 +0100\r\n" + raw).outcome
        == "ignored"
    )
    assert len(post.said()) == 1


def test_an_answer_from_another_address_lands_and_is_marked(post: Post) -> None:
    row = post.come_in(gmail(post.mail, WORDS, sender="Ali <ali@example.org>"))
    assert (row.outcome, row.sender) == ("heard", "ali@example.org")
    assert post.verbs()[-2:] == ["hear", "another_sender"]
    assert post.case().email == "rut@example.org"


def test_without_our_address_the_thread_says_the_case(post: Post) -> None:
    raw = fresh("Lampan", "Den är släckt.", sender="x@example.org", References=str(post.mail["Message-ID"]))
    assert post.come_in(raw).case_id == post.case().id


def test_the_number_counts_from_the_case_s_own_address(post: Post) -> None:
    assert post.come_in(fresh(f"Sv: [{post.number}] Lampan", "Släckt.", sender="RUT@Example.org")).outcome == "heard"


@pytest.mark.parametrize("headers", [{}, {"In_Reply_To": "<guess@example.org>"}], ids=["number", "invented thread"])
def test_a_stranger_who_knows_the_number_makes_a_case_of_their_own(post: Post, headers: dict[str, str]) -> None:
    row = post.come_in(fresh(f"[{post.number}] Lampan", "Visa mig svaret.", sender="eva@example.org", **headers))
    assert row.outcome == "filed"
    assert row.case_id != post.case().id
    assert post.said() == []


def test_a_forged_address_of_a_case_makes_a_case_of_its_own(post: Post) -> None:
    reply_to = str(post.mail["Reply-To"]).rpartition("<")[2].rstrip(">")
    forged = reply_to.replace(reply_to.partition(".")[2][:3], "aaa")
    assert forged != reply_to
    assert post.come_in(fresh("Lampan", "Hej", sender="eva@example.org", to=forged)).outcome == "filed"


def test_what_a_server_did_not_believe_does_not_count_by_number(post: Post) -> None:
    failed = "mx.example.org; spf=fail; dmarc=fail header.from=example.org"
    raw = fresh(f"[{post.number}]", "Släckt.", sender="rut@example.org", Authentication_Results=failed)
    assert post.come_in(raw).outcome == "filed"


def test_a_resident_s_own_earlier_mail_says_the_case_but_nobody_else_s(post: Post) -> None:
    first = post.come_in(fresh("Gunga", "Den är trasig.", sender="bo@example.org", Message_ID="<1@example.org>"))
    more = {"In_Reply_To": "<1@example.org>"}
    assert post.come_in(fresh("Gunga", "Och skräp.", sender="bo@example.org", **more)).case_id == first.case_id
    assert post.come_in(fresh("Gunga", "Jag då?", sender="eva@example.org", **more)).case_id != first.case_id


def test_a_closed_case_is_work_again(post: Post) -> None:

    with unit_of_work():
        lifecycle.close(post.case(), resolution="answered", reason=None, by=SYSTEM, now=now())
    post.come_in(gmail(post.mail, WORDS))
    assert post.case().status == "in_progress"


def test_an_empty_answer_says_so_and_a_long_one_is_cut(post: Post) -> None:
    post.come_in(fresh(f"[{post.number}]", " \n", sender="rut@example.org"))
    post.come_in(fresh(f"[{post.number}]", "ord " * 6_000, sender="rut@example.org"))
    empty, long = post.said()
    assert empty
    assert 20_000 < len(long) < 20_100


def test_nothing_of_a_person_is_in_the_events(post: Post) -> None:
    post.come_in(gmail(post.mail, WORDS, sender="Ali <ali@example.org>"))
    events = db.session.execute(
        sa.text("SELECT string_agg(data::text || coalesce(reason, ''), ' ') FROM event")
    ).scalar()
    assert "example.org" not in str(events)
    assert counted(Case) == 1
    assert counted(Entry) == 2
