"""One mail that came in, from its bytes to what was made of it. Each step may be repeated after a crash at any point.

Kept, committed, then read and acted upon in one transaction: a mail that is answered for (the command's exit code, the
move on the IMAP server) is in the database, and one that cannot be dealt with waits there for a person.

A row's note says why. Of what is held: own_address, unreadable, robot, old, flood, killed, failed. Of what is ignored:
ours, duplicate. Of a bounce the server's words; of a robot's mail what showed that it is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert

from caseflow import clock, files, scanner
from caseflow.cases.delivery import deliveries
from caseflow.cases.models import Municipality
from caseflow.database import db, unit_of_work
from caseflow.mailroom import acting, reading
from caseflow.mailroom.placing import House, message_of
from caseflow.mailroom.reading import Incoming
from caseflow.messages.channels.port import Delivered, Lost
from caseflow.messages.models import IncomingMail

log = structlog.get_logger(__name__)

TRIES = 3
AT_ONCE = 100  # mails that one look after what was left takes up
# What another process may still be busy with is not taken up.
GRACE = timedelta(minutes=1)
Config = Mapping[str, Any]


class Origin(NamedTuple):
    """Where a mail was found, and when it came there; a pipe has no numbers for it."""

    mailbox: str
    at: datetime
    uidvalidity: int | None = None
    uid: int | None = None


def keep(raw: bytes, origin: Origin, config: Config) -> int:
    """The mail's row, made now or when the same mail came before; durable when this returns."""
    digest = files.keep(raw, config)
    row = {"mailbox": origin.mailbox, "digest": digest, "at": min(origin.at, clock.now())}
    named = {**row, "uidvalidity": origin.uidvalidity, "uid": origin.uid}
    with unit_of_work() as session:
        # A server that uses a number again for another mail has only its number refused, not its mail.
        for values in (named, row):
            session.execute(insert(IncomingMail).values(**values).on_conflict_do_nothing())
        return session.scalars(sa.select(IncomingMail.id).where(IncomingMail.digest == digest)).one()


def process(mail_id: int, config: Config) -> str:
    """Do what the mail asks for, once; returns its outcome. `received` means that it must be tried again."""
    row = _begin(mail_id)
    if row.outcome != "received":
        return row.outcome
    try:
        return _act(row, config)
    except Exception as error:  # one mail that nobody foresaw must not stop the next
        db.session.rollback()
        log.error("mail_not_dealt_with", mail=mail_id, attempt=row.attempts, error=type(error).__name__, exc_info=True)
        return _give_up(mail_id) if row.attempts >= TRIES else "received"


def take_up(config: Config) -> int:
    """Deal with what a crash left lying, or what waits for a worker to let go of its message; how many there were."""
    waiting = sa.select(IncomingMail.id).where(
        IncomingMail.outcome == "received", IncomingMail.at < clock.now() - GRACE
    )
    left = db.session.scalars(waiting.order_by(IncomingMail.id).limit(AT_ONCE)).all()
    db.session.rollback()
    for mail_id in left:
        process(mail_id, config)
    return len(left)


def _begin(mail_id: int) -> IncomingMail:
    """Count the try before it begins: a mail that kills its process is not read for ever."""
    with unit_of_work() as session:
        row = _locked(mail_id)
        if row.outcome == "received":
            row.attempts += 1
            if row.attempts > TRIES:
                row.outcome, row.note = "held", "killed"
        session.flush()
        session.expunge(row)
        return row


def _act(row: IncomingMail, config: Config) -> str:
    mail = reading.read(files.read(row.digest, config))
    house = House.of(db.session.get_one(Municipality, 1), config["SECRET_KEY"])
    told = mail.bounce is None or _tell(mail, house)
    db.session.rollback()
    if not told:
        return _later(row.id)
    try:
        mail = acting.without_viruses(mail, config)
    except scanner.Away:
        return _later(row.id)
    kept = acting.keep_files(mail, config)
    with unit_of_work():
        row = _locked(row.id)
        if row.outcome == "received":
            _describe(row, mail)
            acting.act(row, mail, kept, house, now=clock.now())
        log.info("mail_" + row.outcome, mail=row.id)
        return row.outcome


def _tell(mail: Incoming, house: House) -> bool:
    """Tell the outbox what became of its message; False: it cannot be told yet. A unit of work of its own."""
    message, bounce = message_of(mail, house), mail.bounce
    db.session.rollback()
    if message is None or bounce is None:
        return True
    match bounce.fate:
        case "lost":
            return deliveries.report(message.id, Lost("bounced", bounce.reason))
        case "delivered":
            return deliveries.report(message.id, Delivered())
    return True


def _describe(row: IncomingMail, mail: Incoming) -> None:
    row.header_id, row.sender, row.subject = mail.header_id, mail.sender or None, mail.subject


def _later(mail_id: int) -> str:
    """Not the mail's fault, so not one of its tries."""
    with unit_of_work():
        _locked(mail_id).attempts -= 1
    return "received"


def _give_up(mail_id: int) -> str:
    with unit_of_work():
        row = _locked(mail_id)
        if row.outcome == "received":
            row.outcome, row.note = "held", "failed"
        return row.outcome


def _locked(mail_id: int) -> IncomingMail:
    return db.session.get_one(IncomingMail, mail_id, with_for_update=True, populate_existing=True)
