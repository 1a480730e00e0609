"""What the form asks besides, by category: as data of the municipality, checked, answered, and kept with its words.

An answer keeps the question's words as they stood, so that what was asked stays what was asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml
from flask_babel import format_decimal
from flask_babel import gettext as _

from caseflow.cases.models import LANGUAGES, in_language
from caseflow.cases.municipality.checked_yaml import Fields, Unreadable, parse

SORTS = ("text", "choice", "date", "number")
MOST, LONGEST = 10, 500
CODE = re.compile(r"[a-z][a-z0-9_]{0,30}")
Row = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """One question; `choices` are codes with their names in each language."""

    code: str
    sort: str
    names: Mapping[str, str]
    hints: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    choices: Sequence[Mapping[str, Any]] = ()

    def name(self, language: str) -> str:
        return in_language(dict(self.names), language)

    def hint(self, language: str) -> str:
        return in_language(dict(self.hints), language)

    def options(self, language: str) -> list[tuple[str, str]]:
        return [(one["code"], in_language(one["names"], language)) for one in self.choices]

    def answer(self, typed: str) -> Row | None:
        """The answer as the case keeps it; None for an empty one. ValueError, in words for who typed it."""
        if not typed:
            if self.required:
                raise ValueError(_("Answer this question."))
            return None
        kept: Row = {"code": self.code, "sort": self.sort, "names": dict(self.names), "value": _value(self, typed)}
        if self.sort == "choice":
            kept["shown"] = next(one["names"] for one in self.choices if one["code"] == typed)
        return kept


def of(rows: Sequence[Row]) -> tuple[Question, ...]:
    """The questions that a category's rows stand for."""
    return tuple(Question(**row) for row in rows)


def told(answers: Sequence[Row], language: str) -> list[tuple[str, str]]:
    """Each question and its answer in a language."""
    return [(in_language(one["names"], language), _shown(one, language)) for one in answers]


def rows(category: Fields) -> list[Row]:
    """The questions of a category in the municipality's file; raises `Unreadable`."""
    given = category.each_by_code("questions")
    if len(given) > MOST:
        raise Unreadable(_("%(where)s: at most %(num)d questions", where=category.where, num=MOST))
    return [_row(code, one) for code, one in given.items()]


def from_text(typed: str) -> list[Row]:
    """The questions as an administrator writes them, in the words of the file. ValueError: the first mistake."""
    try:
        found = parse(b"questions:\n" + "\n".join(f"  {line}" for line in typed.splitlines()).encode())
        whole = Fields(found, "")
        rows(whole)
        whole.done()
    except Unreadable as error:
        raise ValueError(str(error)) from error
    kept: list[Row] = found["questions"] or []
    return kept


def as_text(given: Sequence[Row]) -> str:
    return yaml.safe_dump(list(given), allow_unicode=True, sort_keys=False, width=100) if given else ""


def as_rows(given: Sequence[Row]) -> list[Row]:
    """As they stand in the file: without what is the default."""
    return [{name: value for name, value in one.items() if value} for one in given]


def _row(code: str, one: Fields) -> Row:
    if not CODE.fullmatch(code):
        raise Unreadable(_("%(where)s: a code has small letters, digits and _ only", where=one.where))
    row: Row = {
        "code": code,
        "sort": one.one_of("sort", SORTS, "text"),
        "names": one.by_key("names", LANGUAGES, needed=True),
        "hints": one.by_key("hints", LANGUAGES),
        "required": one.take("required", bool, False),
        "choices": [],
    }
    if row["sort"] == "choice":
        row["choices"] = [_choice(name, choice) for name, choice in one.each_by_code("choices").items()]
        if len(row["choices"]) < 2:
            raise Unreadable(_("%(where)s: a choice needs two choices or more", where=one.where))
    one.done()
    return row


def _choice(code: str, one: Fields) -> Row:
    row = {"code": code, "names": one.by_key("names", LANGUAGES, needed=True)}
    one.done()
    return row


def _value(question: Question, typed: str) -> str:
    if question.sort == "choice" and typed not in {one["code"] for one in question.choices}:
        raise ValueError(_("Choose one in the list."))
    if question.sort == "date":
        try:
            return date.fromisoformat(typed).isoformat()
        except ValueError:
            raise ValueError(_("Write the date as year-month-day, for example 2026-11-23.")) from None
    if question.sort == "number":
        plain = re.sub(r"[\s\u202f]", "", typed).replace(",", ".").replace("−", "-")
        if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", plain):
            raise ValueError(_("Write a number in digits, for example 12 or 3.5."))
        return plain
    if len(typed) > LONGEST:
        raise ValueError(_("Write at most %(num)s characters here.", num=LONGEST))
    return typed


def _shown(one: Row, language: str) -> str:
    if one["sort"] == "choice":
        return in_language(one["shown"], language)
    return format_decimal(one["value"]) if one["sort"] == "number" else str(one["value"])
