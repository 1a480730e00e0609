"""What somebody wrote now, apart from the earlier mail that their mail program has put below or around it.

Libraries for this were looked at in November 2026 (mail-parser-reply 1.36, quotequail 0.5.4): neither knows Finnish,
and the first also takes away what it holds for a signature. Here a line is a quotation or it is not; whatever is in
doubt stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

WRAPPED = 4  # lines over which a mail program spreads "On … wrote:"
HEADERS = 8  # lines in which the headers of a quoted mail stand
LINE = 500  # characters of a line that are looked at

_WROTE = re.compile(r"\b(skrev|wrote|kirjoitti|schrieb)\b", re.IGNORECASE)
_MOMENT = re.compile(r"\d{1,4}[./-]\d|\d{1,2}[:.]\d\d|\b(19|20)\d\d\b")
_ADDRESS = re.compile(r"[^\s<>]@[^\s<>]")
# What stands above a mail that Outlook quotes without signs, in the product's languages.
_FROM = re.compile(r"\*?(från|from|lähettäjä|von)\s?:\*?\s?\S", re.IGNORECASE)
_MORE = re.compile(
    r"\*?(skickat|datum|till|ämne|kopia|sent|date|to|subject|cc|lähetetty|päivämäärä|päiväys|vastaanottaja|aihe|kopio"
    r"|gesendet|an|betreff)\s?:",
    re.IGNORECASE,
)
_RULE = re.compile(r"[_=-]{10,}")
_EARLIER = re.compile(
    r"-{2,}\s?(ursprungligt meddelande|ursprungsmeddelande|original message|alkuperäinen viesti)\s?-{2,}", re.IGNORECASE
)


@dataclass(frozen=True)
class Folded:
    """`new` says something when the text did; `quoted` is what was folded away."""

    new: str
    quoted: str


def fold(text: str) -> Folded:
    """The new words of a mail. Several answers below quoted lines keep the lines that they answer."""
    lines = [line.rstrip() for line in text.split("\n")]
    end = _begin_of_the_rest(lines)
    blocks = _blocks(lines[:end])
    quotes = [place for place, (quoted, _) in enumerate(blocks) if quoted]
    answers = [place for place, (quoted, _) in enumerate(blocks) if not quoted and quotes and place > quotes[0]]
    if len(answers) >= 2:
        kept, folded = blocks[: answers[-1] + 1], blocks[answers[-1] + 1 :]
    else:
        kept, folded = [block for block in blocks if not block[0]], [block for block in blocks if block[0]]
    new, quoted = _together(kept), "\n".join((_together(folded), *lines[end:])).strip()
    return Folded(new, quoted) if new else Folded(text.strip(), "")


def _blocks(lines: list[str]) -> list[tuple[bool, list[str]]]:
    """The lines by turns quoted and not; blocks that say nothing are left out."""
    quoted = [line.startswith(">") for line in lines]
    for place in range(len(lines)):
        if quoted[place] and not (place and quoted[place - 1]):
            for above in _introduction(lines, place):
                quoted[above] = True
    marked = groupby(zip(quoted, lines, strict=True), key=lambda pair: pair[0])
    blocks = [(is_quoted, [line for _, line in block]) for is_quoted, block in marked]
    return [(is_quoted, block) for is_quoted, block in blocks if any(line.strip("> ") for line in block)]


def _introduction(lines: list[str], quote: int) -> range:
    """The places of "On … wrote:" right above a quotation, and of the empty lines between."""
    last = quote - 1
    while last > max(0, quote - 3) and not lines[last].strip():
        last -= 1
    return next((range(first, quote) for first, said in _endings(lines, last) if _says_who_wrote(said)), range(0))


def _begin_of_the_rest(lines: list[str]) -> int:
    """Where an earlier mail begins that goes on to the end without signs of quotation; past the end when none does."""
    for place, line in enumerate(lines):
        if _EARLIER.fullmatch(line.strip()[:LINE]) or _heads_a_mail(lines, place):
            return _with_the_rule_above(lines, place)
        if line.endswith(":") and not any(below.startswith(">") for below in lines[place + 1 : place + 4]):
            for first, said in _endings(lines, place):
                if _says_who_wrote(said) and _ADDRESS.search(said):
                    return first
    return len(lines)


def _endings(lines: list[str], last: int) -> Iterator[tuple[int, str]]:
    """What the lines up to this one say together, from one line to as many as may be wrapped; and where it begins."""
    for first in range(last, max(-1, last - WRAPPED), -1):
        if not lines[first].strip():
            return
        yield first, " ".join(line.strip()[:LINE] for line in lines[first : last + 1])


def _says_who_wrote(said: str) -> bool:
    return said.endswith(":") and bool(_WROTE.search(said) and _MOMENT.search(said))


def _heads_a_mail(lines: list[str], place: int) -> bool:
    """From: with at least two more headers of a mail right below."""
    if not _FROM.match(lines[place][:LINE]):
        return False
    return sum(1 for line in lines[place + 1 : place + HEADERS] if _MORE.match(line[:LINE])) >= 2


def _with_the_rule_above(lines: list[str], place: int) -> int:
    above = place - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    return above if above >= 0 and _RULE.fullmatch(lines[above].strip()) else place


def _together(blocks: list[tuple[bool, list[str]]]) -> str:
    return "\n".join(line for _, block in blocks for line in block).strip()
