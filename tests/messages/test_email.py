"""The e-mail channel against real mail servers: what is said, how it is threaded, and what each answer means."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseflow import broker, clock
from caseflow.accounts.models import Staff
from caseflow.cases import deliveries, lifecycle
from caseflow.cases.models import Case
from caseflow.database import db, unit_of_work
from caseflow.messages.channels import email
from caseflow.messages.models import Message
from tests.mailbox import Mailbox
from tests.messages.mailservers import SILENCE, Scripted, certificate, serving
from tests.messages.posting import fresh, reply

__all__ = ["certificate"]
Make = Callable[..., Case]
HELLO = ("220 hello", "250 pleased")


def _parts(mail: EmailMessage) -> tuple[str, str]:
    """The text and the HTML."""
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    return str(text.get_content()).replace("\r\n", "\n"), str(html.get_content())


def _answer_to(make: Make, clerk: Staff, smtp: Mailbox, text: str, **overrides: object) -> EmailMessage:
    """The mail that answers a case, as the server got it."""
    message = reply(make(**overrides), clerk, text=text)
    deliveries.deliver(message.id)
    assert fresh(message).status == "accepted"
    return smtp.mails[-1]


def test_a_reply_is_text_and_html_of_the_same_words(resident_case: Make, clerk: Staff, smtp: Mailbox) -> None:
    mail = _answer_to(resident_case, clerk, smtp, "Hej!\r\n\r\nLampan lagas på måndag. 🔧\r\nTack för att du skrev.")
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    text, html = _parts(mail)
    for words in ("Lampan lagas på måndag. 🔧", "Karin Ek", "Samhällsbyggnad", "Rut Åkesson", "/case/"):
        assert words in text
        assert words in html
    assert "Hej!\n\nLampan lagas" in text
    assert html.count("<p") >= 4
    assert mail["Content-Language"] == "sv"


def test_a_mail_is_seven_bit_and_its_lines_are_short(resident_case: Make, clerk: Staff, smtp: Mailbox) -> None:
    mail = _answer_to(resident_case, clerk, smtp, "å" * 2000)
    raw = mail.as_bytes()
    assert raw.isascii()
    assert max(map(len, raw.splitlines())) <= 998  # RFC 5322, 2.1.1


def test_headers_carry_names_and_subjects_in_any_script(resident_case: Make, clerk: Staff, smtp: Mailbox) -> None:
    subject = "Blåbärsstigen 🫐 är översvämmad, och ”ingen” bryr sig (från Åke)"
    mail = _answer_to(resident_case, clerk, smtp, "Vi kommer.", description=subject, name="Åse “Ö” Öberg, 李 🦔")
    assert mail["Subject"].endswith(subject)
    assert mail["To"].addresses[0].display_name == "Åse “Ö” Öberg, 李 🦔"
    assert mail["To"].addresses[0].addr_spec == "rut@example.org"


def test_receipt_question_and_reply_are_one_thread(resident_case: Make, clerk: Staff, smtp: Mailbox) -> None:
    case = resident_case()
    with unit_of_work():
        found = db.session.get_one(Case, case.id, with_for_update=True)
        lifecycle.ask(found, "Vilken lampa?", channel="email", by=clerk.as_actor(), now=clock.now())
    reply(case, clerk)
    for message_id in (1, 2, 3):
        deliveries.deliver(message_id)
    receipt, question, answer = smtp.mails
    kept = list(db.session.scalars(sa.select(Message.header_id).order_by(Message.id)))
    assert [mail["Message-ID"] for mail in smtp.mails] == kept
    assert len(set(kept)) == 3
    assert all(header.endswith("@example.org>") for header in kept if header)
    assert (receipt["In-Reply-To"], receipt["References"]) == (None, None)
    assert (question["In-Reply-To"], question["References"]) == (kept[0], kept[0])
    assert (answer["In-Reply-To"], answer["References"].split()) == (kept[1], kept[:2])
    assert all(case.number in mail["Subject"] for mail in smtp.mails)


def test_only_a_receipt_says_that_a_machine_wrote_it(resident_case: Make, clerk: Staff, smtp: Mailbox) -> None:
    reply(resident_case(), clerk)
    for message_id in (1, 2):
        deliveries.deliver(message_id)
    assert [mail["Auto-Submitted"] for mail in smtp.mails] == ["auto-replied", None]


def test_markup_of_a_resident_is_text_in_the_html(resident_case: Make, clerk: Staff, smtp: Mailbox) -> None:
    evil = "<script>alert(1)</script> & <img src=x onerror=alert(2)> {{ 7*7 }}"
    mail = _answer_to(resident_case, clerk, smtp, evil, name="<b>Rut</b>", description=f"{evil}. Hej")
    text, html = _parts(mail)
    assert evil in text
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;img" in html
    assert "{{ 7*7 }}" in html


LINE_ENDS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("end", LINE_ENDS, ids=[end.encode("unicode_escape").decode() for end in LINE_ENDS])
def test_a_line_break_in_a_name_or_subject_never_makes_a_header(
    resident_case: Make, clerk: Staff, smtp: Mailbox, end: str
) -> None:
    evil = f"Rut{end}Bcc: victim@example.org{end}{end}<html>"
    message = reply(resident_case(name=evil), clerk)
    with unit_of_work():
        fresh(message).subject = evil
    deliveries.deliver(message.id)
    assert fresh(message).status == "accepted"
    [mail] = smtp.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Rut Bcc: victim@example.org <html>"
    assert [str(address) for address in mail["To"].addresses] == [
        '"Rut Bcc: victim@example.org <html>" <rut@example.org>'
    ]
    plain = {"Date", "Message-ID", "From", "To", "Subject", "Content-Language", "In-Reply-To", "References"}
    assert set(mail.keys()) <= plain | {"MIME-Version", "Content-Type", "X-Peer", "X-MailFrom", "X-RcptTo"}


@given(
    name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60),
    subject=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200),
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_and_subject_make_a_mail_with_the_same_headers(app: Flask, name: str, subject: str) -> None:
    message = Message(
        purpose="reply",
        language="sv",
        recipient={"name": name, "email": "rut@example.org"},
        subject=subject,
        body="Hej",
        frame={"sender_name": name, "sender_email": "kommun@example.org", "link": "http://localhost/case/X"},
        header_id="<a@example.org>",
        references=[],
        created_at=clock.now(),
    )
    read = cast(EmailMessage, message_from_bytes(email.compose(message).as_bytes(), policy=default))
    assert read.keys() == [
        *("Date", "Message-ID", "From", "To", "Subject", "MIME-Version", "Content-Type", "Content-Language")
    ]
    assert [address.addr_spec for address in read["To"].addresses] == ["rut@example.org"]
    assert read.defects == []


@pytest.mark.parametrize(
    "address", ["rut", "rut@", "@example.org", "rut@exa mple.org", "a b@example.org", "å@example.org"]
)
def test_an_impossible_address_gives_the_case_back_and_no_mail(
    resident_case: Make, clerk: Staff, smtp: Mailbox, address: str
) -> None:
    message = reply(resident_case(email=address), clerk)
    deliveries.deliver(message.id)
    assert fresh(message).status == "failed"
    assert db.session.get_one(Case, message.case_id, populate_existing=True).status == "in_progress"
    assert smtp.mails == []


def test_a_domain_with_swedish_letters_is_sent_as_dns_knows_it(
    resident_case: Make, clerk: Staff, smtp: Mailbox
) -> None:
    mail = _answer_to(resident_case, clerk, smtp, "Hej", email="rut@räksmörgås.example")
    assert mail["To"].addresses[0].addr_spec == "rut@xn--rksmrgs-5wao1o.example"


def test_a_secret_department_sends_no_content(resident_case: Make, clerk: Staff, smtp: Mailbox) -> None:
    description = "Min mormor fick fel medicin på Storängsgården."
    case = resident_case(department="vo", description=description)
    reply(case, clerk, text="Vi har talat med sköterskan om medicinen.")
    for message_id in (1, 2):
        deliveries.deliver(message_id)
    receipt, answer = smtp.mails
    assert answer["Subject"] == f"[{case.number}]"
    for mail in (receipt, answer):
        whole = " ".join([mail["Subject"], *_parts(mail)])
        assert case.number in whole
        assert f"/case/{case.code}" in whole
        for secret in ("mormor", "medicin", "Storäng", "sköterska"):
            assert secret not in whole


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

    def serve(*answers: str | Callable[[], str]) -> Scripted:
        servers.append(Scripted(*answers))
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
    assert email.BEFORE_MAIL + 2 * email.STEP <= email.IN_ALL < broker.celery.conf.task_time_limit - email.FAREWELL
    for name in ("STEP", "IN_ALL", "FAREWELL"):
        monkeypatch.setattr(email, name, getattr(email, name) / 40)
    resident_case()
    scripted(*script)
    began = clock.now()
    deliveries.deliver(1)
    assert db.session.get_one(Message, 1).status == status
    assert clock.now() - began < timedelta(seconds=email.IN_ALL + 2)


def test_a_server_that_is_slow_at_every_step_is_given_up_before_the_mail(
    resident_case: Make, scripted: Callable[..., Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email, "BEFORE_MAIL", 0.1)

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


def test_a_line_that_begins_with_a_dot_arrives_as_it_was_written(
    resident_case: Make, clerk: Staff, smtp: Mailbox
) -> None:
    text, _ = _parts(_answer_to(resident_case, clerk, smtp, "Rad ett\n.\n..två\n.tre"))
    assert "Rad ett\n.\n..två\n.tre\n" in text


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


def test_without_a_server_the_mail_is_a_file(
    app: Flask, resident_case: Make, clerk: Staff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "DATA", str(tmp_path))
    message = reply(resident_case(), clerk)
    deliveries.deliver(message.id)
    [file] = (tmp_path / "mail").iterdir()
    mail: Any = message_from_bytes(file.read_bytes(), policy=default)
    assert (fresh(message).provider_ref, mail["Message-ID"]) == (file.name, message.header_id)
    assert "Lampan lagas på måndag." in _parts(mail)[0]
