"""The line to real mail servers: what each answer means, TLS, patience, and one line for many mails."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from caseflow import broker, clock
from caseflow.cases.delivery import deliveries
from caseflow.cases.models import Case
from caseflow.database import db
from caseflow.messages import smtp
from caseflow.messages.channels import Accepted
from caseflow.messages.models import Message
from tests.messages.mailservers import SILENCE, Answer, Scripted, certificate, serving
from tests.messages.posting import many

__all__ = ["certificate"]
Make = Callable[..., Case]
HELLO = ("220 hello", "250 pleased")


SAID = [
    ("421 4.3.2 shutting down", "queued"),
    ("450 4.2.1 mailbox busy", "queued"),
    ("452 4.2.2 mailbox full", "queued"),
    ("550 5.1.1 no such user", "failed"),
    ("550 5.2.2 mailbox full", "queued"),
    ("552 mailbox full", "queued"),
    ("552 5.2.2 over quota", "queued"),
    ("552 5.3.4 message too big", "failed"),
    ("554 5.7.1 refused", "failed"),
]


@pytest.fixture
def scripted(app: Flask) -> Iterator[Callable[..., Scripted]]:
    """A server that answers as it is told, with the app's SMTP_URL pointing at it."""
    servers: list[Scripted] = []

    def serve(*answers: Answer, then: Sequence[Sequence[Answer]] = ()) -> Scripted:
        servers.append(Scripted(*answers, then=then))
        app.config["SMTP_URL"] = servers[-1].url
        return servers[-1]

    yield serve
    app.config["SMTP_URL"] = None
    for server in servers:
        server.close()


@pytest.mark.parametrize(("said", "status"), SAID)
def test_a_refused_recipient_is_tried_again_or_not_as_the_server_says(
    resident_case: Make, scripted: Callable[..., Scripted], said: str, status: str
) -> None:
    resident_case()
    scripted(*HELLO, "250 ok", said, "221 bye")
    deliveries.deliver(1)
    message = db.session.get_one(Message, 1)
    assert (message.status, message.error) == (status, said)


@pytest.mark.parametrize(
    ("said", "status"), [*SAID, ("250 kept", "accepted"), ("900 what?", "failed"), ("hm", "unknown")]
)
def test_the_answer_to_the_mail_itself_decides(
    resident_case: Make, scripted: Callable[..., Scripted], said: str, status: str
) -> None:
    resident_case()
    scripted(*HELLO, "250 ok", "250 ok", "354 go on", said, "221 bye")
    deliveries.deliver(1)
    assert db.session.get_one(Message, 1).status == status


@pytest.mark.parametrize(
    "script",
    [
        ("554 5.7.1 go away",),
        ("220 hello", "550 no", "550 no"),
        (*HELLO, "550 5.7.60 not your address", "221 bye"),
        (*HELLO, "530 5.7.0 log in first", "221 bye"),
    ],
    ids=["greeting", "EHLO", "sender", "login"],
)
def test_what_is_not_the_recipients_fault_is_tried_again_however_final_it_sounds(
    resident_case: Make, scripted: Callable[..., Scripted], script: tuple[str, ...]
) -> None:
    resident_case()
    scripted(*script)
    deliveries.deliver(1)
    message = db.session.get_one(Message, 1)
    assert message.status == "queued"
    assert message.error is not None
    assert message.error[:3] in ("554", "550", "530")


@pytest.mark.parametrize("spoken", range(6))
def test_a_line_cut_before_the_mail_was_sent_is_a_plain_retry(
    resident_case: Make, scripted: Callable[..., Scripted], spoken: int
) -> None:
    resident_case()
    scripted(*(*HELLO, "250 ok", "250 ok")[:spoken])
    deliveries.deliver(1)
    assert db.session.get_one(Message, 1).status == "queued"


def test_a_line_cut_after_the_mail_was_sent_is_unknown(resident_case: Make, scripted: Callable[..., Scripted]) -> None:
    resident_case()
    server = scripted(*HELLO, "250 ok", "250 ok", "354 go on")
    deliveries.deliver(1)
    assert db.session.get_one(Message, 1).status == "unknown"
    assert b"Message-ID" in server.heard[-1]


SILENT = [
    ((SILENCE,), "queued"),
    ((*HELLO, SILENCE), "queued"),
    ((*HELLO, "250 ok", SILENCE), "queued"),
    ((*HELLO, "250 ok", "250 ok", SILENCE), "queued"),
    ((*HELLO, "250 ok", "250 ok", "354 go on", SILENCE), "unknown"),
    ((*HELLO, "250 ok", "250 ok", "354 go on", "250 kept", SILENCE), "accepted"),
]


@pytest.mark.parametrize(("script", "status"), SILENT, ids=["greeting", "sender", "rcpt", "data", "mail", "farewell"])
def test_a_server_that_falls_silent_is_waited_for_no_longer_than_a_task_may_live(
    resident_case: Make,
    scripted: Callable[..., Scripted],
    monkeypatch: pytest.MonkeyPatch,
    script: tuple[str, ...],
    status: str,
) -> None:
    assert smtp.BEFORE_MAIL + 3 * smtp.STEP <= smtp.IN_ALL < broker.celery.conf.task_time_limit - smtp.FAREWELL
    for name in ("STEP", "IN_ALL", "FAREWELL"):
        monkeypatch.setattr(smtp, name, getattr(smtp, name) / 40)
    resident_case()
    scripted(*script)
    began = clock.now()
    deliveries.deliver(1)
    assert db.session.get_one(Message, 1).status == status
    assert clock.now() - began < timedelta(seconds=smtp.IN_ALL + 2)


def test_a_server_that_is_slow_at_every_step_is_given_up_before_the_mail(
    resident_case: Make, scripted: Callable[..., Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "BEFORE_MAIL", 0.1)

    def slowly() -> str:
        time.sleep(0.06)
        return "250 ok"

    resident_case()
    server = scripted("220 hello", slowly, slowly, slowly, "354 go on", "250 kept")
    deliveries.deliver(1)
    assert db.session.get_one(Message, 1).status == "queued"
    assert not any(b"data" in line for line in server.heard)


def test_nobody_at_the_port_is_a_plain_retry(app: Flask, resident_case: Make, closed_port: int) -> None:
    resident_case()
    app.config["SMTP_URL"] = f"smtp://127.0.0.1:{closed_port}"
    deliveries.deliver(1)
    app.config["SMTP_URL"] = None
    message = db.session.get_one(Message, 1)
    assert message.status == "queued"
    assert "ConnectionRefusedError" in (message.error or "")


@pytest.fixture
def closed_port() -> int:
    with serving() as (_, port):
        return port


LOGINS = [("relay", "secret"), ("relay@kommun.se", "p@ss/w:rd?#%"), ("relay", "lösen ord")]


@pytest.mark.parametrize(("user", "password"), LOGINS)
@pytest.mark.parametrize("from_the_start", [False, True], ids=["starttls", "smtps"])
def test_a_mail_goes_over_tls_with_a_login(
    app: Flask,
    resident_case: Make,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    user: str,
    password: str,
    from_the_start: bool,
) -> None:
    resident_case()
    with serving(tls=certificate, from_the_start=from_the_start, login=(user, password)) as (mailbox, port):
        who = f"{_quoted(user)}:{_quoted(password)}"
        scheme = "smtps" if from_the_start else "smtp"
        monkeypatch.setitem(app.config, "SMTP_URL", f"{scheme}://{who}@localhost:{port}?ca={certificate[0]}")
        deliveries.deliver(1)
    assert (db.session.get_one(Message, 1).status, db.session.get_one(Message, 1).error) == ("accepted", None)
    assert len(mailbox.mails) == 1


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" if not chr(byte).isalnum() or byte > 127 else chr(byte) for byte in text.encode())


def test_a_wrong_password_is_tried_again_until_somebody_has_put_it_right(
    app: Flask, resident_case: Make, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    resident_case()
    with serving(tls=certificate, login=("relay", "right")) as (mailbox, port):
        monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://relay:wrong@localhost:{port}?ca={certificate[0]}")
        deliveries.deliver(1)
    message = db.session.get_one(Message, 1)
    assert (message.status, message.error) == ("queued", "535 5.7.8 Authentication credentials invalid")
    assert mailbox.mails == []


def test_a_server_that_nobody_vouches_for_gets_no_mail(
    app: Flask, resident_case: Make, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    resident_case()
    with serving(tls=certificate) as (mailbox, port):
        monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://localhost:{port}")
        deliveries.deliver(1)
    message = db.session.get_one(Message, 1)
    assert message.status == "queued"
    assert "CERTIFICATE_VERIFY_FAILED" in (message.error or "")
    assert mailbox.mails == []


def test_a_password_is_never_said_in_the_clear(
    resident_case: Make, scripted: Callable[..., Scripted], app: Flask
) -> None:
    resident_case()
    server = scripted("220 hello", "250-pleased\r\n250 AUTH PLAIN LOGIN", "454 no", "221 bye")
    app.config["SMTP_URL"] = server.url.replace("//", "//relay:secret@")
    deliveries.deliver(1)
    assert db.session.get_one(Message, 1).status == "queued"
    assert not any(b"AUTH" in line for line in server.heard)


def test_a_mail_server_is_reached_over_ipv6(app: Flask, resident_case: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    resident_case()
    try:
        with serving("::1") as (mailbox, port):
            monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://[::1]:{port}")
            deliveries.deliver(1)
    except OSError as error:
        pytest.skip(f"no IPv6 on this machine ({error})")
    assert len(mailbox.mails) == 1


def test_a_message_id_has_the_municipalitys_domain_and_the_greeting_our_name(
    resident_case: Make, scripted: Callable[..., Scripted], app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "BASE_URL", "https://arenden.finspang.se")
    resident_case()
    server = scripted(*HELLO, "250 ok", "250 ok", "354 go on", "250 kept", "221 bye")
    deliveries.deliver(1)
    server.close()
    assert server.heard[0] == b"ehlo arenden.finspang.se\r\n"
    assert server.heard[-2] == b"quit\r\n"


KEPT = ("250 ok", "250 ok", "354 go on", "250 kept")  # MAIL, RCPT, DATA, the mail


def _deliver(ids: list[int]) -> list[str]:
    """The messages' statuses after their delivery, one after the other."""
    for message_id in ids:
        deliveries.deliver(message_id)
    return [db.session.get_one(Message, message_id, populate_existing=True).status for message_id in ids]


def test_many_mails_go_over_one_line_with_one_handshake_and_one_login(
    app: Flask, resident_case: Make, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [1, *many(resident_case(), 4)]
    with serving(tls=certificate, login=("relay", "secret")) as (mailbox, port):
        monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://relay:secret@localhost:{port}?ca={certificate[0]}")
        assert _deliver(ids) == ["accepted"] * 5
    assert len(set(mailbox.lines)) == 1
    assert [mail["Subject"] for mail in mailbox.mails][1:] == [f"Nummer {number}" for number in range(4)]


def test_after_a_mail_that_was_refused_the_line_is_wiped(
    resident_case: Make, scripted: Callable[..., Scripted]
) -> None:
    ids = [1, *many(resident_case(), 2)]
    server = scripted(*HELLO, *KEPT, "250 ok", "550 5.1.1 no such user", "250 wiped", *KEPT, "221 bye")
    assert _deliver(ids) == ["accepted", "failed", "accepted"]
    server.close()
    said = [line[:4].lower() for line in server.heard]
    assert [word for word in said if word in (b"ehlo", b"rset", b"mail", b"rcpt", b"data", b"quit")] == [
        *(b"ehlo", b"mail", b"rcpt", b"data"),  # RFC 5321, 4.1.1.4: the server forgets what it has accepted
        *(b"mail", b"rcpt", b"rset", b"mail", b"rcpt", b"data", b"quit"),
    ]


STALE = {
    "hung up": (),
    "says that it goes": ("421 4.4.2 idle for too long",),
    "refuses the sender": ("451 4.7.0 enough for now", "221 bye"),
    "has had enough mails": ("421 4.7.0 too many mails on this line", "221 bye"),
}


@pytest.mark.parametrize("last_words", STALE.values(), ids=STALE)
def test_a_kept_line_that_is_dead_is_replaced_before_the_recipient_is_named(
    resident_case: Make, scripted: Callable[..., Scripted], last_words: tuple[str, ...]
) -> None:
    ids = [1, *many(resident_case(), 1)]
    server = scripted(*HELLO, *KEPT, *last_words, then=[(*HELLO, *KEPT, "221 bye")])
    assert _deliver(ids) == ["accepted", "accepted"]
    assert server.connections == 2
    assert sum(line.lower().startswith(b"rcpt") for line in server.heard) == 2


def test_a_mail_is_tried_on_a_fresh_line_once(resident_case: Make, scripted: Callable[..., Scripted]) -> None:
    ids = [1, *many(resident_case(), 1)]
    server = scripted(*HELLO, *KEPT, then=[(*HELLO, "421 4.3.2 shutting down", "221 bye"), (*HELLO, *KEPT)])
    assert _deliver(ids) == ["accepted", "queued"]
    assert server.connections == 2


@pytest.mark.parametrize(
    ("spoken", "status"),
    [(("250 ok",), "queued"), (("250 ok", "250 ok"), "queued"), (("250 ok", "250 ok", "354 go on"), "unknown")],
    ids=["at the recipient", "at DATA", "after the mail"],
)
def test_a_kept_line_that_dies_later_is_not_replaced_in_the_same_attempt(
    resident_case: Make, scripted: Callable[..., Scripted], spoken: tuple[str, ...], status: str
) -> None:
    ids = [1, *many(resident_case(), 1)]
    server = scripted(*HELLO, *KEPT, *spoken, then=[(*HELLO, *KEPT)])
    assert _deliver(ids) == ["accepted", status]
    assert server.connections == 1


@pytest.mark.parametrize("said", ["550 5.1.1 no such user", "554 5.7.1 refused"])
def test_a_line_survives_a_recipient_that_is_refused_for_good(
    resident_case: Make, scripted: Callable[..., Scripted], said: str
) -> None:
    ids = [1, *many(resident_case(), 1)]
    server = scripted(*HELLO, "250 ok", said, "250 wiped", *KEPT, "221 bye")
    assert _deliver(ids) == ["failed", "accepted"]
    assert server.connections == 1


def test_a_refusal_for_now_may_be_the_lines_fault_so_it_ends(
    resident_case: Make, scripted: Callable[..., Scripted]
) -> None:
    ids = [1, *many(resident_case(), 1)]
    server = scripted(*HELLO, "250 ok", "451 4.7.0 slow down", "221 bye", then=[(*HELLO, *KEPT)])
    assert _deliver(ids) == ["queued", "accepted"]
    assert server.connections == 2


def test_a_line_carries_no_more_mails_than_the_address_says(
    app: Flask, resident_case: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [1, *many(resident_case(), 4)]
    with serving() as (mailbox, port):
        monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://127.0.0.1:{port}?mails=2")
        _deliver(ids)
    lines = mailbox.lines
    assert [lines.count(line) for line in dict.fromkeys(lines)] == [2, 2, 1]
    assert smtp.MAILS == 100


def test_a_line_without_mails_is_ended_by_us_in_time(
    resident_case: Make, scripted: Callable[..., Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "IDLE", 0.2)
    monkeypatch.setattr(smtp, "lines", smtp._Lines())  # of which none is watched yet
    resident_case()
    server = scripted(*HELLO, *KEPT)
    deliveries.deliver(1)
    server._thread.join(5)
    assert not server._thread.is_alive()
    assert server.heard[-1].lower() == b"quit\r\n"


def test_an_idle_line_is_not_trusted_even_before_it_is_ended(
    app: Flask, resident_case: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [1, *many(resident_case(), 1)]
    with serving() as (mailbox, port):
        monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://127.0.0.1:{port}")
        _deliver(ids[:1])
        monkeypatch.setattr(smtp, "IDLE", 0)
        _deliver(ids[1:])
    assert len(set(mailbox.lines)) == 2


def test_threads_do_not_share_a_line(app: Flask, resident_case: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = many(resident_case(), 12)
    with serving() as (mailbox, port):
        monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://127.0.0.1:{port}")

        def work(mine: list[int]) -> None:
            with app.app_context():
                _deliver(mine)

        threads = [threading.Thread(target=work, args=(ids[start::3],)) for start in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert sorted(mail["Subject"] for mail in mailbox.mails) == sorted(f"Nummer {number}" for number in range(12))
    assert len(set(mailbox.lines)) <= 12


def test_a_forked_child_leaves_its_parents_line_alone(
    app: Flask, resident_case: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = many(resident_case(), 2)
    with serving() as (mailbox, port):
        monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://127.0.0.1:{port}")
        _deliver(ids[:1])
        child = os.fork()
        if child == 0:
            sent = smtp.transmit(b"Subject: child\r\n\r\nHej\r\n", "a@example.org", "b@example.org", app.config)
            smtp.lines.hang_up()
            os._exit(0 if isinstance(sent, Accepted) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        _deliver(ids[1:])
    first, childs, second = mailbox.lines
    assert first == second != childs


def test_another_address_or_password_is_another_line(
    app: Flask, resident_case: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = many(resident_case(), 2)
    with serving() as (mailbox, port), serving() as (other, elsewhere):
        monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://127.0.0.1:{port}")
        _deliver(ids[:1])
        monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://127.0.0.1:{elsewhere}")
        _deliver(ids[1:])
    assert (len(mailbox.mails), len(other.mails)) == (1, 1)


def test_a_mail_that_is_bigger_than_the_server_takes_is_not_begun(
    resident_case: Make, scripted: Callable[..., Scripted]
) -> None:
    resident_case()
    server = scripted("220 hello", "250-pleased\r\n250 SIZE 1000", "250 ok", "221 bye")
    assert _deliver([1]) == ["failed"]
    assert "bigger" in (db.session.get_one(Message, 1).error or "")
    server.close()
    assert not any(line.lower().startswith((b"rcpt", b"data")) for line in server.heard)


def test_where_authorities_are_named_no_mail_goes_without_tls(
    resident_case: Make, scripted: Callable[..., Scripted], app: Flask, certificate: tuple[Path, Path]
) -> None:
    resident_case()
    server = scripted("220 hello", "250 pleased", "221 bye")
    app.config["SMTP_URL"] = f"{server.url}?ca={certificate[0]}"
    assert _deliver([1]) == ["queued"]
    assert "STARTTLS" in (db.session.get_one(Message, 1).error or "")
