"""Printed forms of messages: each sort is composed once by `announcements`, then filled in for many cases.

A specimen case has tokens where a case has its own name, number, code and so on. The message that the announcements
compose for it, with slots where the tokens were, is the form. So generated messages say what real ones say, at a
hundredth of the cost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from json.encoder import encode_basestring
from typing import NamedTuple

from flask_babel import force_locale

from caseflow.cases import announcements, codes, words
from caseflow.cases.models import Case, Entry

to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

SLOTS = ("name", "number", "subject", "email", "phone", "best_time", "street", "postcode", "town", "said")
# A token that no text holds; upper and lower case stand for a letter's town, which is printed in capitals.
TOKENS = {slot: f"ꙮ{slot}ꙮ" for slot in SLOTS}
# It stands for the case's due date, and for the day that a letter is dated.
DAY = date(2001, 1, 1)
# It stands for the phone in an SMS, which goes to no token; a number for use in fiction (PTS).
MOBILE = "+46701740699"
# As long as a code, and not in its alphabet.
CODE = "IOLU" * (codes.LENGTH // 4)


class Sort(NamedTuple):
    """What makes one form differ from another. `author` is a member of staff's id, None for a receipt."""

    purpose: str
    channel: str
    language: str
    department: str
    author: int | None
    named: bool
    best_time: bool


class Form(NamedTuple):
    """A message's texts; while it is a form, `%(slot)s` stands for what a case fills in. The last two are JSON."""

    subject: str
    body: str
    recipient: str
    frame: str


class Stationery:
    """The forms of one municipality; needs the database for the specimens only."""

    def __init__(self) -> None:
        self._forms: dict[Sort, Form] = {}

    def fill_in(self, sort: Sort, values: Mapping[str, str], quoted: Mapping[str, str]) -> Form:
        """The message for a case. `values` by slot (SLOTS, `code`, `grouped_code`, `TOWN`, `due`, `day`), and the same
        as they stand inside JSON."""
        form = self._forms.get(sort)
        if form is None:
            form = self._forms[sort] = _form(sort)
        return Form(form.subject % values, form.body % values, form.recipient % quoted, form.frame % quoted)


def quote(values: dict[str, str]) -> dict[str, str]:
    """The values as they stand inside JSON strings: mostly the very same."""
    together = "".join(values.values())
    if together.isprintable() and '"' not in together and "\\" not in together:
        return values
    return {slot: encode_basestring(value)[1:-1] for slot, value in values.items()}


@cache
def due_in_words(day: date, language: str) -> str:
    """The due date as a receipt writes it."""
    with force_locale(language):
        return words.long_date(day)


@cache
def letter_date(day: date, language: str) -> str:
    """The day as a letter is dated."""
    with force_locale(language):
        return announcements.letter_date(day)


def _form(sort: Sort) -> Form:
    case = _specimen(sort)
    entry = None
    if sort.author is not None:
        entry = Entry(sort="reply", author_id=sort.author, text=TOKENS["said"])
    at = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)
    message = announcements.compose(case, entry, channel=sort.channel, purpose=sort.purpose, now=at)
    texts = (message.subject, message.body, to_json(message.recipient), to_json(message.frame))
    return Form(*(_with_slots(text, sort.language) for text in texts))


def _specimen(sort: Sort) -> Case:
    given = {slot: TOKENS[slot] for slot in ("number", "subject", "email", "street", "postcode", "town")}
    return Case(
        **given,
        code=CODE,
        language=sort.language,
        department_code=sort.department,
        reply_by="email",
        phone=MOBILE if sort.channel == "sms" else TOKENS["phone"],
        name=TOKENS["name"] if sort.named else None,
        best_time=TOKENS["best_time"] if sort.best_time else None,
        due_on=DAY,
    )


def _with_slots(text: str, language: str) -> str:
    text = text.replace("%", "%%")
    printed = {token: slot for slot, token in TOKENS.items()} | {
        token.upper(): slot.upper() for slot, token in TOKENS.items()
    }
    printed |= {MOBILE: "phone", CODE: "code", codes.grouped(CODE): "grouped_code"}
    printed |= {due_in_words(DAY, language): "due", letter_date(DAY, language): "day"}
    for token, slot in printed.items():
        text = text.replace(token, f"%({slot})s")
    return text
