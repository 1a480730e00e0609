"""What mail servers say about a mail of ours: RFC 3464 reports, and the free words of those that know no RFC."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from itertools import islice
from typing import Literal

from caseflow.mailroom import headers, robots
from caseflow.mailroom.body import content, inner_parts

REASON_LENGTH = 200
PARTS = 300
IDS = 30  # how many Message-IDs of a free-worded report are looked up
WORDS = 100_000  # characters of it that are read
Fate = Literal["lost", "delayed", "delivered", "noted"]
# RFC 3464, 2.3.3. "failed" is final whatever the status says: 4.4.7 then means that the server has given up trying.
_FATES: dict[str, Fate] = {
    "failed": "lost",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "noted",
    "expanded": "noted",
}
_WORST: tuple[Fate, ...] = ("lost", "delayed", "noted", "delivered")
_STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
_SAID = re.compile(r"\b[45]\d\d[ -]#?\d\.\d{1,3}\.\d{1,3}\b.*|\b5\d\d[ -]\S.*")
_UNDELIVERED = re.compile(
    r"(undeliver|mail delivery|delivery (status|failure|has failed)|returned mail|failure notice|mail system error"
    r"|kan inte levereras|kunde inte levereras|oleverans|leveransfel|ei voitu toimittaa|toimitus epäonnistui)",
    re.IGNORECASE,
)
_TRIES_ON = re.compile(
    r"delay|warning|will (keep|be) (trying|retried)|still (be )?(trying|retrie)|fördröj|försenad|viivästy|not yet been",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Bounce:
    """`about` are the Message-IDs that may be the mail's it tells of, the surest first; others' among them."""

    fate: Fate
    reason: str
    about: tuple[str, ...]


def read(mail: Message, text: str) -> Bounce | None:
    """What the mail tells of a mail of ours; None when it is no such report. `text` is its readable part."""
    parts = list(_walk(mail))
    told = [
        part
        for part in parts
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status")
    ]
    if told:
        blocks = [block for part in told for block in _blocks(part)]
        fate, reason = _verdict(blocks, headers.text(mail, "Subject") + "\n" + text)
        return Bounce(fate, reason, _about(mail, parts, text))
    if not (robots.from_a_mail_server(mail) or _reads_like_one(mail)):
        return None
    words = text[:WORDS]
    fate = "delayed" if _TRIES_ON.search(headers.text(mail, "Subject")) else _free_worded(words)
    return Bounce(fate, _reason(_first(_SAID, words) or headers.text(mail, "Subject")), _about(mail, parts, words))


def is_read_receipt(mail: Message) -> bool:
    """Whether it only says that somebody opened a mail (RFC 8098), or complains of one (RFC 5965)."""
    sorts = ("message/disposition-notification", "message/feedback-report")
    return any(part.get_content_type() in sorts for part in _walk(mail))


def _reads_like_one(mail: Message) -> bool:
    """A report that a server sends under any name: for nobody to answer, and saying so in its subject."""
    return robots.answers_nobody(mail) and bool(_UNDELIVERED.match(headers.text(mail, "Subject")))


def _verdict(blocks: list[Message], words: str) -> tuple[Fate, str]:
    """The worst that is said of any recipient: our mails have one each, who may have forwarded it to several."""
    told = [(_fate(block), _diagnosis(block)) for block in blocks if block["Action"] or block["Status"]]
    known = [(fate, reason) for fate, reason in told if fate]
    if not known:
        return _free_worded(words), _reason(_first(_SAID, words))
    return min(known, key=lambda one: _WORST.index(one[0]))


def _fate(block: Message) -> Fate | None:
    action = headers.text(block, "Action").lower()
    by_status: dict[str, Fate] = {"5": "lost", "4": "delayed", "2": "delivered"}
    return _FATES.get(action) or by_status.get(headers.text(block, "Status")[:1])


def _diagnosis(block: Message) -> str:
    """What the server said in its own words ("smtp; 550 5.1.1 …"), with the status where the words lack it."""
    status = headers.text(block, "Status").partition(" ")[0]
    said = headers.text(block, "Diagnostic-Code")
    said = said.partition(";")[2].strip() or said
    return _reason(said if status and status in said else f"{status} {said}")


def _free_worded(words: str) -> Fate:
    classes = {found[1] for found in _STATUS.finditer(words)}
    tries_on = _TRIES_ON.search(words) and "5" not in classes
    return "delayed" if tries_on else "lost"


def _blocks(part: Message) -> list[Message]:
    inner = inner_parts(part)
    return [message_from_string(block) for block in _words(part).split("\n\n")] if inner is None else inner


def _words(part: Message) -> str:
    return content(part)[:WORDS].decode("utf-8", "replace").replace("\r\n", "\n")


def _about(mail: Message, parts: list[Message], words: str) -> tuple[str, ...]:
    """First the report's copy of the mail, then what it answers, then whatever stands in its words."""
    found = [one for part in parts for one in _copied(part)]
    found += headers.ids(mail, "X-Original-Message-ID", "In-Reply-To", "References")
    found += headers.ids_in(words)[:IDS]
    return tuple(dict.fromkeys(found))[:IDS]


def _copied(part: Message) -> list[str]:
    """The Message-ID in the report's copy of our mail, or of its headers."""
    kind, inner = part.get_content_type(), inner_parts(part)
    if kind in ("text/rfc822-headers", "message/rfc822-headers"):
        inner = inner or [message_from_string(_words(part))]
    elif kind != "message/rfc822":
        return []
    return [found for one in inner or () for found in headers.ids(one, "Message-ID")]


def _walk(mail: Message) -> Iterator[Message]:
    return islice(mail.walk(), PARTS)


def _first(pattern: re.Pattern[str], words: str) -> str:
    found = pattern.search(words)
    return found.group() if found else ""


def _reason(said: str) -> str:
    return " ".join(said.split())[:REASON_LENGTH]
