"""Answers as people's mail programs make them: Thunderbird, Gmail, Outlook, an iPhone, in three languages.

Each takes the mail that is answered and what the person writes, and gives the bytes that reach the municipality.
"""

from __future__ import annotations

import base64
import quopri
import textwrap
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

Answer = Callable[..., bytes]
RUT = "Rut Åkesson <rut@example.org>"
WHEN = "Mon, 23 Nov 2026 14:05:11 +0100"


def thunderbird(mail: EmailMessage, words: str, *, sender: str = RUT) -> bytes:
    """Plain text, format=flowed, quotation below, Finnish."""
    quoted = "\n".join(f"> {line}".rstrip() for line in _plain(mail).splitlines())
    flowed = "\n\n".join(" \n".join(textwrap.wrap(part, 72)) for part in words.split("\n\n"))
    text = f"{flowed}\n\nFinspångs kommun kirjoitti 23.11.2026 klo 13.58:\n{quoted}\n"
    return _mail(
        mail,
        sender,
        "Message-ID: <6b2f3c1e-6f0a-4b53-9a7c-0d8f5a1f7e11@example.org>",
        "MIME-Version: 1.0",
        "User-Agent: Mozilla Thunderbird",
        "Content-Language: fi",
        'Content-Type: text/plain; charset="UTF-8"; format=flowed',
        "Content-Transfer-Encoding: 8bit",
        body=text.encode(),
    )


def gmail(mail: EmailMessage, words: str, *, sender: str = RUT) -> bytes:
    """Plain text and HTML, the introduction wrapped at 78 signs, Swedish."""
    quoted = "\n".join(f"> {line}".rstrip() for line in _plain(mail).splitlines())
    intro = "Den mån 23 nov. 2026 kl 13:58 skrev Finspångs kommun <\nkommun@example.org>:"
    text = f"{words}\n\n{intro}\n\n{quoted}\n"
    html = (
        f'<div dir="ltr">{escape(words)}</div><br><div class="gmail_quote gmail_quote_container">'
        '<div dir="ltr" class="gmail_attr">Den mån 23 nov. 2026 kl 13:58 skrev Finspångs kommun &lt;'
        '<a href="mailto:kommun@example.org">kommun@example.org</a>&gt;:<br></div>'
        f'<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex">{_html(mail)}</blockquote></div>'
    )
    return _mail(
        mail,
        sender,
        "MIME-Version: 1.0",
        "Message-ID: <CAKx3p1Qh+Zx9=7wq2nQ5d8Xk6bYp4m3WvR0sT1uZ2yA@mail.gmail.com>",
        'Content-Type: multipart/alternative; boundary="0000000000004f2b9c063a1b2c3d"',
        body=_parts("0000000000004f2b9c063a1b2c3d", _part("plain", text), _part("html", html)),
    )


def outlook(mail: EmailMessage, words: str, *, sender: str = RUT) -> bytes:
    """Plain text in base64 and Word's HTML; the earlier mail stands below its headers, without any sign. Swedish."""
    below = (
        "Från: Finspångs kommun <kommun@example.org> \nSkickat: den 23 november 2026 13:58\n"
        f"Till: Rut Åkesson <rut@example.org>\nÄmne: {mail['Subject']}"
    )
    text = f"{words}\n\nMed vänlig hälsning\nRut Åkesson\n\n{'_' * 32}\n{below}\n\n{_plain(mail)}\n"
    html = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">'
        "<head><style><!-- @font-face {font-family:Calibri;} p.MsoNormal {margin:0cm;} --></style>"
        '<!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit"/></xml><![endif]--></head>'
        f'<body lang="SV"><div class="WordSection1"><p class="MsoNormal">{escape(words)}<o:p></o:p></p>'
        '<p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">Med vänlig hälsning<br>Rut Åkesson</p>'
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">'
        "<b>Från:</b> Finspångs kommun &lt;kommun@example.org&gt;<br><b>Skickat:</b> den 23 november 2026 13:58<br>"
        f"<b>Till:</b> Rut Åkesson &lt;rut@example.org&gt;<br><b>Ämne:</b> {escape(str(mail['Subject']))}</p></div>"
        f"{_html(mail)}</div></body></html>"
    )
    return _mail(
        mail,
        sender,
        "Thread-Topic: svar",
        "Thread-Index: AQHcXq1mZr3o8v1Xw0uQm1u6Jc2n0Q==",
        "Message-ID: <AS8P190MB1234ABCDEF0123456789AS8P190MB1234.EURP190.PROD.OUTLOOK.COM>".replace("789AS", "789@AS"),
        "X-MS-Has-Attach:",
        "X-MS-TNEF-Correlator:",
        "MIME-Version: 1.0",
        'Content-Type: multipart/alternative;\r\n\tboundary="_000_AS8P190MB1234_"',
        body=_parts("_000_AS8P190MB1234_", _part("plain", text, "base64"), _part("html", html, "base64")),
    )


def iphone(mail: EmailMessage, words: str, *, sender: str = RUT) -> bytes:
    """HTML and plain text, a photograph between, a line about the telephone; no "Den" in the introduction. Swedish."""
    quoted = "\n".join(f"> {line}".rstrip() for line in _plain(mail).splitlines())
    text = (
        f"{words}\n\nSkickat från min iPhone\n\n"
        f"> 23 nov. 2026 kl. 13:58 skrev Finspångs kommun <kommun@example.org>:\n> \n> \ufeff{quoted[2:]}\n"
    )
    photo = (
        'Content-Type: image/jpeg; name="=?utf-8?Q?IMG=5F0042_=C3=A5.jpeg?="\r\n'
        'Content-Disposition: inline; filename="=?utf-8?Q?IMG=5F0042_=C3=A5.jpeg?="\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(JPEG).decode().replace("\n", "\r\n")
    ).encode()
    return _mail(
        mail,
        sender,
        'Content-Type: multipart/mixed; boundary="Apple-Mail-0C1D2E3F-4A5B-6C7D"',
        "Content-Transfer-Encoding: 7bit",
        "Mime-Version: 1.0 (1.0)",
        "Message-Id: <0C1D2E3F-4A5B-6C7D-8E9F-A0B1C2D3E4F5@example.org>",
        "X-Mailer: iPhone Mail (23B85)",
        body=_parts("Apple-Mail-0C1D2E3F-4A5B-6C7D", _part("plain", text), photo),
    )


def gmail_in_english(mail: EmailMessage, words: str, *, sender: str = RUT) -> bytes:
    """HTML alone, as some telephones send it."""
    html = (
        f'<div dir="auto">{escape(words)}</div><br><div class="gmail_quote"><div dir="ltr">On Mon, 23 Nov 2026, 13:58 '
        'Finspångs kommun, &lt;<a href="mailto:kommun@example.org">kommun@example.org</a>&gt; wrote:<br></div>'
        f"<blockquote>{_html(mail)}</blockquote></div>"
    )
    return _mail(
        mail,
        sender,
        "MIME-Version: 1.0",
        "Message-ID: <CAPc4DzN2xQmW5e8r1t7y3u9i0o6p4a2s5d8f1g7h3j@mail.gmail.com>",
        'Content-Type: text/html; charset="UTF-8"',
        "Content-Transfer-Encoding: quoted-printable",
        body=quopri.encodestring(html.encode()),
    )


PROGRAMS: dict[str, Answer] = {
    "Thunderbird": thunderbird,
    "Gmail": gmail,
    "Outlook": outlook,
    "iPhone": iphone,
    "Gmail, HTML alone": gmail_in_english,
}
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb0043") + b"\x08" * 64 + bytes.fromhex("ffd9")


def away(mail: EmailMessage, *, sender: str = RUT) -> bytes:
    """Exchange's automatic reply: from nobody, to the return path."""
    headers = (
        "Return-Path: <>",
        "Message-ID: <a1b2c3d4e5f6@AS8P190MB1234.EURP190.PROD.OUTLOOK.COM>",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: base64",
    )
    said = base64.encodebytes("Jag är på semester till den 7 december.".encode())
    return _mail(mail, sender, *headers, body=said, prefix="Autosvar")


def fresh(subject: str, words: str, *, sender: str = RUT, to: str = "kommun@example.org", **headers: str) -> bytes:
    """A new mail of plain text; `headers` with _ for -."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Date"] = sender, to, subject, WHEN
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(words)
    return mail.as_bytes(policy=SMTP)


def _mail(mail: EmailMessage, sender: str, *headers: str, body: bytes, prefix: str = "SV") -> bytes:
    """The headers that every answer has, with the Received lines of the way."""
    to = str(mail["Reply-To"] or mail["From"])
    address = to.rpartition("<")[2].rstrip(">")
    subject = base64.b64encode(f"{prefix}: {mail['Subject']}".encode()).decode()
    name, _, sent_by = sender.rpartition(" <")
    known = " ".join(filter(None, (str(mail["References"] or ""), str(mail["Message-ID"]))))
    lines = [
        f"Delivered-To: {address}",
        "Received: from mail.example.org (mail.example.org [192.0.2.25])\r\n\tby mx.kommun.example.org (Postfix)"
        " with ESMTPS id 4T5Y6Z\r\n\tfor <" + address + ">; Mon, 23 Nov 2026 14:05:13 +0100 (CET)",
        f"From: =?utf-8?B?{base64.b64encode(name.encode()).decode()}?= <{sent_by.rstrip('>')}>",
        f"To: =?utf-8?B?{base64.b64encode('Finspångs kommun'.encode()).decode()}?= <{address}>",
        f"Subject: =?utf-8?B?{subject}?=",
        f"Date: {WHEN}",
        f"In-Reply-To: {mail['Message-ID']}",
        f"References: {known}",
    ]
    given = [header for header in headers if header.startswith("Return-Path")] or [f"Return-Path: <{sent_by}"]
    rest = [header for header in headers if not header.startswith("Return-Path")]
    return "\r\n".join([*given, *lines, *rest, "", ""]).encode() + body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _parts(boundary: str, *parts: bytes) -> bytes:
    begin = f"--{boundary}\r\n".encode()
    return b"".join(begin + part.rstrip(b"\r\n") + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()


def _part(subtype: str, text: str, encoding: str = "quoted-printable") -> bytes:
    encoded = base64.encodebytes(text.encode()) if encoding == "base64" else quopri.encodestring(text.encode())
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode() + encoded


def _plain(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).rstrip()


def _html(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())
