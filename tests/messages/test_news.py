"""What is learnt after acceptance: a receipt, a bounce, a letter that comes back; in any order, any number of times."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from caseflow.accounts.models import Staff
from caseflow.cases.delivery import deliveries
from caseflow.cases.models import Case
from caseflow.database import unit_of_work
from caseflow.messages.channels.port import Delivered, Lost
from caseflow.messages.models import Message
from tests.mailbox import Mailbox
from tests.messages.posting import attempts, case_status, die_in_call, events, fresh, reply

BOUNCE = Lost("bounced", "550 5.1.1 no such user")


@pytest.fixture
def answered(resident_case: Callable[..., Case], clerk: Staff, smtp: Mailbox) -> tuple[Case, Message]:
    """A case whose reply the mail server has taken."""
    case = resident_case()
    message = reply(case, clerk)
    deliveries.deliver(message.id)
    return case, message


def become(message: Message, **state: object) -> None:
    with unit_of_work() as session:
        found = session.get_one(Message, message.id, populate_existing=True)
        for name, value in state.items():
            setattr(found, name, value)


def test_a_bounce_gives_the_case_back_once(answered: tuple[Case, Message]) -> None:
    case, message = answered
    for _time in range(3):
        assert deliveries.report(message.id, BOUNCE) is True
    assert (fresh(message).status, fresh(message).error) == ("bounced", "550 5.1.1 no such user")
    assert case_status(case) == "in_progress"
    assert [event.data["outcome"] for event in events(case, "undelivered")] == ["bounced"]


def test_a_receipt_says_that_it_is_there_and_settles_an_unknown(answered: tuple[Case, Message]) -> None:
    _case, message = answered
    become(message, status="unknown", accepted_at=None)
    assert deliveries.report(message.id, Delivered()) is True
    assert fresh(message).status == "delivered"
    assert fresh(message).accepted_at == fresh(message).delivered_at


def test_news_that_comes_before_our_own_record_is_to_come_again(
    resident_case: Callable[..., Case], clerk: Staff
) -> None:
    message = reply(resident_case(), clerk)
    die_in_call(message)
    assert deliveries.report(message.id, Delivered()) is False
    assert fresh(message).status == "calling"
    assert attempts(message) == [(1, None)]


def test_a_receipt_stops_a_retry_that_nobody_needs(answered: tuple[Case, Message], smtp: Mailbox) -> None:
    _case, message = answered
    become(message, status="queued", accepted_at=None)
    deliveries.report(message.id, Delivered())
    deliveries.deliver(message.id)
    assert fresh(message).status == "delivered"
    assert len(smtp.mails) == 1


@pytest.mark.parametrize("status", ["cancelled", "failed", "queued"])
def test_a_loss_of_what_is_not_out_changes_nothing(answered: tuple[Case, Message], status: str) -> None:
    case, message = answered
    become(message, status=status)
    assert deliveries.report(message.id, BOUNCE) is True
    assert fresh(message).status == status
    assert events(case, "undelivered") == []


def test_nothing_is_believed_of_a_message_that_was_never_tried(
    resident_case: Callable[..., Case], clerk: Staff
) -> None:
    message = reply(resident_case(), clerk)
    assert deliveries.report(message.id, Delivered()) is True
    assert fresh(message).status == "queued"


def test_news_of_a_message_that_does_not_exist_is_ignored(answered: tuple[Case, Message]) -> None:
    assert deliveries.report(10**12, BOUNCE) is True
