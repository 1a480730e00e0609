"""E-mail: SMTP when SMTP_URL is set, else .eml files under the data folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from flask import render_template

from caseflow import files
from caseflow.messages import addresses, sealed_links, smtp, unlinked
from caseflow.messages.channels.port import Absent, Accepted, Rejected, Unknown
from caseflow.messages.models import AUTOMATIC, Message

# Not 8bit: a relay that must recode a mail breaks its DKIM signature (RFC 6376, 5.3).
POLICY = SMTP.clone(cte_type="7bit")
# Bytes of all attachments; in a mail they grow by a third, and many servers take no more than 25 MB.
ATTACHED_LIMIT = 15_000_000
# RFC 5537, 3.4.4: the thread's first mail and its last ones are enough for any mail program, in a line of 998 octets.
THREAD_LENGTH, THREAD_OCTETS = 12, 900
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_MEDIA_TYPE = re.compile(r"(application|audio|font|image|model|text|video)/([a-z0-9][a-z0-9!#$&^_.+-]{0,99})")


class Unsendable(ValueError):
    """What the caseworker is told when the mail cannot be made, now or later."""


def send(message: Message, config: Mapping[str, Any]) -> Accepted | Rejected | Unknown:
    """Hand the message to the mail server, or keep it as a file where none is configured."""
    try:
        mail, sender = compose(message, config), return_path(message, config)
        content = mail.as_bytes()
    except Unsendable as error:
        return Rejected(permanent=True, reason=str(error))
    except Exception as error:  # nothing has gone out, and what cannot be written now can be written at no later try
        return Rejected(permanent=True, reason=smtp.reason(error))
    if config["SMTP_URL"]:
        return smtp.transmit(content, sender, mail["To"].addresses[0].addr_spec, config)
    return _keep(content, _file(message, config))


def reconcile(message: Message, config: Mapping[str, Any]) -> Accepted | Absent | Unknown:
    """A file can be looked for; a mail server cannot be asked, so a person decides."""
    if config["SMTP_URL"]:
        return Unknown("the connection to the mail server ended before its answer was recorded")
    path = _file(message, config)
    # The name alone may be another database's file in the same data folder.
    kept = path.exists() and str(message.header_id).encode() in path.read_bytes()
    return Accepted(reference=path.name) if kept else Absent()


def compose(message: Message, config: Mapping[str, Any]) -> EmailMessage:
    """The mail as RFC 5322 text: plain and HTML, threaded with the case's earlier mails; the same each time.

    Raises `Unsendable` when an attachment is missing or they are too big, ValueError for an impossible address.
    """
    mail = EmailMessage(policy=POLICY)
    _address_it(mail, message, config)
    _thread_it(mail, message)
    if message.purpose in AUTOMATIC:  # nobody wrote it (RFC 3834): other robots must not answer it
        unasked = _unasked_for(message) or message.purpose == "update"
        mail["Auto-Submitted"] = "auto-generated" if unasked else "auto-replied"
    text, html = words(message, config)
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    _attach(mail, message, config)
    mail["Content-Language"] = message.language  # last: setting the content drops such headers
    return mail


def words(message: Message, config: Mapping[str, Any]) -> tuple[str, str]:
    """What the mail says, as text and as HTML."""
    body = message.body.replace("\r\n", "\n").strip()
    frame = {**message.frame, "link": _link(message, config)}
    said = {"message": message, "frame": frame, "body": body, "paragraphs": re.split(r"\n[ \t]*\n\s*", body)}
    names = ("messages/staff_mail.txt", "messages/staff_mail.html")
    if not _unasked_for(message):
        names = ("messages/mail.txt", "messages/mail.html")
    return render_template(names[0], **said), render_template(names[1], **said)


def _unasked_for(message: Message) -> bool:
    """To a member of staff, or to who follows a known fault; an example on a page is nobody's, and about a case."""
    return message.staff_id is not None or message.follower_id is not None


def _link(message: Message, config: Mapping[str, Any]) -> str:
    """The frame's link; one that opens something once gets its token only now."""
    link, nonce = str(message.frame.get("link", "")), message.frame.get("nonce")
    return link + sealed_links.token(str(nonce), config["SECRET_KEY"]) if nonce else link


def subject(message: Message) -> str:
    """One line; whatever of it a mail program could make a link of is left out (see `unlinked`)."""
    return unlinked.linkless(message.subject)


def return_path(message: Message, config: Mapping[str, Any]) -> str:
    """The envelope's sender: where other servers say that the mail did not arrive.

    It names the message ("VERP"), so that each bounce finds it. Automatic mails have it too and not the empty one:
    RFC 3834, 3.3 allows both, as this address never answers anything, and a receipt that bounces shows that the
    resident's address is wrong before a caseworker answers to it.
    """
    mailbox = message.frame.get("mailbox") or message.frame.get("bounces_to")
    if mailbox and message.id:
        return addresses.bounce_address(str(mailbox), message.id, config["SECRET_KEY"])
    return addresses.ascii_domain(str(message.frame["sender_email"]))


def _address_it(mail: EmailMessage, message: Message, config: Mapping[str, Any]) -> None:
    frame: dict[str, Any] = dict(message.frame)
    house = unlinked.one_line(frame["sender_name"])
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = message.header_id
    mail["From"] = _address(house, frame["sender_email"])
    mail["To"] = _address(unlinked.linkless(str(message.recipient.get("name") or "")), message.recipient["email"])
    if frame.get("mailbox"):
        mail["Reply-To"] = _address(
            house, addresses.reply_address(frame["mailbox"], frame["case_number"], config["SECRET_KEY"])
        )
    mail["Subject"] = subject(message)


def _address(name: str, address: object) -> Address:
    return Address(name, addr_spec=addresses.ascii_domain(str(address)))


def _thread_it(mail: EmailMessage, message: Message) -> None:
    """RFC 5322, 3.6.4. Some of the names were made by residents' mail programs: only what is a name is repeated."""
    thread = [name for name in message.references if _MESSAGE_ID.fullmatch(name)]
    if not thread:
        return
    mail["In-Reply-To"] = thread[-1]
    first, last = thread[:1], thread[1:][-(THREAD_LENGTH - 1) :]
    while len(" ".join(first + last)) > THREAD_OCTETS:
        last = last[1:]
    mail["References"] = " ".join(first + last)


def _attach(mail: EmailMessage, message: Message, config: Mapping[str, Any]) -> None:
    listed: Any = message.frame.get("attachments") or ()
    room = ATTACHED_LIMIT
    for attachment in listed:
        name = _file_name(str(attachment["name"]))
        try:
            content = files.read(attachment["sha256"], config)
        except OSError as error:
            raise Unsendable(f"the attachment {name} is missing from the data folder") from error
        room -= len(content)
        if room < 0:
            raise Unsendable(f"the attachments are bigger than {ATTACHED_LIMIT // 1_000_000} MB together")
        # What is no plain type of file could be read as part of the mail itself (message/rfc822, multipart/…).
        known = _MEDIA_TYPE.fullmatch(str(attachment["media_type"]).lower())
        main, sub = known.groups() if known else ("application", "octet-stream")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)


def _file_name(name: str) -> str:
    """Of one line and without a folder; long or strange ones are encoded as RFC 2231 says."""
    return re.sub(r'[/\\:*?"<>|\x00-\x1f\x7f]', "_", unlinked.one_line(name))[-120:] or "file"


def _file(message: Message, config: Mapping[str, Any]) -> Path:
    return Path(config["DATA"]) / "mail" / f"{message.created_at:%Y-%m-%d}-{message.id}.eml"


def _keep(mail: bytes, path: Path) -> Accepted:
    files.write_whole(path, mail)
    return Accepted(reference=path.name)
