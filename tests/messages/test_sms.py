"""The SMS channel against a provider in another process: what is said over the line, and what each answer means."""

from __future__ import annotations

import base64
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseflow import clock
from caseflow.cases.delivery import deliveries
from caseflow.cases.models import Case
from caseflow.database import unit_of_work
from caseflow.messages.channels import sms
from caseflow.messages.channels.port import Absent, Accepted, Rejected, Unknown
from caseflow.messages.models import Message
from caseflow.messages.sms import elks46, receipts
from tests.elks import PASSWORD, USED, USER, Elks, _provider, elks, running
from tests.messages.mailservers import certificate
from tests.messages.posting import attempts, fresh
from tests.messages.texting import LATELY, NUMBER, again, attempted, begun, text

__all__ = ["_provider", "certificate", "elks"]
Make = Callable[..., Case]


def _sent(app: Flask, message: Message) -> Accepted | Rejected | Unknown:
    return sms.send(message, app.config)


def _found(app: Flask, message: Message) -> Accepted | Absent | Unknown:
    return sms.reconcile(fresh(message), app.config)


def test_an_sms_is_accepted_under_the_providers_name_for_it(app: Flask, resident_case: Make, elks: Elks) -> None:
    case = resident_case()
    message = text(case, "Hej! Vi sökte dig.\r\n\r\nRing oss: “0122‑850 00” – eller svara…")
    deliveries.deliver(message.id)
    [taken] = elks.taken
    assert (fresh(message).status, fresh(message).provider_ref) == ("accepted", taken["id"])
    assert taken["to"] == NUMBER
    assert taken["from"] == "Finspang"
    assert taken["message"] == f'Hej! Vi sökte dig.\n\nRing oss: "0122-850 00" - eller svara... {case.number}'
    assert taken["whendelivered"] == receipts.address(message.id, app.config["BASE_URL"], app.config["SECRET_KEY"])


def test_the_request_is_a_form_of_four_fields_and_nothing_else(app: Flask, resident_case: Make, elks: Elks) -> None:
    _sent(app, text(resident_case()))
    [asked] = elks.asked
    assert set(parse_qs(asked)) == {"from", "to", "message", "whendelivered"}


EVIL = "x\r\nHost: evil\r\n\r\nPOST /a1/sms HTTP/1.1&to=%2B46700000000&from=Evil\x00"


@pytest.mark.parametrize("number", [f"{NUMBER}\r\nX: y", f"{NUMBER}&from=Evil", "0701740605", "", "+46", "None", "112"])
def test_what_is_no_number_never_reaches_the_line(app: Flask, resident_case: Make, elks: Elks, number: str) -> None:
    outcome = _sent(app, text(resident_case(), number=number))
    assert isinstance(outcome, Rejected)
    assert outcome.permanent
    assert elks.asked == []


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=300))
def test_no_text_can_become_anything_but_the_message(app: Flask, resident_case: Make, elks: Elks, words: str) -> None:
    elks.reset()
    message = Message(id=17, recipient={"phone": NUMBER}, body=f"{words}{EVIL[:-1]}")
    assert isinstance(_sent(app, message), Accepted)
    [taken] = elks.taken
    assert (taken["to"], taken["from"]) == (NUMBER, "Finspang")
    assert taken["message"] == sms.compose(message, app.config).text


def test_an_empty_text_is_refused_at_home(app: Flask, elks: Elks) -> None:
    outcome = _sent(app, Message(id=17, recipient={"phone": NUMBER}, body=" \n\u00a0"))
    assert isinstance(outcome, Rejected)
    assert outcome.permanent
    assert elks.asked == []


# Who has to do something: the writer, for whom it is final, or the operator, for whom it is tried again.
REFUSALS = [
    ("say 400 Invalid to number", True),
    ("say 400 Message is too long", True),
    ("say 413 Too large", True),
    ("say 422 Unprocessable", True),
    ("say 400 Invalid from number", False),
    ("say 400 whendelivered is not a valid URL", False),
    ("say 401 API access requires Basic HTTP authentication", False),
    ("say 402 Payment required", False),
    ("say 403 Not enough credits", False),
    ("say 404 Not found", False),
    ("say 408 Request timeout", False),
    ("say 429 Too many requests", False),
    ("say 301 moved", False),
]


@pytest.mark.parametrize(("mood", "permanent"), REFUSALS)
def test_a_refusal_is_final_only_for_what_the_writer_wrote(
    app: Flask, resident_case: Make, elks: Elks, mood: str, permanent: bool
) -> None:
    elks.mood(sms=mood)
    assert _sent(app, text(resident_case())) == Rejected(permanent, mood.removeprefix("say "))
    assert len(elks.asked) == 1


@pytest.mark.parametrize("said", ["500 Internal error", "502 Bad gateway", "503 Try again", "504 Timeout"])
@pytest.mark.parametrize("taken", [True, False])
def test_after_a_servers_failure_the_history_says_whether_it_was_taken(
    app: Flask, resident_case: Make, elks: Elks, said: str, taken: bool
) -> None:
    message = text(resident_case())
    elks.mood(sms=f"take and say {said}" if taken else f"say {said}")
    deliveries.deliver(message.id)
    assert fresh(message).status == "calling"
    begun(message, LATELY)
    deliveries.sweep()
    if taken:
        assert (fresh(message).status, fresh(message).provider_ref) == ("accepted", elks.taken[0]["id"])
    else:
        assert fresh(message).status == "queued"
        assert fresh(message).next_attempt_at > clock.now() + timedelta(seconds=50)


def test_a_yes_without_a_name_is_not_believed_and_looked_up(app: Flask, resident_case: Make, elks: Elks) -> None:
    message = text(resident_case())
    for answer in ("say 200 <html>Welcome", "say 200 {}", 'say 200 {"id": 7}', "say 200 []", "say 204 "):
        elks.mood(sms=answer)
        assert isinstance(_sent(app, message), Unknown), answer


@pytest.mark.parametrize("mood", ["drop", "take and drop"])
def test_a_line_cut_after_the_request_leaves_it_unknown_until_the_history_is_read(
    app: Flask, resident_case: Make, elks: Elks, mood: str
) -> None:
    message = text(resident_case())
    elks.mood(sms=mood)
    deliveries.deliver(message.id)
    assert fresh(message).status == "calling"
    begun(message, LATELY)
    deliveries.sweep()
    assert fresh(message).status == ("accepted" if elks.taken else "queued")


def test_nobody_asks_the_history_before_its_time(app: Flask, resident_case: Make, elks: Elks) -> None:
    message = text(resident_case())
    elks.mood(sms="drop")
    deliveries.deliver(message.id)
    deliveries.sweep()
    assert fresh(message).status == "calling"
    assert len(elks.asked) == 1


@pytest.mark.parametrize("mood", ["take and hang", "take and drip"])
def test_a_provider_that_does_not_end_its_answer_is_left_after_a_while(
    app: Flask, resident_case: Make, elks: Elks, monkeypatch: pytest.MonkeyPatch, mood: str
) -> None:
    monkeypatch.setattr(elks46, "IN_ALL", 1.0)  # seconds, instead of 40
    elks.mood(sms=mood)
    message, began = text(resident_case()), time.monotonic()
    assert isinstance(_sent(app, message), Unknown)
    assert 0.9 < time.monotonic() - began < 3
    assert len(elks.taken) == 1


def test_the_whole_call_ends_before_a_workers_time_is_over() -> None:
    assert elks46.CONNECT + elks46.IN_ALL < 60
    assert elks46.HISTORY <= 20


def test_before_the_line_stands_nothing_has_gone_out(
    app: Flask, resident_case: Make, elks: Elks, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = text(resident_case())
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for place in (f"127.0.0.1:{port}", f"localhost:{port}"):
        monkeypatch.setitem(app.config, "SMS_URL", f"46elks+http://{USED}@{place}?from=Finspang")
        outcome = _sent(app, message)
        assert isinstance(outcome, Rejected), place
        assert not outcome.permanent
    monkeypatch.setitem(app.config, "SMS_URL", f"46elks://{USED}@no-such-host.invalid?from=Finspang")
    assert isinstance(_sent(app, message), Rejected)


def test_a_provider_with_a_strangers_certificate_gets_nothing(
    app: Flask, resident_case: Make, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, key = certificate
    message = text(resident_case())
    with running("--tls", str(made), str(key)) as elks:
        address = f"46elks://{USED}@127.0.0.1:{elks.port}?from=Finspang"
        monkeypatch.setitem(app.config, "SMS_URL", address)
        outcome = _sent(app, message)
        assert isinstance(outcome, Rejected)
        assert not outcome.permanent
        assert "CERTIFICATE_VERIFY_FAILED" in outcome.reason
        monkeypatch.setitem(app.config, "SMS_URL", f"{address}&ca={made}")
        assert isinstance(_sent(app, message), Accepted)


def test_without_an_account_the_demo_keeps_files_and_production_waits(
    app: Flask, resident_case: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = text(resident_case())
    for name, value in {"SMS_URL": None, "DEMO": True, "DATA": str(tmp_path)}.items():
        monkeypatch.setitem(app.config, name, value)
    assert sms.offered(app.config)
    assert _found(app, message) == Absent()
    outcome = _sent(app, message)
    assert isinstance(outcome, Accepted)
    assert message.body in (tmp_path / "sms" / str(outcome.reference)).read_text()
    assert _found(app, message) == outcome
    monkeypatch.setitem(app.config, "DEMO", False)
    assert not sms.offered(app.config)
    assert _sent(app, message) == Rejected(False, sms.NO_ACCOUNT)


# After a crash: what the provider's history tells.


@pytest.mark.parametrize("taken", [True, False])
def test_a_worker_that_died_calling_leaves_a_question_that_the_sweep_answers(
    resident_case: Make, elks: Elks, taken: bool
) -> None:
    message = text(resident_case())
    kept = elks.has_taken(to=NUMBER, message=message.body) if taken else None
    attempted(message)
    deliveries.sweep()
    if kept:
        assert (fresh(message).status, fresh(message).provider_ref) == ("accepted", kept["id"])
        return
    assert fresh(message).status == "queued"
    with unit_of_work():
        fresh(message).next_attempt_at = clock.now()
    deliveries.deliver(message.id)
    assert len(elks.taken) == 1
    assert attempts(message) == [(1, "absent"), (2, "accepted")]


def test_other_numbers_other_words_and_what_came_in_are_not_ours(app: Flask, resident_case: Make, elks: Elks) -> None:
    message = text(resident_case())
    attempted(message)
    elks.has_taken(to="+46701740606", message=message.body)
    elks.has_taken(to=NUMBER, message=message.body, direction="incoming")
    elks.has_taken(to=NUMBER, message="Din kod är 4711", created="2026-01-01T00:00:00.000000")
    assert _found(app, message) == Absent(at_once=False)


def test_a_strange_sms_at_that_time_is_a_matter_for_a_person(app: Flask, resident_case: Make, elks: Elks) -> None:
    """The provider may have written our words anew, or no longer show them."""
    message = text(resident_case())
    attempted(message)
    elks.has_taken(to=NUMBER, message="")
    assert isinstance(_found(app, message), Unknown)


def test_the_history_is_read_to_its_end_page_by_page(app: Flask, resident_case: Make, elks: Elks) -> None:
    message = text(resident_case())
    attempted(message, ago=timedelta(minutes=50))
    sought = elks.has_taken(to=NUMBER, message=message.body, created=_stamp(minutes=50))
    for number in range(230):
        elks.has_taken(to=NUMBER, message=f"Nummer {number}", created=_stamp(minutes=30, seconds=number))
    assert _found(app, message) == Accepted(sought["id"])
    assert len(elks.asked) == 3


def test_a_history_that_cannot_be_read_settles_nothing(
    app: Flask, resident_case: Make, elks: Elks, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = text(resident_case())
    attempted(message)
    for mood in (
        "say 500 Oops",
        "say 401 Who are you?",
        "say 200 nonsense",
        'say 200 {"data": 7}',
        "drop",
        "say 200 {}",
    ):
        elks.mood(history=mood)
        assert isinstance(_found(app, message), Unknown), mood
    monkeypatch.setattr(elks46, "HISTORY", 0.5)
    elks.mood(history="hang")
    assert isinstance(_found(app, message), Unknown)


def test_a_history_without_an_end_is_left_after_some_pages(
    app: Flask, resident_case: Make, elks: Elks, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = text(resident_case())
    attempted(message)
    monkeypatch.setattr(elks46, "PAGES", 3)
    elks.mood(history=f'say 200 {{"data": [], "next": "{_stamp(minutes=0)}"}}')
    assert isinstance(_found(app, message), Unknown)
    assert len(elks.asked) == 3


def test_it_is_too_soon_to_say_that_it_was_not_taken(app: Flask, resident_case: Make, elks: Elks) -> None:
    message = text(resident_case())
    attempted(message, ago=timedelta(seconds=5))
    assert isinstance(_found(app, message), Unknown)


# The same words to the same number, more than once.


def test_the_sms_of_an_earlier_attempt_is_not_taken_for_the_later_ones(
    app: Flask, resident_case: Make, elks: Elks
) -> None:
    """It was accepted, the network lost it, a person sent it again, and that worker died before it called."""
    message = text(resident_case())
    deliveries.deliver(message.id)
    with unit_of_work():
        fresh(message).status = "failed"
    begun(message, timedelta(minutes=10))
    again(message)
    attempted(message)
    assert _found(app, message) == Absent(at_once=False)
    second = elks.has_taken(to=NUMBER, message=message.body)
    assert _found(app, message) == Accepted(second["id"])


def test_the_same_notice_twice_is_two_messages(app: Flask, resident_case: Make, elks: Elks) -> None:
    """After each missed call the same words go out."""
    case = resident_case()
    first, second = text(case), text(case)
    assert first.body == second.body
    deliveries.deliver(first.id)
    attempted(second)
    assert _found(app, second) == Absent(at_once=False)
    taken = elks.has_taken(to=NUMBER, message=second.body)
    assert _found(app, second) == Accepted(taken["id"])


def test_of_two_attempts_that_nobody_knows_about_and_one_sms_a_person_must_say_whose_it_is(
    app: Flask, resident_case: Make, elks: Elks
) -> None:
    case = resident_case()
    first, second = text(case), text(case)
    attempted(first, "unknown", ago=timedelta(minutes=10))
    attempted(second)
    assert _found(app, second) == Absent(at_once=False)
    elks.has_taken(to=NUMBER, message=second.body)
    assert isinstance(_found(app, second), Unknown)
    both = elks.has_taken(to=NUMBER, message=second.body)
    assert _found(app, second) == Accepted(both["id"])


def test_an_attempt_of_yesterday_makes_nothing_doubtful(app: Flask, resident_case: Make, elks: Elks) -> None:
    message = text(resident_case())
    attempted(message, "unknown", ago=timedelta(days=1))
    elks.has_taken(to=NUMBER, message=message.body, created=_stamp(minutes=24 * 60))
    attempted(message)
    assert _found(app, message) == Absent(at_once=False)
    taken = elks.has_taken(to=NUMBER, message=message.body)
    assert _found(app, message) == Accepted(taken["id"])


def test_an_attempt_that_was_refused_makes_nothing_doubtful(app: Flask, resident_case: Make, elks: Elks) -> None:
    message = text(resident_case())
    attempted(message, "rejected", ago=timedelta(minutes=4))
    attempted(message)
    taken = elks.has_taken(to=NUMBER, message=message.body)
    assert _found(app, message) == Accepted(taken["id"])


def _stamp(minutes: float, seconds: float = 0) -> str:
    """So long ago, as the provider writes it."""
    at = clock.now() - timedelta(minutes=minutes, seconds=seconds)
    return at.replace(tzinfo=None).isoformat(timespec="microseconds")


# Passwords and people.


def test_neither_password_nor_number_nor_words_come_into_logs_and_the_password_into_no_error(
    app: Flask, resident_case: Make, elks: Elks, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = resident_case()
    message, other = text(case, "Hemliga ord"), text(case, "Hemligare ord")
    attempted(message)
    token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    said = []
    for mood in ("say 401 No", "say 500 No", "drop", "say 200 {}", "say 400 Invalid to number"):
        elks.mood(sms=mood, history=mood)
        said += [repr(_sent(app, message)), repr(_found(app, message))]
    monkeypatch.setitem(app.config, "SMS_URL", elks.url.replace(str(elks.port), "1"))
    deliveries.deliver(other.id)
    said += [str(fresh(other).error), repr(_found(app, message))]
    logged = "".join(capfd.readouterr())
    for secret in (PASSWORD, USED, token, "s3cr"):
        assert secret not in "\n".join(said) + logged
    for personal in (NUMBER, NUMBER[1:], "Hemliga"):
        assert personal not in logged
