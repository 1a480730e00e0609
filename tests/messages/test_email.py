"""The e-mail channel against real mail servers: what is said, how it is threaded, and what each answer means."""

from __future__ import annotations

import re
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseflow import clock, files
from caseflow.accounts.models import Staff
from caseflow.cases import lifecycle
from caseflow.cases.delivery import deliveries
from caseflow.cases.models import Case, Municipality
from caseflow.database import db, unit_of_work
from caseflow.messages import addresses, unlinked
from caseflow.messages.addresses import ForCase, ForMessage
from caseflow.messages.channels import Rejected, email
from caseflow.messages.models import Message
from tests.mailbox import Mailbox
from tests.messages.mailservers import serving
from tests.messages.posting import fresh, reply

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


def _message(frame: dict[str, object] | None = None, **fields: object) -> Message:
    """A reply that stands in no database."""
    around = {"sender_name": "Kommun", "sender_email": "kommun@example.org", "link": "http://localhost/case/X"}
    facts: dict[str, object] = {
        "purpose": "reply",
        "language": "sv",
        "recipient": {"name": "Rut", "email": "rut@example.org"},
        "subject": "Lampan",
        "body": "Hej",
        "frame": around | (frame or {}),
        "header_id": "<a@example.org>",
        "references": [],
        "created_at": clock.now(),
        "id": 417,
    }
    return Message(**facts | fields)


def _read(message: Message, app: Flask) -> EmailMessage:
    """The mail as another program reads it."""
    raw = email.compose(message, app.config).as_bytes()
    return message_from_bytes(raw, policy=default)


LINE_ENDS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"]


PLAIN_HEADERS = {"Date", "Message-ID", "From", "To", "Reply-To", "Subject", "In-Reply-To", "References"}
PLAIN_HEADERS |= {"Content-Language", "MIME-Version", "Content-Type"}


@pytest.mark.parametrize("end", LINE_ENDS, ids=[end.encode("unicode_escape").decode() for end in LINE_ENDS])
def test_a_line_break_in_a_name_or_subject_never_makes_a_header(
    resident_case: Make, clerk: Staff, smtp: Mailbox, end: str
) -> None:
    evil = f"Rut{end}Bcc: victim{end}{end}<html>"
    message = reply(resident_case(name=evil), clerk)
    with unit_of_work():
        kept = fresh(message)
        kept.subject, kept.references = evil, [f"<a@example.org>{end}Bcc: victim", "<b@example.org>"]
        kept.frame = {**kept.frame, "sender_name": evil, "mailbox": "arende@example.org"}
    deliveries.deliver(message.id)
    assert fresh(message).status == "accepted"
    [mail] = smtp.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Rut Bcc: victim <html>"
    assert [str(address) for address in mail["To"].addresses] == ['"Rut Bcc: victim <html>" <rut@example.org>']
    assert [address.display_name for address in mail["Reply-To"].addresses] == ["Rut Bcc: victim <html>"]
    assert mail["References"] == "<b@example.org>"
    assert set(mail.keys()) <= PLAIN_HEADERS


@pytest.mark.parametrize("end", LINE_ENDS, ids=[end.encode("unicode_escape").decode() for end in LINE_ENDS])
@pytest.mark.parametrize("place", ["recipient", "sender", "mailbox", "case_number"])
def test_a_line_break_in_an_address_makes_no_mail(app: Flask, place: str, end: str) -> None:
    evil = f"a@example.org{end}Bcc: victim@example.org"
    message = _message(frame={"mailbox": "arende@example.org", "case_number": "2026-10023"})
    if place == "recipient":
        message.recipient = {"name": "Rut", "email": evil}
    else:
        message.frame = {**message.frame, {"sender": "sender_email"}.get(place, place): evil}
    outcome = email.send(message, {**app.config, "SMTP_URL": None})
    assert isinstance(outcome, Rejected)
    assert outcome.permanent


@given(
    name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60),
    subject=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200),
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_and_subject_make_a_mail_with_the_same_headers(app: Flask, name: str, subject: str) -> None:
    message = _message(
        subject=subject, recipient={"name": name, "email": "rut@example.org"}, frame={"sender_name": name}
    )
    read = _read(message, app)
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


def test_a_line_that_begins_with_a_dot_arrives_as_it_was_written(
    resident_case: Make, clerk: Staff, smtp: Mailbox
) -> None:
    text, _ = _parts(_answer_to(resident_case, clerk, smtp, "Rad ett\n.\n..två\n.tre"))
    assert "Rad ett\n.\n..två\n.tre\n" in text


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


def test_answers_go_to_the_case_and_bounces_to_the_message(
    resident_case: Make, clerk: Staff, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work():
        db.session.get_one(Municipality, 1).mailbox = "arende@example.org"
    case = resident_case()
    message = reply(case, clerk)
    with serving() as (relay, port):
        monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://127.0.0.1:{port}")
        for message_id in (1, message.id):
            deliveries.deliver(message_id)
    secret = app.config["SECRET_KEY"]
    for mail in relay.mails:
        [answer_to] = mail["Reply-To"].addresses
        assert addresses.read(answer_to.addr_spec, "arende@example.org", secret) == ForCase(case.number)
        assert answer_to.display_name == mail["From"].addresses[0].display_name == "Finspångs kommun"
    # The automatic receipt has the same way back (RFC 3834, 3.3): a bounce of it is worth knowing.
    bounced = [addresses.read(str(sender), "arende@example.org", secret) for sender in relay.senders]
    assert bounced == [ForMessage(1), ForMessage(message.id)]


def test_without_a_mailbox_answers_and_bounces_go_to_the_municipalitys_address(
    resident_case: Make, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work() as session:
        session.get_one(Municipality, 1).mailbox = None
    resident_case()
    with serving() as (relay, port):
        monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://127.0.0.1:{port}")
        deliveries.deliver(1)
    assert relay.mails[0]["Reply-To"] is None
    assert relay.senders == ["kommun@example.org"]


@pytest.mark.parametrize("purpose", ["reply", "question"])
def test_what_a_person_wrote_does_not_look_like_a_robots(app: Flask, purpose: str) -> None:
    mail = _read(_message(purpose=purpose), app)
    assert {"Auto-Submitted", "Precedence", "List-Unsubscribe", "X-Auto-Response-Suppress"} & set(mail.keys()) == set()


@pytest.mark.parametrize("purpose", ["receipt", "notice"])
def test_what_a_machine_wrote_says_so(app: Flask, purpose: str) -> None:
    assert _read(_message(purpose=purpose), app)["Auto-Submitted"] == "auto-replied"


def test_a_long_thread_keeps_its_first_mail_and_its_last_ones(app: Flask) -> None:
    thread = [f"<{number}@example.org>" for number in range(100)]
    mail = _read(_message(references=thread), app)
    assert mail["In-Reply-To"] == thread[-1]
    assert mail["References"].split() == [thread[0], *thread[-11:]]


def test_a_thread_of_long_names_still_fits_in_a_line(app: Flask) -> None:
    thread = [f"<{number}{'x' * 200}@example.org>" for number in range(20)]
    said = _read(_message(references=thread), app)["References"].split()
    assert said == [thread[0], *thread[-len(said) + 1 :]]
    assert len(said) >= 3
    assert len(" ".join(said)) < 998 - len("References: ")


@pytest.mark.parametrize("strange", ["", "no brackets", "<a b@example.org>", "<å@example.org>", "<a@b><c@d>", "<>"])
def test_what_is_no_message_id_is_no_part_of_the_thread(app: Flask, strange: str) -> None:
    mail = _read(_message(references=["<a@example.org>", strange]), app)
    assert (mail["In-Reply-To"], mail["References"]) == ("<a@example.org>", "<a@example.org>")
    assert _read(_message(references=[strange]), app)["References"] is None


def _attached(app: Flask, *files_: tuple[str, str, bytes]) -> list[dict[str, object]]:
    """As a frame lists them, their content kept."""
    return [
        {"name": name, "media_type": media_type, "sha256": files.keep(content, app.config)}
        for name, media_type, content in files_
    ]


def test_attachments_stand_beside_the_text_and_arrive_as_they_were(app: Flask) -> None:
    long_name = f"Ritning över Storgatan – {'å' * 80}.pdf"
    kept = [
        (long_name, "application/pdf", b"%PDF-1.7\n\x00\xff\r\n.\r\n"),
        ("rad.txt", "text/plain", "Å\r\n.\r\n".encode()),
        ("bild.png", "image/png", bytes(range(256))),
        ("mail.eml", "message/rfc822", b"Subject: Bcc\r\n\r\nHej"),
        ("x", "text/html; charset=x\r\nBcc: y", b"<html>"),
    ]
    mail = _read(_message(frame={"attachments": _attached(app, *kept)}), app)
    assert mail.get_content_type() == "multipart/mixed"
    assert mail["Content-Language"] == "sv"
    words, *attached = mail.iter_parts()
    assert [part.get_content_type() for part in words.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_filename() for part in attached] == [name for name, _, _ in kept]
    assert [part.get_payload(decode=True) for part in attached] == [content for _, _, content in kept]
    assert [part.get_content_type() for part in attached] == [
        *("application/pdf", "text/plain", "image/png", "application/octet-stream", "application/octet-stream")
    ]
    assert {part.get_content_disposition() for part in attached} == {"attachment"}
    assert _parts(mail)[0].startswith("\n") or "Hej" in _parts(mail)[0]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\r\nBcc: x.pdf", 'a"; filename="b.exe', "\u202egpj.exe", "", "C:\\a\\b"]
)
def test_a_strange_file_name_is_made_harmless(app: Flask, name: str) -> None:
    listed = _attached(app, (name, "application/pdf", b"%PDF"))
    mail = _read(_message(frame={"attachments": listed}), app)
    [_, attached] = mail.iter_parts()
    said = attached.get_filename() or ""
    assert said
    assert not set(said) & set('/\\\r\n":\u202e')
    assert set(mail.keys()) <= PLAIN_HEADERS
    assert set(attached.keys()) == {"Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "MIME-Version"}


def test_a_missing_attachment_is_told_in_words_and_nothing_goes_out(app: Flask, smtp: Mailbox) -> None:
    listed = [{"name": "Ritning.pdf", "media_type": "application/pdf", "sha256": "0" * 64}]
    outcome = email.send(_message(frame={"attachments": listed}), app.config)
    assert outcome == Rejected(permanent=True, reason="the attachment Ritning.pdf is missing from the data folder")
    assert smtp.mails == []


def test_attachments_that_no_server_would_take_are_told_in_words(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email, "ATTACHED_LIMIT", 1_000_000)
    listed = _attached(app, ("a.bin", "application/pdf", b"a" * 600_000), ("b.bin", "application/pdf", b"b" * 600_000))
    outcome = email.send(_message(frame={"attachments": listed}), app.config)
    assert outcome == Rejected(permanent=True, reason="the attachments are bigger than 1 MB together")
    assert isinstance(email.compose(_message(frame={"attachments": listed[:1]}), app.config), EmailMessage)


# What Gmail, Outlook or a telephone makes a link of in plain text.
LINKABLE = re.compile(r"https?:|www\.|@|\b[\w-]+\.[a-z]{2,}\b", re.I)
LURES = [
    *("http://evil.example/win", "HTTPS://EVIL.EXAMPLE", "www.evil.example", "evil.com", "evil.example/path?x=1"),
    *("rut@evil.example", "mailto:rut@evil.example", "evil。com", "xn--evl-9la.example", "javascript:alert(1)"),
    *("<a href='http://evil.example'>Vinn</a>", "Vinn nu evil.com,", "[Vinn](http://evil.example)"),
]


@pytest.mark.parametrize("lure", LURES)
def test_a_strangers_words_become_no_link_in_the_receipt_that_somebody_else_gets(
    resident_case: Make, smtp: Mailbox, lure: str
) -> None:
    case = resident_case(name=lure, description=f"{lure} är trasig. Hej")
    deliveries.deliver(1)
    [mail] = smtp.mails
    text, html = _parts(mail)
    ours = f"http://localhost/case/{case.code}"
    for said in (text.replace(ours, ""), html.replace(ours, ""), mail["Subject"], mail["To"].addresses[0].display_name):
        assert "evil" not in said.lower()
        assert "vinn" not in said.lower() or not LINKABLE.search(said)
    assert html.count("href=") == 1
    assert "Hej," in text


@pytest.mark.parametrize("lure", LURES)
def test_a_subject_is_repeated_without_what_could_become_a_link(
    resident_case: Make, clerk: Staff, smtp: Mailbox, lure: str
) -> None:
    mail = _answer_to(resident_case, clerk, smtp, "Vi ser på det.", description=f"Sidan {lure} fungerar inte. Hej")
    assert mail["Subject"].startswith("[")
    assert "Sidan" in mail["Subject"]
    assert not LINKABLE.search(mail["Subject"])


@pytest.mark.parametrize("name", ["Rut Åkesson", "Dr. A. B. Öberg", "Anne-Marie O’Neil", "李 小龙", "Zoë", "नमस्ते"])
def test_a_name_is_a_name_in_any_script(name: str) -> None:
    assert unlinked.name(name) == name


@pytest.mark.parametrize("subject", ["Snöröjning, t.ex. på Skolg. 4 kl. 7.30", "F.d. skolan, 3.5 m hög, m.m.", "Hej!"])
def test_an_ordinary_subject_stays_as_it_is(subject: str) -> None:
    assert unlinked.linkless(subject) == subject


def test_a_caseworkers_own_links_stay(resident_case: Make, clerk: Staff, smtp: Mailbox) -> None:
    text, _ = _parts(_answer_to(resident_case, clerk, smtp, "Läs mer på https://www.example.org/lampor."))
    assert "https://www.example.org/lampor." in text


def test_the_mail_fetches_nothing_and_follows_nobody(resident_case: Make, clerk: Staff, smtp: Mailbox) -> None:
    case = resident_case()
    message = reply(case, clerk)
    deliveries.deliver(message.id)
    _, html = _parts(smtp.mails[-1])
    assert re.findall(r"https?://[^\s\"<]+", html) == [f"http://localhost/case/{case.code}"] * 2
    assert not re.search(r"<(img|script|link|iframe|form|object|video)|url\(|@import|@font-face", html)
    assert "prefers-color-scheme: dark" in html
