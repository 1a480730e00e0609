"""The rows of the queue as they stand on its page."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup, escape

from caseflow.cases import words
from caseflow.cases.triage.queue_choices import Choices
from caseflow.cases.triage.queue_words import WHERE
from caseflow.cases.triage.row_marks import NONE, Marks
from caseflow.cases.triage.search import Pieces, Why
from caseflow.mould import Shelf, mould

TEMPLATE = "cases/_queue_row.html"
DONE = ("answered", "closed")
# A list is looked at again and again, and hardly a row of it is another one than the last time.
_ROWS = Shelf(4096)
# Where a row that is kept is marked anew for each search. Nobody can write what nobody knows.
_SUBJECT, _SNIPPET = (f"\x02{secrets.token_hex(8)}\x03" for _ in range(2))


def drawn(
    rows: Sequence[sa.Row[Any]], choices: Choices, why: Mapping[int, Why], today: date, *, pick: bool, by_waiting: bool
) -> Markup:
    """All of them; `pick` is whether they can be chosen, `by_waiting` whether they say since when somebody waits."""

    known = _ROWS.opened()

    def told(row: sa.Row[Any]) -> str:
        marks, reason = Marks.of(row), why.get(row.id)
        # The marks are lists, which are no key; without any the row is one.
        alike = tuple(row) if marks is NONE else tuple(value for value in row if not isinstance(value, list))
        key = (alike, marks, today, pick, by_waiting, reason is not None, reason and reason.where)
        shape = known(key, lambda: _row(row, marks, choices, reason, today, pick, by_waiting))
        if reason is None:
            return shape
        # As a text, since Markup would escape what goes in a second time and ask each whether it is one.
        return str.replace(str.replace(shape, _SUBJECT, _marked(reason.subject)), _SNIPPET, _marked(reason.snippet))

    return Markup("".join(map(told, rows)))  # noqa: S704  # each is Markup


def _row(
    row: sa.Row[Any], marks: Marks, choices: Choices, why: Why | None, today: date, pick: bool, by_waiting: bool
) -> Markup:
    since = row.waiting_since if by_waiting else row.received_at
    opening, hit = _opening(row), why is not None and why.where is not None
    ended = (row.closed_at or row.answered_at) if row.status in DONE else None
    shape = mould(
        TEMPLATE,
        pick=pick,
        lost=row.undelivered,
        high=row.priority == "high",
        urgency="" if row.status in DONE else words.urgency(row.due_on, today),
        escalated=row.escalated,
        planned=row.planned_for is not None,
        writing=min(len(marks.writing), 2),
        reading=min(len(marks.reading), 2),
        draft=marks.draft,
        others=bool(marks.others),
        hit=hit,
        label=str(WHERE.get(why.where, "")) if why and why.where else "",
        opening=bool(opening),
        status=row.status,
        assigned=row.assignee is not None,
        reply_by=row.reply_by,
        since=since is not None,
        ended=ended is not None,
    )
    filling = {
        "number": row.number,
        "version": row.version,
        "subject": _SUBJECT if why else escape(row.subject),
        "opening": escape(opening),
        "kind": escape(choices.kinds[row.kind_code]),
        "department": escape(choices.departments[row.department_code]),
        "due": row.due_on.isoformat(),
        "due_day": words.long_date(row.due_on),
        "due_words": words.due_in_words(row.due_on, today),
    }
    filling |= {name: escape(", ".join(getattr(marks, name))) for name in ("writing", "reading", "others")}
    if hit and why:
        filling["snippet"] = _SNIPPET
    if row.planned_for:
        filling["planned"] = escape(words.planned_for(row.planned_for, today))
    if row.assignee:
        filling |= {"assignee": escape(row.assignee), "initials": escape(_initials(row.assignee))}
    if since:
        filling |= {"since": since.isoformat(timespec="minutes"), "since_day": words.written(since, "d MMM")}
    if ended:
        filling |= _of_the_end(ended)
    return Markup(shape % filling)  # noqa: S704  # the mould is our template, and what came from people is escaped


def _of_the_end(ended: datetime) -> dict[str, str]:
    return {
        "ended": ended.isoformat(timespec="minutes"),
        "ended_at": words.moment(ended),
        "ended_day": words.written(ended, "d MMM"),
    }


def _opening(row: sa.Row[Any]) -> str:
    """How the text goes on after the subject, which is its beginning."""
    stem = row.subject.rstrip("…")
    opening: str = row.opening.split(stem, 1)[1] if stem and stem in row.opening else row.opening
    return opening.strip()


@lru_cache(maxsize=1024)
def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split()[:2]).upper()


def _marked(pieces: Pieces) -> Markup:
    written = (f"<mark>{escape(text)}</mark>" if hit else escape(text) for text, hit in pieces)
    return Markup("".join(written))  # noqa: S704  # each is escaped
