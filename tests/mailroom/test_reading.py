"""What is read in mails that are not as they should be."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseflow.mailroom import reading
from caseflow.mailroom.body import safe_name
from caseflow.mailroom.reading import Incoming
from tests.mailroom.mailprograms import fresh

pytestmark = pytest.mark.no_app

PIECES = [
    b"From: Rut <rut@example.org>\r\n",
    b"From: =?utf-8?B?UnV0?= <rut@example.org>, (((\r\n",
    b"Subject: =?idna?Q?xn--?= =?x-unknown?B?w6U=?= =?utf-8?B?////?=\r\n",
    b"Subject: G\xe5gatan \xf6ppnas \x00\x07\r\n",
    b"Message-ID: <a@b>\r\nIn-Reply-To: <c@d> junk\r\nReferences: <\xff@b>\r\n",
    b"Content-Type: multipart/mixed; boundary=b\r\n",
    b'Content-Type: multipart/alternative; boundary="b\r\n',
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n",
    b"Content-Type: message/rfc822\r\n",
    b"Content-Type: message/delivery-status\r\n\r\nAction: failed\r\n\r\nStatus: 5\r\n",
    b"Content-Type: text/html; charset=unicode_escape\r\n",
    b"Content-Type: text/plain; charset*0*=utf-8''%FF; format=flowed\r\n",
    b"Content-Type: text/plain; charset=utf-7; name*=x'y\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
    b'Content-Disposition: attachment; filename*0*="..%2F\xff\r\n',
    b"Auto-Submitted: \xff\r\nReturn-Path: <>\r\nDelivered-To: \xff@\xff\r\n",
    b"\r\n",
    b"--b\r\n",
    b"--b--\r\n",
    b"> citat\r\nDen 1.1.2026 skrev x@y:\r\n",
    b'<p>hej <a href="javascript:x">du</a><!-- <![if x]> &#99999999999; &#x0; <blockquote>\r\n',
    b"4pyT=C3=A5=\r\nw6U",
]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(
        st.binary(max_size=400),
        st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=20)), max_size=25).map(b"".join),
    )
)
def test_any_bytes_are_a_mail(raw: bytes) -> None:
    mail = reading.read(raw)
    assert isinstance(mail, Incoming)
    names = [file.name for file in mail.attachments]
    for text in (mail.sender, mail.sender_name, mail.subject, mail.text, mail.quoted, *names, *mail.recipients):
        text.encode()
        assert "\x00" not in text
        assert "\r" not in text
    assert "\n" not in mail.subject + mail.sender_name
    assert not any("/" in name or "\\" in name for name in names)


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: text/plain" + b';a="' * 250_000 + b"\n\nx",
        b"From: " + b"(" * 1_000_000 + b"\n\nx",
        b"From: " + b"(" * 100_000 + b"\n\nx",
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3_000))
        + b"x\n" * 9_000,
        b"Content-Type: message/rfc822\n\n" * 3_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 20_000,
        b"Content-Type: text/html\n\n" + b"<a x='" * 60_000,
        b"Content-Type: text/html\n\n" + b"<a>" * 60_000 + b"</a>" * 60_000,
        b"Content-Type: text/html\n\n&#" + b"9" * 100_000,
        b"\n" + b"On 2026-01-01 x@y wrote:\n" * 16_000,
        b"\n" + b"> x\ny\n" * 60_000,
    ],
    ids=[
        "parameters",
        "comments",
        "fewer comments",
        "depth",
        "mail in mail",
        "parts",
        "html",
        "links",
        "number",
        "wrote",
        "turns",
    ],
)
def test_nothing_takes_long(raw: bytes) -> None:
    began = time.process_time()
    reading.read(raw)
    assert time.process_time() - began < 5


def test_what_cannot_be_taken_apart_is_read_by_its_headers() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3_000))
    mail = reading.read(b"From: rut@example.org\nSubject: Djup\n" + deep + b"Hej")
    assert (mail.readable, mail.sender, mail.subject) == (False, "rut@example.org", "Djup")


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("Content-Type: text/plain; charset=iso-8859-1", "Gångvägen – å".encode("windows-1252")),
        ("Content-Type: text/plain; charset=us-ascii", "Gångvägen – å".encode()),
        ("Content-Type: text/plain; charset=klingon", "Gångvägen – å".encode()),
        ("Content-Type: text/plain", "Gångvägen – å".encode("windows-1252")),
        ("", "Gångvägen – å".encode()),
        ("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64", b"R8OlbmcKdsOkZ2VuIOKAkyDDpQ="),
        ("Content-Type: text/plain; charset=utf-16", "Gångvägen – å".encode("utf-16")),
    ],
    ids=[
        "latin 1 that is Windows",
        "ascii that is not",
        "no such charset",
        "nothing said, Windows",
        "nothing said",
        "broken base64",
        "utf-16",
    ],
)
def test_the_letters_are_read_whatever_the_mail_says_of_them(headers: str, body: bytes) -> None:
    mail = reading.read(b"From: a@example.org\n" + headers.encode() + b"\n\n" + body)
    assert mail.text.replace("\n", "") == "Gångvägen – å"


def test_headers_are_read_without_encoded_words_too() -> None:
    mail = reading.read("From: Åke Öst <ake@example.org>\nSubject: Gångvägen\n\nx".encode("latin-1"))
    assert (mail.sender_name, mail.subject) == ("Åke Öst", "Gångvägen")


def test_a_letter_cut_in_two_encoded_words_is_whole_again() -> None:
    mail = reading.read(b"Subject: =?utf-8?B?R8Ol?=\n =?utf-8?B?bmdhdGFu?=\n\nx")
    assert mail.subject == "Gångatan"


def test_flowed_lines_are_joined_and_a_signature_is_not() -> None:
    raw = b"Content-Type: text/plain; format=flowed\n\nLampan \nlyser inte.\n-- \nRut\n"
    assert reading.read(raw).text == "Lampan lyser inte.\n--\nRut"


def test_html_alone_is_read_as_text_and_its_links_show_where_they_lead() -> None:
    html = (
        "<html><head><title>x</title><style>p{}</style></head><body><p>Hej&nbsp;d&aring;!</p><ul><li>ett<li>två</ul>"
        '<a href="https://evil.example/x">https://bank.example</a> <a href="https://finspang.se">finspang.se</a>'
        '<img src="https://spy.example/1.gif"><script>alert(1)</script><pre>a\n  b</pre></body>'
    )
    raw = f"Content-Type: text/html; charset=utf-8\n\n{html}".encode()
    assert reading.read(raw).text == (
        "Hej då!\n\n- ett\n- två\n\nhttps://bank.example <https://evil.example/x> finspang.se\n\na\nb"
    )


def test_an_empty_plain_form_gives_way_to_the_html() -> None:
    mail = EmailMessage()
    mail.set_content("  \n")
    mail.add_alternative("<p>Hej</p>", subtype="html")
    assert reading.read(mail.as_bytes()).text == "Hej"


def test_files_are_kept_with_safe_names_and_never_read_as_text() -> None:
    mail = EmailMessage()
    mail.set_content("Se bild.")
    mail.add_attachment(b"MZ", maintype="application", subtype="x-msdownload", filename="..\\..\\tapet.jpg.exe")
    mail.add_attachment("<b>x</b>", subtype="html", filename="/etc/passwd")
    mail.add_attachment(b"0", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    mail.add_attachment(b"0", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    read = reading.read(mail.as_bytes())
    assert read.text == "Se bild."
    assert [(file.name, file.media_type) for file in read.attachments] == [
        ("tapet.jpg.exe", "application/x-msdownload"),
        ("etc_passwd", "text/html"),
        ("winmail.dat", "application/ms-tnef"),
        ("smime.p7s", "application/pkcs7-signature"),
    ]


def test_a_forwarded_mail_is_a_file() -> None:
    inner = reading.read(fresh("Inre", "Innehåll"))
    mail = EmailMessage()
    mail.set_content("Se bifogat.")
    mail.add_attachment(EmailMessage())
    (file,) = reading.read(mail.as_bytes()).attachments
    assert (file.name, file.media_type, inner.subject) == ("message.eml", "message/rfc822", "Inre")


def test_more_files_than_the_limit_are_counted() -> None:
    mail = EmailMessage()
    mail.set_content("Se bilder.")
    for number in range(53):
        mail.add_attachment(b"x", maintype="image", subtype="png", filename=f"{number}.png")
    read = reading.read(mail.as_bytes())
    assert (len(read.attachments), read.left_out) == (50, 3)


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../x.pdf", "x.pdf"),
        (".htaccess", "htaccess"),
        ("a\x00b\u202egpj.exe", "abgpj.exe"),
        ("å" * 300 + ".jpeg", "å" * 115 + ".jpeg"),
        ("C:\\rut\\bild.png", "C_rut_bild.png"),
        ("...", ""),
    ],
)
def test_a_file_name_is_only_a_name(given: str, safe: str) -> None:
    assert safe_name(given) == safe


def test_the_same_mail_has_the_same_mark_whatever_servers_wrote_on_it() -> None:
    raw = fresh("Hej", "Hallå", Message_ID="<1@example.org>")
    again = b"Delivered-To: x@example.org\nReceived: by y\n" + raw
    assert reading.read(raw).mark == reading.read(again).mark
    assert reading.read(raw).mark != reading.read(raw.replace(b"Hall", b"Gall")).mark
