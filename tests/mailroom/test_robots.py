"""Robots: nothing that they send makes us send, and nothing that they send wakes a case."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from caseflow.audit import SYSTEM
from caseflow.cases import lifecycle
from caseflow.cases.models import Case
from caseflow.clock import now
from caseflow.database import db, unit_of_work
from caseflow.messages.models import IncomingMail, Message
from tests.mailroom.conftest import Post, counted
from tests.mailroom.mailprograms import away, fresh

SIGNS = {
    "Auto-Submitted": {"Auto_Submitted": "auto-replied (vacation)"},
    "Precedence bulk": {"Precedence": "bulk"},
    "Precedence list": {"Precedence": "List"},
    "X-Auto-Response-Suppress": {"X_Auto_Response_Suppress": "All"},
    "List-Id": {"List_Id": "<nytt.example.org>"},
    "empty return path": {"Return_Path": "<>"},
    "noreply": {"sender": "no-reply@example.net"},
    "noreply with a mark": {"sender": "noreply+123@example.net"},
    "subject": {"subject": "Autosvar: Gunga"},
}


def test_an_absence_is_a_quiet_fact_of_a_closed_case(post: Post) -> None:
    with unit_of_work():
        lifecycle.close(post.case(), resolution="answered", reason=None, by=SYSTEM, now=now())
    row = post.come_in(away(post.mail))
    assert (row.outcome, row.case_id) == ("automatic", post.case().id)
    assert (post.case().status, post.said(), post.verbs()[-1]) == ("closed", [], "auto_reply")


def test_no_robot_makes_a_case_or_a_mail(post: Post) -> None:
    sent = counted(Message)
    for name, sign in SIGNS.items():
        given = {"subject": "Gunga", "words": f"Trasig. {name}", **sign}
        row = post.come_in(fresh(given.pop("subject"), given.pop("words"), **given))
        assert row.outcome in ("automatic", "held"), name
        assert (counted(Case), counted(Message)) == (1, sent), name


def test_a_person_is_no_robot(post: Post) -> None:
    assert post.come_in(fresh("Gunga", "Trasig.", sender="bo@example.org", Auto_Submitted="no")).outcome == "filed"


def test_a_notice_without_an_answerer_waits_for_a_person(post: Post) -> None:
    """Other authorities write so; an official document must not be thrown away unseen."""
    assert post.come_in(fresh("Underrättelse", "Se bilaga.", sender="noreply@example.net")).outcome == "held"


def test_our_own_mail_that_comes_back_is_ignored(post: Post) -> None:
    assert post.come_in(post.mail.as_bytes()).outcome == "ignored"
    assert counted(Case) == 1


@pytest.mark.parametrize("sender", ["kommun@example.org", "arende@example.org", "ARENDE+x@example.org"])
def test_mail_from_our_own_address_waits_for_a_person(post: Post, sender: str) -> None:
    sent = counted(Message)
    assert post.come_in(fresh(f"[{post.number}]", "Hej", sender=sender)).outcome == "held"
    assert (counted(Case), counted(Message), post.said()) == (1, sent, [])


def test_two_robots_that_show_no_sign_stop_after_one_receipt(post: Post) -> None:
    for number in range(4):
        post.come_in(fresh(f"Ditt meddelande {number}", "Vi har tagit emot det.", sender="bot@example.net"))
    receipts = [message for message in _receipts() if message.recipient["email"] == "bot@example.net"]
    assert [message.status for message in receipts] == ["queued"]


def test_a_flood_is_held_and_not_thrown_away(post: Post) -> None:
    outcomes = [
        post.come_in(fresh(f"Ärende {number}", "Text", sender="bot@example.net")).outcome for number in range(12)
    ]
    assert outcomes == ["filed"] * 10 + ["held"] * 2
    assert counted(IncomingMail) == 12


def _receipts() -> list[Message]:
    return list(db.session.scalars(sa.select(Message).where(Message.purpose == "receipt").order_by(Message.id)))


def test_words_that_only_ask_for_no_robot_s_answer_wait_for_a_person_with_their_case(post: Post) -> None:
    thread = {"References": str(post.mail["Message-ID"]), "X_Auto_Response_Suppress": "OOF, AutoReply"}
    row = post.come_in(fresh("Lampan", "Den är släckt.", sender="rut@example.org", **thread))
    assert (row.outcome, row.case_id, post.said()) == ("held", post.case().id, [])
