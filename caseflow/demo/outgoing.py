"""The messages of generated cases: put in the past, and what became of them. Nothing is ever queued, so nothing leaves.

Each message has one attempt, as the outbox writes it. A letter is posted without a batch: a batch's manifest holds the
hash of each drawn letter, and thousands are not drawn for a bulk of invented ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import NamedTuple

from caseflow import clock
from caseflow.cases import codes, words
from caseflow.cases.models import Municipality
from caseflow.demo.composition import Errand
from caseflow.demo.rows import Row, Rows
from caseflow.demo.stationery import Sort, Stationery, due_in_words, letter_date, quote
from caseflow.demo.telephoning import Telephoning

# What a mail server says about an address that does not exist (RFC 3463, 3.2).
BOUNCE = "550 5.1.1 The e-mail account that you tried to reach does not exist."
WRONG_NUMBER = "wrong number"
TAKEN_OVER_BY = {"email": "demo", "sms": "demo", "phone": "call-list", "letter": "demo"}
SECONDS_IN_THE_OUTBOX = 2.0


class Said(NamedTuple):
    """An entry that is sent, as a `question` or a `reply`."""

    purpose: str
    entry: int
    author: int | None
    text: str


NOTICE = Said("notice", 0, None, "")


@dataclass
class CaseFile:
    """A case while its story is written: the row that it will be, what was last said, and its messages by time, each
    with its attempt, but for what says that somebody called. `thread` holds the mails' Message-IDs."""

    errand: Errand
    row: Row
    said: Said | None = None
    messages: list[tuple[Row, Row]] = field(default_factory=list)
    thread: list[str] = field(default_factory=list)
    in_vain: int = 0  # calls for the last message

    @cached_property
    def values(self) -> tuple[dict[str, str], dict[str, str]]:
        """What fills the slots of a form but for `said` and `day`: plain, and as it stands inside JSON."""
        errand, row = self.errand, self.row
        plain = {
            "number": row["number"],
            "code": row["code"],
            "grouped_code": codes.grouped(row["code"]),
            "due": due_in_words(row["due_on"], errand.language),
            "name": errand.name,
            "email": errand.email,
            "phone": errand.phone,
            "best_time": errand.best_time,
            "street": errand.street,
            "postcode": words.postcode_in_words(errand.postcode),
            "TOWN": errand.town.upper(),
        }
        return {**plain, "subject": row["subject"]}, quote(plain)


class Outgoing:
    """Adds messages and attempts, and the calls that were made for them."""

    def __init__(self, rows: Rows, ids: Iterator[int], municipality: Municipality, now: datetime) -> None:
        self._rows, self._ids, self._stationery = rows, ids, Stationery()
        self._zone, self._mail_domain = municipality.zone, municipality.email.rpartition("@")[2]
        self._now, self._telephoning = now.timestamp(), Telephoning(municipality)

    def send(self, file: CaseFile, at: float, channel: str) -> None:
        """What was last said, or the receipt when nothing was, by a channel that takes it over at once."""
        file.in_vain = 0
        file.messages.append(self._taken_over(file, at, self._message(file, at, channel)))

    def _taken_over(self, file: CaseFile, at: float, row: Row) -> tuple[Row, Row]:
        put, taken = stamp(at), stamp(min(at + SECONDS_IN_THE_OUTBOX, self._now))
        message = self._rows.add("message", row)
        message |= {"next_attempt_at": put, "created_at": put, "accepted_at": taken, "delivered_at": None}
        attempt: Row = {
            "message_id": message["id"],
            "number": 1,
            "started_at": put,
            "ended_at": taken,
            "outcome": "accepted",
            "detail": None,
        }
        if message["header_id"]:
            file.thread.append(message["header_id"])
        return message, self._rows.add("attempt", attempt)

    def call(self, file: CaseFile, at: float, caller: int | None, outcome: str, note: str | None) -> Row:
        """Somebody telephones for the last message, which is returned."""
        message, when = file.messages[-1][0], stamp(at)
        call: Row = {"message_id": message["id"], "staff_id": caller, "at": when, "outcome": outcome, "note": note}
        self._rows.add("call", call)
        if outcome == "reached":
            message |= {"status": "delivered", "delivered_at": when}
        elif outcome == "wrong_number":
            message |= {"status": "failed", "error": WRONG_NUMBER}
        return message

    def call_again(self, file: CaseFile, at: float, outcome: str) -> str | None:
        """When the last message's call comes back after one in vain."""
        again = self._telephoning.again(outcome, file.in_vain + 1, at, file.errand.best_time)
        if again is None:
            return None
        file.in_vain += 1
        file.messages[-1][0]["next_attempt_at"] = again.isoformat()
        return again.isoformat()

    def notice(self, file: CaseFile, at: float, outcome: str) -> Row | None:
        """The SMS that says so, once for a message; it is nobody's last message."""
        told = self._telephoning.tells_by_sms(outcome, file.in_vain, file.row["department_code"], file.errand.phone)
        if not told or file.in_vain > 1:
            return None
        return self._taken_over(file, at, self._message(file, at, "sms", said=NOTICE))[0]

    def post(self, file: CaseFile, at: float) -> None:
        """The last message, a letter, is in the mail."""
        file.messages[-1][0].update(status="delivered", delivered_at=stamp(at))

    def bounce(self, file: CaseFile, at: float) -> Row:
        """The last message, a mail, was refused for good; it is returned."""
        message, attempt = file.messages[-1]
        message |= {"status": "failed", "error": BOUNCE, "provider_ref": None, "accepted_at": None}
        attempt |= {"ended_at": stamp(at), "outcome": "rejected", "detail": BOUNCE}
        return message

    def cancel(self, file: CaseFile) -> Row:
        """The last message is taken back, to go another way; it is returned."""
        message = file.messages[-1][0]
        message["status"] = "cancelled"
        return message

    def _message(self, file: CaseFile, at: float, channel: str, said: Said | None = None) -> Row:
        errand, header = file.errand, None
        purpose, entry, author, text = said or file.said or Said("receipt", 0, None, "")
        named, timed = bool(errand.name), bool(errand.best_time)
        sort = Sort(purpose, channel, errand.language, file.row["department_code"], author, named, timed)
        day = self._letter_date(at, errand.language) if channel == "letter" else ""
        plain, quoted = file.values
        form = self._stationery.fill_in(sort, {**plain, "said": text}, {**quoted, "day": day})
        if channel == "email":
            header = f"<{file.row['number']}.{codes.new()[:16].lower()}@{self._mail_domain}>"
        same = sum(sent["entry_id"] == entry and sent["channel"] == channel for sent, _ in file.messages)
        return {
            "id": next(self._ids),
            "case_id": file.row["id"],
            "entry_id": entry or None,
            "purpose": purpose,
            "channel": channel,
            "generation": same + 1,
            "language": errand.language,
            "recipient": form.recipient,
            "subject": form.subject,
            "body": form.body,
            "frame": form.frame,
            "header_id": header,
            "references": f"{{{','.join(file.thread)}}}" if header else "{}",
            "status": "accepted",
            "attempts": 1,
            "provider_ref": TAKEN_OVER_BY[channel],
            "error": None,
        }

    def _letter_date(self, at: float, language: str) -> str:
        return letter_date(clock.today(datetime.fromtimestamp(at, UTC), self._zone), language)


@lru_cache(maxsize=8)  # what one act writes has one time
def stamp(at: float) -> str:
    """A POSIX time as PostgreSQL reads it."""
    return datetime.fromtimestamp(at, UTC).isoformat()
