"""Mails of ours that come back, as five mail servers send them back."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from flask import Flask

from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Message
from tests.mailroom.bouncing import SERVERS, Bounce, postfix, qmail, read_receipt
from tests.mailroom.conftest import Post, counted
from tests.mailroom.mailprograms import away, fresh
from tests.messages.posting import die_in_call, reply


@pytest.mark.parametrize("server", SERVERS.values(), ids=list(SERVERS))
def test_a_bounce_gives_the_case_back_with_the_server_s_words(post: Post, server: Bounce) -> None:
    """It comes to an address that names no message, so its copy of the mail must."""
    row = post.come_in(server(post.mail, "kommun@example.org"))
    assert (row.outcome, row.message_id) == ("bounce", post.message_id)
    message = post.message()
    assert message.status == "bounced"
    assert "5." in str(message.error)
    assert (post.case().status, post.verbs()[-1]) == ("in_progress", "undelivered")
    assert counted(Case) == 1


def test_the_return_path_alone_names_the_message(post: Post) -> None:
    stranger = EmailMessage()
    stranger["Message-ID"] = "<no@example.org>"
    stranger.set_content("")
    assert post.come_in(postfix(stranger, post.return_path)).message_id == post.message_id
    assert post.message().status == "bounced"


def test_told_twice_it_bounces_once(post: Post) -> None:
    post.come_in(postfix(post.mail, post.return_path))
    post.come_in(qmail(post.mail, post.return_path))
    assert post.verbs().count("undelivered") == 1


@pytest.mark.parametrize("status", ["4.4.1", "4.2.2"])
def test_a_delay_is_noted_and_nothing_else(post: Post, status: str) -> None:
    row = post.come_in(postfix(post.mail, post.return_path, action="delayed", status=status))
    assert (row.outcome, row.message_id) == ("delay", post.message_id)
    assert post.message().status == "accepted"
    assert "undelivered" not in post.verbs()


def test_a_server_that_has_given_up_has_lost_the_mail_whatever_its_status_says(post: Post) -> None:
    post.come_in(postfix(post.mail, post.return_path, status="4.4.7", says="delivery time expired"))
    assert post.message().status == "bounced"


def test_a_bounce_of_nobody_knows_what_waits_for_a_person(post: Post) -> None:
    stranger = EmailMessage()
    stranger["Message-ID"] = "<no@example.org>"
    stranger.set_content("")
    assert post.come_in(postfix(stranger, "kommun@example.org")).outcome == "held"
    assert counted(Case) == 1


def test_a_read_receipt_is_neither_bounce_nor_words(post: Post) -> None:
    row = post.come_in(read_receipt(post.mail, str(post.mail["Reply-To"])))
    assert (row.outcome, post.message().status, post.said()) == ("automatic", "accepted", [])


def test_an_automatic_answer_to_the_return_path_is_no_bounce(post: Post) -> None:
    del post.mail["Reply-To"]
    post.mail["Reply-To"] = post.return_path
    row = post.come_in(away(post.mail))
    assert (row.outcome, row.case_id) == ("automatic", post.case().id)
    assert post.message().status == "accepted"


def test_a_person_who_writes_to_the_return_path_is_heard(post: Post) -> None:
    assert (
        post.come_in(fresh("Hej", "Den är släckt.", sender="rut@example.org", to=post.return_path)).outcome == "heard"
    )


def test_a_bounce_that_comes_before_its_mail_is_recorded_waits_and_loses_no_try(
    app: Flask, post: Post, clerk: Staff, deliver_all: Callable[[], None]
) -> None:
    message = reply(post.case(), clerk, text="En gång till.")
    die_in_call(message)
    post.mail.replace_header("Message-ID", str(message.header_id))
    raw = postfix(post.mail, "kommun@example.org")
    assert [post.come_in(raw).outcome for _ in range(5)] == ["received"] * 5
    with unit_of_work():
        found = db.session.get_one(Message, message.id, populate_existing=True)
        found.status, found.lease_until = "accepted", None
    assert post.come_in(raw).outcome == "bounce"
    assert db.session.get_one(Message, message.id, populate_existing=True).status == "bounced"
