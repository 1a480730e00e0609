"""SMS: by the provider of SMS_URL; the demo keeps them as text files under the data folder where there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from caseflow import clock, files
from caseflow.database import db
from caseflow.messages.channels.port import Absent, Accepted, Delivered, Lost, Rejected, Unknown
from caseflow.messages.models import Attempt, Message
from caseflow.messages.sms import elks46, matching, receipts
from caseflow.messages.sms.account import Account
from caseflow.messages.sms.port import Provider, Receipt, Refused, Sms, Unclear, Unreadable
from caseflow.messages.sms.segments import plain

PROVIDER: Provider = elks46
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# When a lost answer is looked for in the provider's history; longer than `matching.SETTLED`.
ASK_AGAIN = timedelta(minutes=1)
NO_ACCOUNT = "no SMS account is set up (SMS_URL)"


def offered(config: Mapping[str, Any]) -> bool:
    """Whether SMS can be sent here at all; the screens offer the channel only then."""
    return bool(config["SMS_URL"]) or bool(config["DEMO"])


def send(message: Message, config: Mapping[str, Any]) -> Accepted | Rejected | Unknown:
    """Hand the SMS to the provider, or keep it as a file in a demo without one."""
    sms = compose(message, config)
    if not E164.fullmatch(sms.to) or not sms.text:
        return Rejected(permanent=True, reason="an SMS needs a number like +46701740605, and words")
    if not config["SMS_URL"]:
        return _keep(sms, _file(message, config)) if config["DEMO"] else Rejected(permanent=False, reason=NO_ACCOUNT)
    try:
        return Accepted(PROVIDER.send(sms, Account.of(config["SMS_URL"])))
    except Refused as refusal:
        return Rejected(permanent=refusal.final, reason=str(refusal))
    except Unclear as unclear:
        return Unknown(str(unclear), ask_again=ASK_AGAIN)


def reconcile(message: Message, config: Mapping[str, Any]) -> Accepted | Absent | Unknown:
    """The provider's history says, as far as it can tell this SMS from others: see `sms.matching`."""
    sms = compose(message, config)
    if not config["SMS_URL"]:
        path = _file(message, config)
        return Accepted(path.name) if path.exists() and path.read_text("utf-8") == _as_file(sms) else Absent()
    attempt = _attempted(message, sms)
    try:
        history = PROVIDER.history(sms.to, attempt.began - matching.BACK, Account.of(config["SMS_URL"]))
        taken = matching.find(attempt, history, _recorded([sent.id for sent in history]), clock.now())
    except (Unreadable, matching.Doubtful) as error:
        return Unknown(str(error))
    return Accepted(taken) if taken else Absent(at_once=False)


def compose(message: Message, config: Mapping[str, Any]) -> Sms:
    """What is handed over; the same each time."""
    receipt = receipts.address(message.id, config["BASE_URL"], config["SECRET_KEY"])
    return Sms(str(message.recipient.get("phone")), plain(message.body).strip(), receipt)


def news_of(receipt: Receipt, message: Message) -> Delivered | Lost | None:
    """What a receipt says about the message; None: nothing new.

    That an SMS was lost matters only for the last attempt. One that was accepted has that SMS's id; one whose answer
    was lost has the id of an earlier one, if any.
    """
    if receipt.fate == "delivered":
        return Delivered(receipt.at)
    earlier = message.provider_ref and (message.provider_ref == receipt.id) == (message.status == "unknown")
    if receipt.fate is None or earlier:
        return None
    return Lost("failed", "the telephone network did not deliver the SMS")


def _attempted(message: Message, sms: Sms) -> matching.Attempted:
    """Of all attempts that may have sent these words to this number lately, the message's last is the one in question.

    A reading of its own, so that no transaction is open while the provider is asked.
    """
    may_have_sent = sa.or_(Attempt.ended_at.is_(None), Attempt.outcome.in_(("accepted", "unknown")))
    query = (
        sa.select(Attempt.message_id, Attempt.started_at, Attempt.outcome, Message.provider_ref, Message.body)
        .join(Message, Message.id == Attempt.message_id)
        .where(Message.channel == "sms", Message.recipient["phone"].astext == sms.to, may_have_sent)
        .order_by(Message.id != message.id, Attempt.number.desc())
    )
    with db.engine.connect() as connection:
        last, *others = connection.execute(query)
    lately = last.started_at - matching.BACK - matching.LINGER
    near = [row for row in others if row.started_at >= lately and matching.alike(plain(row.body), sms.text)]
    named = {row.message_id for row in near if row.outcome == "accepted" and row.provider_ref}
    return matching.Attempted(sms.text, last.started_at, len(near) - len(named))


def _recorded(ids: list[str]) -> set[str]:
    """Which of the provider's ids the outbox knows."""
    query = sa.select(Message.provider_ref).where(Message.channel == "sms", Message.provider_ref.in_(ids))
    with db.engine.connect() as connection:
        return {ref for ref in connection.scalars(query) if ref}


def _file(message: Message, config: Mapping[str, Any]) -> Path:
    return Path(config["DATA"]) / "sms" / f"{message.created_at:%Y-%m-%d}-{message.id}.txt"


def _as_file(sms: Sms) -> str:
    return f"{sms.to}\n\n{sms.text}\n"


def _keep(sms: Sms, path: Path) -> Accepted:
    files.write_whole(path, _as_file(sms).encode())
    return Accepted(reference=path.name)
