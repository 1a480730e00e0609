"""What is wrong with an address before a letter is sent to it: pure, and measured with the letter's own font.

The rules are the Swedish Post's as 21grams tells them (10 to 12 points, no blank lines, "NNN NN  ORT"; at most five
lines) and, for characters that disturb sorting machines, those of GOV.UK Notify.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from caseflow.messages import press
from caseflow.messages.envelopes import Envelope
from caseflow.messages.glyphs import drawable, undrawable
from caseflow.messages.typesetting import places

Code = Literal["few", "many", "empty", "postcode", "leading", "unprintable", "wide", "no_room"]

LINES = (2, 5)
# "612 80  FINSPÅNG", or for another country "FI-00100  HELSINGFORS".
PLACE = re.compile(r"(\d{3} ?\d{2}|[A-Z]{1,3}-[0-9A-Z][0-9A-Z -]*) +[^\W\d]")
LEADING = re.compile(r"[@()=\[\]\"\\/,<>~]")
# With these the letter is refused when it is set, or cannot arrive; with the others it can.
BLOCKING: frozenset[Code] = frozenset({"few", "many", "no_room", "unprintable"})


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an address; `line` counts from 0, `text` is the line or the characters that it is about.

    few, many: fewer than 2 lines, more than 5.  empty: a line without text between others.
    postcode: the place (the last line; abroad the country follows it and it is not looked at) is not "612 80  ORT".
    leading: the line begins with a character that disturbs sorting machines.
    unprintable: `text` has the characters that the font cannot draw.
    wide: the line is too wide for the window at 10 points, so it will be wrapped.
    no_room: the whole address does not fit the window in any size.
    """

    code: Code
    line: int | None = None
    text: str = ""

    @property
    def blocks(self) -> bool:
        """Whether the letter cannot be sent like this; otherwise it can, and somebody should have a look."""
        return self.code in BLOCKING


def problems(lines: Sequence[str], envelope: Envelope, *, abroad: bool = False) -> list[Problem]:
    """Everything that is wrong with the lines of an address, the name first; nothing when it may be sent.

    `abroad` says that the last line is a country. The lines are those of `typesetting.Letter.recipient`.
    """
    return [*_of_all(lines), *_of_each(lines), *_of_the_place(lines, abroad), *_of_the_room(lines, envelope)]


def _of_all(lines: Sequence[str]) -> Iterator[Problem]:
    written = [line for line in lines if line.strip()]
    fewest, most = LINES
    if len(written) < fewest:
        yield Problem("few")
    if len(written) > most:
        yield Problem("many")
    if lost := undrawable("\n".join(lines)):
        yield Problem("unprintable", text=lost)


def _of_each(lines: Sequence[str]) -> Iterator[Problem]:
    for number, line in enumerate(lines):
        if not line.strip():
            yield Problem("empty", number)
        elif LEADING.match(line.strip()):
            yield Problem("leading", number, line)


def _of_the_place(lines: Sequence[str], abroad: bool) -> Iterator[Problem]:
    written = [number for number, line in enumerate(lines) if line.strip()]
    if not abroad and written and not PLACE.match(lines[written[-1]].strip()):
        yield Problem("postcode", written[-1], lines[written[-1]])


def _of_the_room(lines: Sequence[str], envelope: Envelope) -> Iterator[Problem]:
    shown = {number: drawable(line).strip() for number, line in enumerate(lines) if line.strip()}
    if not shown:
        return
    measured = press.answer("window.typ", {"recipient": list(shown.values()), **places(envelope)})
    if measured["size"] is None:
        yield Problem("no_room")
    for number, wide in zip(shown, measured["wide"], strict=True):
        if wide:
            yield Problem("wide", number, lines[number])
