"""Mail that no person wrote for us to answer: it is noted, and nothing is ever sent or opened because of it."""

from __future__ import annotations

import re
from email.message import Message

from caseflow.mailroom import headers

_NOBODY = re.compile(
    r"(no-?_?\.?reply|do-?not-?reply|mailer-daemon|mail-daemon|mdaemon|postmaster|bounces?|microsoftexchange[0-9a-f]+)"
    r"(?=[@+=.-])"
)
_DAEMON = re.compile(r"(mailer-daemon|mail-daemon|mdaemon|postmaster|microsoftexchange[0-9a-f]+)@")
# Programs that answer for somebody who is away, and leave no other mark.
_AWAY = re.compile(
    r"(automatic reply|auto-?reply|auto:|out of (the )?office|autosvar|automatiskt svar|frånvaromeddelande|frånvaro:"
    r"|automaattinen vastaus|poissaoloilmoitus|poissa:|abwesenheitsnotiz)",
    re.IGNORECASE,
)
_BULK = {"bulk", "junk", "list", "auto_reply"}


def why(mail: Message) -> str | None:
    """What shows that a program sent this; None for a person's mail.

    RFC 3834 (Auto-Submitted, the empty return path), RFC 2919 (List-Id), and what programs wrote before and beside.
    """
    if headers.text(mail, "Auto-Submitted").partition(";")[0].strip().lower() not in ("", "no"):
        return "Auto-Submitted"
    if headers.text(mail, "Precedence").lower() in _BULK:
        return "Precedence"
    for name in ("List-Id", "X-Autoreply", "X-Autorespond"):
        if headers.sources(mail, name):
            return name
    if answers_nobody(mail):
        return "Return-Path"
    if _NOBODY.match(headers.sender(mail)[1]):
        return "From"
    if _AWAY.match(headers.text(mail, "Subject")):
        return "Subject"
    # Last: alone it says only that no program is to answer, and a person may have written.
    return "X-Auto-Response-Suppress" if headers.sources(mail, "X-Auto-Response-Suppress") else None


def from_a_mail_server(mail: Message) -> bool:
    """Whether it was a mail server that wrote."""
    return bool(_DAEMON.match(headers.sender(mail)[1])) or bool(headers.sources(mail, "X-Failed-Recipients"))


def answers_nobody(mail: Message) -> bool:
    """Whether it was sent with the empty return path (RFC 5321, 4.5.5): to answer it would be to answer a robot."""
    return any(value.replace(" ", "") == "<>" for value in headers.sources(mail, "Return-Path"))
