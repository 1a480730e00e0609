"""When a resident wants to be called, read from what was typed: "efter 17", "ma–fre 8–10", "arkisin klo 9–11".

Swedish, English and Finnish at once, because people mix them. Each word becomes one letter of a code, and patterns of
the code are read. A part that says something else (about work, dates, other numbers) is left out, and what contradicts
itself gives no window: the caller sees the words in any case, and a wish read wrongly is worse than one not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import time
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

WEEK = frozenset(range(7))
NOON, DAY = 12 * 60, 24 * 60  # minutes
LONGEST = 300  # characters that are read; the form takes 120, and a remark beside the number


@dataclass(frozen=True)
class Window:
    """On these weekdays (0 is Monday), from `start` until before `end` on the municipality's wall."""

    days: frozenset[int] = WEEK
    start: time = time.min
    end: time = time.max


class _Word(NamedTuple):
    """`code` is what sort of word it is, `value` its weekdays or minutes of the day.

    D weekdays · d a weekday in letters that may be another word · P part of the day · N time · A after · B before
    R to · W between · L and later · E and earlier · X not · & and · K o'clock · ; next part · S says something else
    u a unit, which makes something else of the number before it.
    """

    code: str
    value: tuple[int, ...] = ()
    clear: bool = False  # a time that is no other half of the day's: 15, 3 pm
    alone: bool = False  # a number that can only be a time: 8.30, 3 pm


class _Unclear(Exception):
    """This part of the text may mean several things, or none."""


_CODES = {
    "A": "efter från fr from after since past tidigast earliest aikaisintaan",
    "B": "före innan tills senast before until latest by ennen viimeistään",
    "R": "- till",
    "W": "mellan between välillä välisenä",
    "L": "senare framåt later onwards onward jälkeen alkaen eteenpäin lähtien",
    "E": "tidigare earlier asti saakka mennessä",
    "X": "inte ej icke utom förutom aldrig inga inget ingen not no except never don dont ei eikä paitsi älkää älä",
    "&": "& + / och samt and ja sekä",
    "K": "kl klo klockan kello at",
    ";": "; , men but mutta",
    "S": "work works working away busy school borta upptagen loma lomalla today tomorrow idag imorgon tänään huomenna",
    "u": "e a th st nd rd dag dagar dygn day days kertaa ggr min tim kk",
    "t": "to",
}
_SHORT_DAYS = ("mån", "tis tue tues", "ons", "tors thu thur thurs", "fre", "lör", "sön")
_DOUBTFUL_DAYS = ("må mon ma", "ti", "wed ke", "tor", "fri pe", "sat la", "sun su")
_EXACT = {
    **{word: _Word(code) for code, words in _CODES.items() for word in words.split()},
    **{word: _Word("D", (day,)) for day, words in enumerate(_SHORT_DAYS) for word in words.split()},
    **{word: _Word("d", (day,)) for day, words in enumerate(_DOUBTFUL_DAYS) for word in words.split()},
    "fm": _Word("P", (360, NOON)),
    "em": _Word("P", (NOON, 1080)),
    **{word: _Word("N", (NOON,), True, True) for word in ("noon", "midday", "puolipäivän", "puolenpäivän")},
}
# The first beginning that fits names the word.
_BEGINNINGS = tuple(
    (beginning, word)
    for beginnings, word in (
        ("månda monda maanan", _Word("D", (0,))),
        ("tisda tuesd tiist", _Word("D", (1,))),
        ("onsda wednes keskiv", _Word("D", (2,))),
        ("torsda thursd torst", _Word("D", (3,))),
        ("freda frida perjan", _Word("D", (4,))),
        ("lörda satur lauan", _Word("D", (5,))),
        ("sönda sunda sunnun", _Word("D", (6,))),
        ("vardag weekday workday arki", _Word("D", (0, 1, 2, 3, 4))),
        ("helg weekend viikonlop", _Word("D", (5, 6))),
        ("förmidd morning aamupäiv", _Word("P", (360, NOON))),
        ("eftermidd afternoon iltapäiv", _Word("P", (NOON, 1080))),
        ("morgon morgn aamu", _Word("P", (360, 600))),
        ("kväll evening ilta illa", _Word("P", (1020, 1320))),
        ("lunch lounas lounaa", _Word("P", (690, 780))),
        ("dagtid daytime päivisin kontorstid virka", _Word("P", (480, 1020))),
        ("jobb arbet skol sov sleep möte meeting semest vacation holiday töi työ", _Word("S")),
        ("veck week viik månad month kuukau janua febru mars march april maj juni june juli july august", _Word("S")),
        ("septem oktob octob novem decem tammik helmik maalisk huhtik toukok kesäk heinäk elok syysk", _Word("S")),
        ("lokak marrask jouluk", _Word("S")),
        ("timm minut hour gång times tunti tunn päivä", _Word("u")),
    )
    for beginning in beginnings.split()
)
_NUMBERS = (
    "två tre fyra fem sex sju åtta nio tio elva tolv",
    "two three four five six seven eight nine ten eleven twelve",
    "kahden kolmen neljän viiden kuuden seitsemän kahdeksan yhdeksän kymmenen yhdentoista kahdentoista",
)
_IN_WORDS = {word: number for words in _NUMBERS for number, word in enumerate(words.split(), 2)}

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−>", "-"))
_SENTENCE_END = re.compile(r"(?<=[^\W\d_]{4})[.!?](?=\s)")
_COMPOUND = re.compile(r"(vardag|dag|arki)s?(?=kväll|förmidd|eftermidd|morg|ilta|ilto|aamu)|\bi (?=morgon\b|dag\b)")
_TOKEN = re.compile(r"\d{1,2}(?:[:.]\d{2})?\s?[ap]\.?m\b|\d{1,2}[:.]\d{2}(?!\d)|\d+|[^\W\d_]+|[-,;&+/]")
_TIME = re.compile(r"(\d{1,2})(?:[:.]?(\d{2}))?\s?(?:([ap])\.?m)?")

# What the code of one part of the text may hold, tried in this order.
_T = "K?N"
_PATTERNS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("range", f"A?(?:W?{_T}R{_T}|W{_T}&{_T})W?|{_T}&{_T}W"),
        ("start", f"A{_T}L?|{_T}L|{_T}R(?=$|D|X)"),
        ("end", f"[BR]{_T}E?|{_T}E"),
        ("after", "AP|PL"),
        ("before", "[BR]P|PE"),
        ("part", "P"),
        ("about", _T),
        ("days", "D(?:R?&?D)*"),
        ("not", "X"),
        ("nothing", "[&WAKLER]"),
    )
)
_SORT = {"range": "range", "about": "range", "start": "start", "after": "start", "end": "end", "before": "end"}


@lru_cache(maxsize=4096)
def read(text: str | None) -> Window | None:
    """The window that a text asks for; None when it asks for none, or for none that is certain."""
    days, but, hours = set[int](), set[int](), dict[str, tuple[int, int]]()
    for words in _parts(_resolved(list(_words((text or "")[:LONGEST].lower())))):
        try:
            part = _Part(words)
        except _Unclear:
            continue
        if hours.keys() & part.hours.keys() or (hours and part.hours and part.days):
            return None
        days, but, hours = days | part.days, but | part.but, hours | part.hours
    left = frozenset(days or WEEK) - but
    return _window(left, list(hours.values())) if left and (hours or left != WEEK) else None


class _Part:
    """What one part of the text says: on which weekdays, on which not, and the hours by the way they are said."""

    def __init__(self, words: list[_Word]) -> None:
        """Raises `_Unclear` when some of it cannot be read."""
        self.days, self.but, self.hours = set[int](), set[int](), dict[str, tuple[int, int]]()
        codes, at, negated = "".join(word.code for word in words), 0, False
        while at < len(codes):
            name, end = _next(codes, at)
            if name == "days":
                (self.but if negated else self.days).update(_weekdays(words[at:end]))
            elif name not in ("not", "nothing"):
                self._add(name, _hours(name, words[at:end], words), negated=negated)
            at, negated = end, name == "not" or (negated and name == "nothing")

    def _add(self, name: str, hours: tuple[int, int], *, negated: bool) -> None:
        sort = _SORT.get(name, name)
        if negated:
            sort, hours = _the_rest(hours)
        if self.but or sort in self.hours:
            raise _Unclear
        self.hours[sort] = hours


def _next(codes: str, at: int) -> tuple[str, int]:
    """Which pattern stands here, and where it ends."""
    for name, pattern in _PATTERNS:
        found = pattern.match(codes, at)
        if found:
            return name, found.end()
    raise _Unclear


def _words(text: str) -> Iterator[_Word]:
    """The words that mean something here, in their order."""
    text = _COMPOUND.sub(lambda found: f"{found[1]} " if found[1] else "i", text.translate(_DASHES))
    before = ""
    for token in _TOKEN.findall(_SENTENCE_END.sub(";", text)):
        word = _word(token)
        if word.code == "u":
            word = _Word("S" if before == "N" else "")
        before = word.code
        if word.code:
            yield word


def _word(token: str) -> _Word:
    if token[0].isdigit() or token in _IN_WORDS:
        return _number(str(_IN_WORDS.get(token, token)))
    known = _EXACT.get(token) or next((word for start, word in _BEGINNINGS if token.startswith(start)), None)
    return known or _Word("")


def _number(token: str) -> _Word:
    """A time of the day; any other number says something else."""
    found = _TIME.fullmatch(token)
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
    half = found[3] if found else None
    if minute % 5 or minute > 59 or hour * 60 + minute > DAY or (half and not 1 <= hour <= 12):
        return _Word("S")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return _Word("N", (hour * 60 + minute,), bool(half) or hour > 12, bool(half or (found and found[2])))


def _resolved(words: list[_Word]) -> list[_Word]:
    """The doubtful words by their neighbours: "to" is a Thursday in "ti–to", and none in "8 to 10"."""
    codes = ["", *(word.code for word in words), ""]
    found = []
    for place, word in enumerate(words, 1):
        before, after = codes[place - 1], codes[place + 1]
        if word.code == "t":
            joins = (before in ("N", "P") and after in ("N", "K")) or (before in ("D", "d") and after in ("D", "d"))
            word = _Word("R") if joins else _Word("d", (3,))
        if word.code == "d":
            beside = {_beyond(codes[place - 1 :: -1]), _beyond(codes[place + 1 :])}
            starts = before in ("", ";") and after in ("N", "K")
            word = word._replace(code="D") if beside & {"D", "d", "t"} or starts else _Word("")
        if word.code == ";" and {_beyond(codes[place - 1 :: -1]), _beyond(codes[place + 1 :])} <= {"D", "d", "t"}:
            word = _Word("&")
        if word.code:
            found.append(word)
    return found


def _beyond(codes: Iterable[str]) -> str:
    """The first that joins nothing."""
    return next((code for code in codes if code not in ("R", "&", ";")), "")


def _parts(words: Iterable[_Word]) -> Iterator[list[_Word]]:
    part: list[_Word] = []
    for word in chain(words, [_Word(";")]):
        if word.code != ";":
            part.append(word)
            continue
        yield part
        part = []


def _weekdays(words: list[_Word]) -> set[int]:
    """Single days, and all from one to another."""
    days, through, last = set[int](), False, 0
    for word in words:
        if word.code != "D":
            through = word.code == "R"
            continue
        if through:
            days.update((last + step) % 7 for step in range((word.value[0] - last) % 7))
        days.update(word.value)
        last, through = word.value[-1], False
    return days


def _hours(name: str, said: list[_Word], part: list[_Word]) -> tuple[int, int]:
    """From which minute of the day to which."""
    if said_part := [word.value for word in said if word.code == "P"]:
        start, end = said_part[0]
        return {"after": (end, DAY), "before": (0, start)}.get(name, (start, end))
    if name == "about" and said[0].code != "K" and not said[0].alone:
        raise _Unclear
    times = [_in_its_half(word, part) for word in said if word.code == "N"]
    match name:
        case "start":
            return times[0], DAY
        case "end":
            return 0, times[0]
        case "about":
            return times[0], times[0] + 60
    start, end = times
    return start, end + NOON if end <= start and end + NOON <= DAY else end


def _in_its_half(time_said: _Word, part: list[_Word]) -> int:
    """Nobody means five in the morning by "after five", nor seven by "in the evening after seven"."""
    minute = time_said.value[0]
    if time_said.clear or not 60 <= minute < NOON:
        return minute
    begins = [word.value[0] for word in part if word.code == "P"]
    late, early = any(at >= NOON for at in begins), any(at < 600 for at in begins)
    return minute + NOON if late or (minute < 7 * 60 and not early) else minute


def _the_rest(hours: tuple[int, int]) -> tuple[str, tuple[int, int]]:
    """What "not before 10" leaves of the day, where that is one piece."""
    start, end = hours
    if start <= 8 * 60:
        return "start", (end, DAY)
    if end >= 17 * 60:
        return "end", (0, start)
    raise _Unclear


def _window(days: frozenset[int], hours: list[tuple[int, int]]) -> Window | None:
    """None also for what leaves nothing of the day ("at 24"), or all of it ("before 24")."""
    start, end = max((first for first, _last in hours), default=0), min((last for _first, last in hours), default=DAY)
    if start >= min(end, DAY):
        return None
    found = Window(days, time(*divmod(start, 60)), time.max if end >= DAY else time(*divmod(end, 60)))
    return None if found == Window() else found
