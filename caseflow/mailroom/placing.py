"""Which case a mail belongs to, and which of our messages a bounce tells of.

An address or a Message-ID of ours cannot be guessed, so it says the case, whoever writes. A case's number can: it
counts only from the address that the case is known by.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import sqlalchemy as sa

from caseflow.cases.models import Case, Municipality
from caseflow.database import db
from caseflow.mailroom.reading import Incoming
from caseflow.messages import addresses
from caseflow.messages.addresses import ForCase, ForMessage
from caseflow.messages.models import IncomingMail, Message

NUMBERS, IDS = 5, 50  # how many of a mail are looked up
_NUMBER = re.compile(r"(?<![\w-])(20\d\d-\d{1,12})(?![\w-])")


@dataclass(frozen=True)
class House:
    """Our own addresses, and the secret that plus-addresses are sealed with."""

    email: str
    mailbox: str | None
    secret: str

    @classmethod
    def of(cls, municipality: Municipality, secret: str) -> House:
        return cls(municipality.email, municipality.mailbox, secret)

    def named(self, mail: Incoming) -> list[ForCase | ForMessage]:
        """What the mail's recipients name: cases and messages, in the order of the recipients."""
        if not self.mailbox:
            return []
        found = (addresses.read(one, self.mailbox, self.secret) for one in mail.recipients)
        return [one for one in found if one]

    def wrote(self, mail: Incoming) -> bool:
        """Whether the mail says to come from an address of ours, with whatever after a plus."""
        local, _at, domain = mail.sender.rpartition("@")
        bare = f"{local.partition('+')[0]}@{domain}"
        return bool(mail.sender) and bare in (self.email.lower(), (self.mailbox or "").lower())


def case_of(mail: Incoming, house: House) -> int | None:
    """The id of the case that the mail belongs to; None: of none."""
    return _by_address(mail, house) or _by_thread(mail) or _by_number(mail)


def message_of(mail: Incoming, house: House) -> Message | None:
    """The message that the bounce tells of."""
    for one in house.named(mail):
        if isinstance(one, ForMessage) and (message := db.session.get(Message, one.id)):
            return message
    about = (mail.bounce.about if mail.bounce else ())[:IDS]
    found = db.session.scalars(sa.select(Message).where(Message.header_id.in_(about))).all()
    return min(found, key=lambda message: about.index(str(message.header_id)), default=None)


def is_our_own(mail: Incoming) -> bool:
    """Whether it is a mail of ours that has come back as it was."""
    ours = sa.select(Message.id).where(Message.header_id == mail.header_id)
    return mail.header_id is not None and db.session.scalar(ours) is not None


def answers_staff_mail(mail: Incoming) -> bool:
    """Whether it answers a mail of ours to a member of staff: that is nobody's errand."""
    ours = sa.select(Message.id).where(Message.header_id.in_(mail.thread[:IDS]), Message.staff_id.is_not(None))
    return bool(mail.thread) and db.session.scalar(ours.limit(1)) is not None


def knows(case: Case, mail: Incoming) -> bool:
    """Whether the mail says to come from the address that the case has."""
    return bool(mail.sender) and mail.sender == (case.email or "").lower()


def _by_address(mail: Incoming, house: House) -> int | None:
    for one in house.named(mail):
        if isinstance(one, ForCase):
            query = sa.select(Case.id).where(Case.number == one.number)
        else:
            query = sa.select(Case.id).join(Message, Message.case_id == Case.id).where(Message.id == one.id)
        if found := db.session.scalar(query):
            return int(found)
    return None


def _by_thread(mail: Incoming) -> int | None:
    """By the mails that it answers: ours, or the same sender's earlier ones (their names are no secret of ours)."""
    thread = mail.thread[:IDS]
    if not thread:
        return None
    sent = sa.select(Message.header_id, Message.case_id).where(
        Message.header_id.in_(thread), Message.case_id.is_not(None)
    )
    came = sa.select(IncomingMail.header_id, IncomingMail.case_id).where(
        IncomingMail.header_id.in_(thread), IncomingMail.sender == mail.sender, IncomingMail.case_id.is_not(None)
    )
    for query in (sent, came):
        rows = db.session.execute(query).all()
        cases: dict[str, int] = {row[0]: row[1] for row in rows}
        if found := next((cases[one] for one in thread if one in cases), None):
            return found
    return None


def _by_number(mail: Incoming) -> int | None:
    numbers = _NUMBER.findall(mail.subject)[:NUMBERS]
    if not numbers or not mail.sender or mail.forged:
        return None
    mine = (Case.number.in_(numbers), sa.func.lower(Case.email) == mail.sender)
    found: int | None = db.session.scalar(sa.select(Case.id).where(*mine).order_by(Case.id.desc()).limit(1))
    return found
