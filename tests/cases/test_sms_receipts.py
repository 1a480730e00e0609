"""Delivery reports of SMS: posted by the provider's own process to the running app."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.delivery import deliveries
from caseflow.cases.models import Case
from caseflow.database import unit_of_work
from caseflow.messages import fate
from caseflow.messages.models import Message
from caseflow.messages.sms import receipts
from tests.elks import Elks, Row, _provider, elks
from tests.messages.posting import events, fresh
from tests.messages.texting import LATELY, again, attempted, begun, text

__all__ = ["_provider", "elks"]
Make = Callable[..., Case]


@pytest.fixture
def accepted(live_url: str, resident_case: Make, elks: Elks) -> tuple[Message, Row]:
    """A message that the provider has, and the provider's side of it."""
    message = text(resident_case())
    deliveries.deliver(message.id)
    assert fresh(message).status == "accepted"
    return message, elks.taken[0]


def test_a_delivered_sms_is_delivered_at_the_networks_time(accepted: tuple[Message, Row], elks: Elks) -> None:
    message, row = accepted
    assert elks.tell(row, "sent", "delivered") == [[204], [204]]
    now = fresh(message)
    assert now.status == "delivered"
    assert now.delivered_at is not None
    assert abs(now.delivered_at - clock.now()) < timedelta(seconds=10)
    assert now.delivered_at.microsecond == 0  # theirs, not ours


def test_while_it_is_only_on_its_way_nothing_changes(accepted: tuple[Message, Row], elks: Elks) -> None:
    message, row = accepted
    assert elks.tell(row, "sent", "created", "something new") == [[204], [204], [204]]
    assert fresh(message).status == "accepted"


def test_a_lost_sms_says_so_in_words(accepted: tuple[Message, Row], elks: Elks) -> None:
    message, row = accepted
    assert elks.tell(row, "failed") == [[204]]
    assert (fresh(message).status, fresh(message).error) == (
        "failed",
        "the telephone network did not deliver the SMS",
    )


def test_reports_may_come_twice_and_in_any_order(accepted: tuple[Message, Row], elks: Elks) -> None:
    message, row = accepted
    assert elks.tell(row, "delivered", "delivered", "sent", "delivered") == [[204]] * 4
    first = fresh(message).delivered_at
    assert fresh(message).status == "delivered"
    assert elks.tell(row, "delivered") == [[204]]
    assert fresh(message).delivered_at == first


def test_a_failure_that_is_reported_twice_is_one_event(accepted: tuple[Message, Row], elks: Elks) -> None:
    message, row = accepted
    elks.tell(row, "failed", "failed", "sent", "failed")
    case = Case(id=message.case_id)
    assert len(events(case, "undelivered")) <= 1
    assert fresh(message).status == "failed"


def test_a_report_before_our_own_record_comes_again(live_url: str, resident_case: Make, elks: Elks) -> None:
    """The provider is faster than our commit: it is told to come again, and then it counts."""
    message = text(resident_case())
    attempted(message)
    row = elks.has_taken(to="+46701740605", message=message.body, whendelivered=_address(live_url, message))
    assert set(elks.tell(row, "delivered")[0]) == {503}
    assert fresh(message).status == "calling"
    deliveries.sweep()
    assert fresh(message).provider_ref == row["id"]
    assert elks.tell(row, "delivered") == [[204]]
    assert fresh(message).status == "delivered"


def test_a_report_proves_what_nobody_knew(live_url: str, resident_case: Make, elks: Elks) -> None:
    """The answer to the call was lost, but the SMS was not."""
    message = text(resident_case())
    elks.mood(sms="take and drop")
    deliveries.deliver(message.id)
    begun(message, LATELY)
    elks.mood(history="say 500 Oops")
    deliveries.sweep()
    assert fresh(message).status == "unknown"
    assert elks.tell(elks.taken[0], "delivered") == [[204]]
    assert fresh(message).status == "delivered"


def test_a_late_failure_of_an_earlier_attempt_does_not_undo_the_later_one(
    accepted: tuple[Message, Row], elks: Elks
) -> None:
    message, first = accepted
    elks.tell(first, "failed")
    again(message)
    deliveries.deliver(message.id)
    assert elks.tell(first, "failed") == [[204]]
    assert fresh(message).status == "accepted"
    second = elks.taken[1]
    assert fresh(message).provider_ref == second["id"]
    elks.tell(second, "delivered")
    assert fresh(message).status == "delivered"


def test_a_late_failure_of_an_earlier_attempt_does_not_settle_an_unknown_one(
    accepted: tuple[Message, Row], elks: Elks
) -> None:
    message, first = accepted
    elks.tell(first, "failed")
    again(message)
    elks.mood(sms="take and drop", history="say 500 Oops")
    deliveries.deliver(message.id)
    begun(message, LATELY)
    deliveries.sweep()
    elks.tell(first, "failed")
    assert fresh(message).status == "unknown"
    elks.tell(elks.taken[1], "failed")
    assert fresh(message).status == "failed"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: f"9{token}",
        lambda token: token.partition(".")[0],
        lambda token: token.upper(),
        lambda token: f"{token}.{token}",
        lambda token: f"0{token}",
        lambda token: "x",
        lambda token: "9" * 40 + token,
    ],
)
def test_an_address_that_we_did_not_give_is_refused(
    app: Flask, client: FlaskClient, accepted: tuple[Message, Row], spoil: Callable[[str], str]
) -> None:
    message, row = accepted
    path = f"{receipts.PATH}/{spoil(_address('', message).rpartition('/')[2])}"
    answer = client.post(path, data={"id": row["id"], "status": "failed"})
    assert (answer.status_code, answer.data) == (403, b"")
    assert fresh(message).status == "accepted"


def test_another_secret_gives_other_addresses() -> None:
    token = receipts.address(7, "", "one secret").rpartition("/")[2]
    assert receipts.read(token, "one secret") == 7
    assert receipts.read(token, "two secret") is None


def test_what_is_no_report_is_a_bad_request(client: FlaskClient, accepted: tuple[Message, Row]) -> None:
    message, row = accepted
    path = _address("", message)
    for form in ({}, {"id": row["id"]}, {"status": "failed"}, {"id": "", "status": "failed"}):
        assert client.post(path, data=form).status_code == 400, form
    assert client.get(path).status_code == 405
    odd = {"id": row["id"], "status": "delivered", "delivered": "yesterday"}
    assert client.post(path, data=odd).status_code == 204
    assert fresh(message).status == "delivered"


def test_a_report_about_a_message_that_is_gone_ends_quietly(app: Flask, client: FlaskClient) -> None:
    path = receipts.address(424242, "", app.config["SECRET_KEY"])
    assert client.post(path, data={"id": "s1", "status": "failed"}).status_code == 204


def test_a_report_needs_no_csrf_token_but_the_staffs_forms_still_do(
    client: FlaskClient, accepted: tuple[Message, Row], clerk: Staff, sign_in: Callable[[Staff], FlaskClient]
) -> None:
    message, row = accepted
    assert client.post(_address("", message), data={"id": row["id"], "status": "sent"}).status_code == 204
    assert sign_in(clerk).post("/staff/letters/batches", data={}).status_code == 400


def test_the_log_names_the_route_and_not_the_address(
    client: FlaskClient, accepted: tuple[Message, Row], capfd: pytest.CaptureFixture[str]
) -> None:
    message, row = accepted
    path = _address("", message)
    client.post(path, data={"id": row["id"], "status": "delivered"})
    assert path.rpartition(".")[2] not in "".join(capfd.readouterr())


def test_a_message_that_was_taken_back_stays_so(accepted: tuple[Message, Row], elks: Elks) -> None:
    message, row = accepted
    elks.tell(row, "failed")
    with unit_of_work():
        fate.cancel(fresh(message))
    elks.tell(row, "failed", "sent")
    assert fresh(message).status == "cancelled"


def _address(base: str, message: Message) -> str:
    return receipts.address(message.id, base, current_app.config["SECRET_KEY"])
