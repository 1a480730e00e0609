"""Mails that come back as four mail servers send them back, and one that knows no standard."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

Bounce = Callable[[EmailMessage, str], bytes]
TO = "rut@example.org"


def postfix(mail: EmailMessage, to: str, *, action: str = "failed", status: str = "5.1.1", says: str = "") -> bytes:
    """Postfix: report, and the whole mail."""
    said = says or f"550 {status} <{TO}>: Recipient address rejected: User unknown in virtual mailbox table"
    subject = "Undelivered Mail Returned to Sender" if action == "failed" else "Delayed Mail (still being retried)"
    report = f"""\
Reporting-MTA: dns; mail.example.org
X-Postfix-Queue-ID: 4F7Q2r1abcz9sT
X-Postfix-Sender: rfc822; {to}
Arrival-Date: Mon, 23 Nov 2026 13:58:01 +0100 (CET)

Final-Recipient: rfc822; {TO}
Original-Recipient: rfc822;{TO}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; {said}
"""
    return _report(
        "MAILER-DAEMON@mail.example.org (Mail Delivery System)",
        to,
        subject,
        f"This is the mail system at host mail.example.org.\n\n<{TO}>: host mx.example.org said: {said}\n",
        report,
        "message/rfc822" if action == "failed" else "text/rfc822-headers",
        mail.as_string() if action == "failed" else _headers(mail),
    )


def exim(mail: EmailMessage, to: str) -> bytes:
    """Exim: X-Failed-Recipients, the mail's headers."""
    report = f"""\
Reporting-MTA: dns; smtp.example.net

Action: failed
Final-Recipient: rfc822;{TO}
Status: 5.0.0
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; 550-5.7.1 This mail was blocked
 550 5.7.1 by our policy
"""
    words = f"""\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {TO}
    host mx.example.org [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<{TO}>:
    550 5.7.1 by our policy
"""
    subject, sender = (
        "Mail delivery failed: returning message to sender",
        "Mail Delivery System <Mailer-Daemon@smtp.example.net>",
    )
    report_mail = _report(sender, to, subject, words, report, "text/rfc822-headers", _headers(mail))
    return f"X-Failed-Recipients: {TO}\r\n".encode() + report_mail


def exchange(mail: EmailMessage, to: str) -> bytes:
    """Exchange Online: an HTML letter, Microsoft's own address, the mail as message/rfc822, In-Reply-To."""
    report = f"""\
Reporting-MTA: dns;AS8P190MB1234.EURP190.PROD.OUTLOOK.COM
Received-From-MTA: dns;mail.kommun.example.org
Arrival-Date: Mon, 23 Nov 2026 12:58:03 +0000

Final-Recipient: rfc822;{TO}
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup
"""
    sender = "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org"
    made = _report(
        sender,
        to,
        f"Det går inte att leverera: {mail['Subject']}",
        "<html><body><p>Meddelandet kunde inte levereras.</p></body></html>",
        report,
        "message/rfc822",
        mail.as_string(),
        words_type="text/html",
    )
    return f"In-Reply-To: {mail['Message-ID']}\r\nReferences: {mail['Message-ID']}\r\n".encode() + made


def gmail(mail: EmailMessage, to: str) -> bytes:
    """Gmail: a nested multipart/related with a picture, text/rfc822-headers nowhere, the mail as message/rfc822."""
    report = f"""\
Reporting-MTA: dns; googlemail.com
Received-From-MTA: dns; kommun@example.org
Arrival-Date: Mon, 23 Nov 2026 04:58:04 -0800 (PST)
X-Original-Message-ID: {mail["Message-ID"]}

Final-Recipient: rfc822; {TO}
Action: failed
Status: 5.2.1
Remote-MTA: dns; gmail-smtp-in.l.google.com. (192.0.2.27, the server for the domain example.org.)
Diagnostic-Code: smtp; 550-5.2.1 The email account that you tried to reach is inactive. For more
 550-5.2.1 information, go to
 550 5.2.1  https://support.google.com/mail/?p=DisabledUser - gsmtp
Last-Attempt-Date: Mon, 23 Nov 2026 04:58:05 -0800 (PST)
"""
    sender = "Mail Delivery Subsystem <mailer-daemon@googlemail.com>"
    words = "<html><body><h2>Adressen hittades inte</h2><p>Ditt meddelande levererades inte.</p></body></html>"
    made = _report(
        sender,
        to,
        "Delivery Status Notification (Failure)",
        words,
        report,
        "message/rfc822",
        mail.as_string(),
        words_type="text/html",
    )
    return f"X-Failed-Recipients: {TO}\r\n".encode() + made


def qmail(mail: EmailMessage, to: str) -> bytes:
    """No report at all: words, and a copy of the mail below them."""
    copy = f"Return-Path: <{to}>\n{mail.as_string()}"
    text = f"""\
Hi. This is the qmail-send program at mail.example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{TO}>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 <{TO}>: User unknown
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.

{copy}"""
    lines = [
        "Return-Path: <>",
        "From: MAILER-DAEMON@mail.example.org",
        f"To: {to}",
        "Subject: failure notice",
        "Date: 23 Nov 2026 12:58:06 -0000",
        "",
        text,
    ]
    return "\n".join(lines).replace("\n", "\r\n").encode()


SERVERS: dict[str, Bounce] = {
    "Postfix": postfix,
    "Exim": exim,
    "Exchange": exchange,
    "Gmail": gmail,
    "qmail": qmail,
}


def read_receipt(mail: EmailMessage, to: str) -> bytes:
    """An MDN: somebody opened the mail."""
    report = f"""\
Reporting-UA: mail.example.org; Outlook
Final-Recipient: rfc822;{TO}
Original-Message-ID: {mail["Message-ID"]}
Disposition: manual-action/MDN-sent-manually; displayed
"""
    made = _report(
        TO,
        to,
        "Läst: svar",
        "Meddelandet lästes den 23 november.",
        report,
        "text/rfc822-headers",
        _headers(mail),
        report_type="disposition-notification",
    )
    return made.replace(b"message/delivery-status", b"message/disposition-notification")


def _headers(mail: EmailMessage) -> str:
    return mail.as_string().partition("\n\n")[0] + "\n"


def _report(
    sender: str,
    to: str,
    subject: str,
    words: str,
    report: str,
    copy_type: str,
    copy: str,
    *,
    words_type: str = "text/plain",
    report_type: str = "delivery-status",
) -> bytes:
    boundary = "4F7Q2r1abcz9sT.1795438684/mail.example.org"
    lines = f"""\
Return-Path: <>
Delivered-To: {to}
Received: by mx.kommun.example.org (Postfix) id 9ABCDE; Mon, 23 Nov 2026 13:58:10 +0100 (CET)
Date: Mon, 23 Nov 2026 13:58:09 +0100 (CET)
From: {sender}
To: {to}
Subject: {subject}
Auto-Submitted: auto-replied
Message-ID: <20261123125809.{abs(hash((sender, report))) % 10**10}@mail.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type={report_type};
	boundary="{boundary}"

This is a MIME-encapsulated message.

--{boundary}
Content-Description: Notification
Content-Type: {words_type}; charset=utf-8

{words}
--{boundary}
Content-Description: Delivery report
Content-Type: message/delivery-status

{report}
--{boundary}
Content-Description: Undelivered Message
Content-Type: {copy_type}

{copy}
--{boundary}--
"""
    return lines.replace("\r\n", "\n").replace("\n", "\r\n").encode()
