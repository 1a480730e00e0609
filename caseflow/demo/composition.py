"""Composes demo errands, and what caseworkers and residents write about them, from texts.yaml and people.yaml.

Pure and seeded: no database and no clock, and the same seed gives the same errands. Built to make a million of them,
so every weighted choice is prepared once and costs one bisection.
"""

import unicodedata
from bisect import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

import holidays
import yaml
from babel.dates import get_day_names, get_month_names

T = TypeVar("T")
Tree = Mapping[str, Any]

SNOW = "sb.snow"
SATURDAY = 5
# Errands an hour, local time, in proportion: a peak before lunch, a second life in the evening, little at night.
WORKING_DAY = (3, 2, 1, 1, 2, 5, 15, 40, 78, 92, 88, 74, 62, 74, 74, 68, 58, 48, 44, 45, 40, 34, 22, 9)
FREE_DAY = (3, 2, 1, 1, 1, 2, 4, 8, 14, 20, 24, 24, 22, 22, 22, 21, 21, 20, 20, 20, 18, 14, 9, 5)
MONDAY_TO_SUNDAY = (1.15, 1.05, 1.0, 0.98, 0.85, 1.0, 1.0)
SEASONS = ("winter",) * 3 + ("spring",) * 2 + ("summer",) * 3 + ("autumn",) * 2 + ("winter",) * 2
SNOW_BY_MONTH = (1.3, 1.2, 0.6, 0, 0, 0, 0, 0, 0, 0, 0.5, 1.0)
# A storm day brings many times a calm day's snow errands (facts, section 5: 119 in one winter, 1,953 in another).
STORM_CHANCE, STORM, CALM = 0.04, 20.0, 0.3
# How often a contact detail is given, by reply channel: what the channel needs always, the rest as people please.
# The columns: name, e-mail, phone, street address.
GIVEN = {
    "email": (0.9, 1, 0.3, 0.06),
    "phone": (0.95, 0.2, 1, 0.05),
    "letter": (1, 0.1, 0.3, 1),
    "none": (0.9, 0.5, 0.2, 0.05),
}
ANONYMOUS = 0.6  # of those who want no reply
GREETS, SIGNS, LONG_ENOUGH_TO_GREET = 0.3, 0.25, 80

LAST_WEEKDAY = {"sv": "i {}s", "en": "last {}", "fi": "viime {}"}


@dataclass(slots=True)
class Errand:
    """What a resident sends in. Text that was not given is "". `received` is in UTC; `phone` E.164; `postcode` five
    digits; `where` the street, place or school that the text speaks of, if any."""

    kind: str
    department: str
    category: str
    language: str
    text: str
    where: str
    reply_by: str
    name: str
    email: str
    phone: str
    street: str
    postcode: str
    town: str
    received: datetime


@dataclass(frozen=True, slots=True)
class Closing:
    """Why a case closes without an answer of its own: the resolution's code, and what the resident reads."""

    resolution: str
    text: str


@dataclass(frozen=True, slots=True)
class CalendarNames:
    """Weekdays from Monday; months as they follow the day's number."""

    weekdays: list[str]
    months: list[str]


@dataclass(frozen=True, slots=True)
class ResidentText:
    category: str
    kind: str
    language: str
    text: str
    season: str | None = None

    @property
    def where(self) -> str:
        """The slots that say where, as a pattern."""
        patterns = ("{street} {number}", "{street}", "{place}", "{school}")
        return next((pattern for pattern in patterns if pattern in self.text), "")

    @property
    def may_greet(self) -> bool:
        return len(self.text) >= LONG_ENOUGH_TO_GREET and self.text[0].isupper() and not self.text.startswith("Hej")


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a caseworker may write, or a resident may add; None fits everything."""

    language: str
    text: str
    kind: str | None = None
    category: str | None = None
    department: str | None = None

    def fit(self, errand: Errand) -> int:
        """How well it fits: -1 not at all, else more for kind than for category than for department."""
        if self.language != errand.language or ("{where}" in self.text and not errand.where):
            return -1
        pairs = ((self.kind, errand.kind), (self.category, errand.category), (self.department, errand.department))
        if any(wanted not in (None, found) for wanted, found in pairs):
            return -1
        return sum(worth for worth, (wanted, _) in zip((4, 2, 1), pairs, strict=True) if wanted)


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of the window, or a part of one at its edges; `snow` is the share of its errands that are about snow."""

    start: float
    seconds: float
    snow: float
    season: str
    day: date


class Wheel(Generic[T]):
    """A weighted choice, prepared once."""

    __slots__ = ("_items", "_last", "_sums", "_total")

    def __init__(self, weighted: Iterable[tuple[T, float]]) -> None:
        pairs = [(item, weight) for item, weight in weighted if weight > 0]
        if not pairs:
            raise ValueError("nothing to choose from")
        self._items = [item for item, _ in pairs]
        self._sums = list(accumulate(weight for _, weight in pairs))
        self._total, self._last = self._sums[-1], len(pairs) - 1

    def at(self, point: float) -> T:
        """The item at a point from 0 up to 1, which a random number gives."""
        return self._items[bisect(self._sums, point * self._total, 0, self._last)]


class Composer:
    """Composes errands for a municipality, received from `start` up to `end` (both aware).

    `municipality` is the whole municipality file, such as finspang.yaml. Raises ValueError when texts.yaml names a
    category or kind that it lacks, or when the window is empty.
    """

    def __init__(self, random: Random, municipality: Tree, start: datetime, end: datetime) -> None:
        texts, people = _load("texts.yaml"), _load("people.yaml")
        self._random = random.random
        self._departments = _departments(municipality)
        self._zone = ZoneInfo(municipality["municipality"]["timezone"])
        self._is_free = _free_days(municipality["municipality"]["holidays"])
        self._hours = Wheel(_hours(start, end, self._zone, self._is_free, texts["shares"]["categories"][SNOW], random))
        self._prepare_people(people, texts["shares"]["languages"])
        self._prepare_texts(texts, {kind["code"] for kind in municipality["kinds"]})
        self._prepare_slots(people)

    def errand(self) -> Errand:
        """The next errand."""
        rnd = self._random
        hour = self._hours.at(rnd())
        language = self._languages.at(rnd())
        season = "snow" if rnd() < hour.snow else hour.season
        template, where, may_greet = self._residents[language, season].at(rnd())
        reply_by = self._channels.get(template.kind, self._other_channels).at(rnd())
        name, email, phone, street, postcode, town = self._contact(language, reply_by)
        values = self._values(language, hour.day)
        text = template.text.format(**values)
        if may_greet:
            text = self._greeted(text, language, name)
        return Errand(
            template.kind, self._departments[template.category], template.category, language, text,
            where.format(**values) if where else "", reply_by, name, email, phone, street, postcode, town,
            datetime.fromtimestamp(hour.start + rnd() * hour.seconds, UTC),
        )  # fmt: skip

    def answer(self, errand: Errand, at: datetime | None = None) -> str:
        """A caseworker's answer in the errand's language; its dates lie after `at`, by default the arrival."""
        return self._written(self._answers, errand, at)

    def question(self, errand: Errand, at: datetime | None = None) -> str:
        """A caseworker's question back to the resident."""
        return self._written(self._questions, errand, at)

    def follow_up(self, errand: Errand, *, answered: bool = False) -> str:
        """What the resident adds while waiting, or once answered."""
        said = self._one([phrase.text for phrase in self._follow_ups[answered] if phrase.fit(errand) >= 0])
        day = _day_of_month(self._local_day(errand.received), errand.language)
        return said.format(date=day, weekday=self._weekday(errand.language))

    def note(self) -> str:
        """An internal note, in Swedish."""
        return self._one(self._notes).format(days=self._one("23456789"))

    def transfer_reason(self) -> str:
        """Why a case moves to another department: internal, in Swedish."""
        return self._one(self._transfers)

    def closing(self, language: str) -> Closing:
        """Why a case closes without an answer of its own."""
        resolution, texts = self._one(self._closings)
        return Closing(resolution, texts[language])

    def _one(self, items: Sequence[T]) -> T:
        return items[int(self._random() * len(items))]

    def _prepare_people(self, people: Tree, languages: Tree) -> None:
        self._languages = Wheel(languages.items())
        named = [([_with_ascii(n) for n in o["first"]], [_with_ascii(n) for n in o["last"]]) for o in people["origins"]]
        self._origins = {
            language: Wheel((names, o["share"][language]) for names, o in zip(named, people["origins"], strict=True))
            for language in languages
        }
        self._towns = Wheel(
            ((postcode, town["town"]), town["share"] / len(town["postcodes"]))
            for town in people["towns"] for postcode in town["postcodes"]
        )  # fmt: skip
        reserved = people["phones"]
        self._phones = [f"{reserved['prefix']}{n}" for n in range(reserved["from"], reserved["to"] + 1)]
        # Two in five have their plain name as address, the rest a number after it.
        self._mail_ends = [f"{n}@{d}" for d in people["email_domains"] for n in [""] * 40 + list(range(40, 100))]

    def _prepare_texts(self, texts: Tree, kinds: set[str]) -> None:
        residents = [ResidentText(**text) for text in texts["residents"]]
        unknown = {text.category for text in residents} - set(self._departments) | {t.kind for t in residents} - kinds
        if unknown:
            raise ValueError(f"texts.yaml names what the municipality lacks: {', '.join(sorted(unknown))}")
        shares = texts["shares"]
        self._residents = {
            (language, season): _text_wheel(residents, shares, language, season)
            for language in shares["languages"] for season in {*SEASONS, "snow"}
        }  # fmt: skip
        self._channels = {kind: Wheel(channels.items()) for kind, channels in shares["channels"].items()}
        self._other_channels = self._channels["other"]
        self._answers, self._questions = _phrases(texts["answers"]), _phrases(texts["questions"])
        later = texts["follow_ups"]
        self._follow_ups = {False: _phrases(later["waiting"]), True: _phrases(later["answered"])}
        self._notes: list[str] = texts["notes"]
        self._transfers: list[str] = texts["transfers"]
        self._closings = [(closing["resolution"], closing["texts"]) for closing in texts["closings"]]
        self._greetings, self._farewells = texts["greetings"], texts["farewells"]
        self._fits: dict[tuple[Any, ...], Sequence[str]] = {}

    def _prepare_slots(self, people: Tree) -> None:
        self._streets, self._places = people["streets"], people["places"]
        self._schools, self._preschools = people["schools"], people["preschools"]
        flats = [f"{n} {letter}" for n in (2, 4, 8, 12, 16) for letter in "ABC"]
        self._numbers = [str(n) for n in range(1, 79)] + flats

    def _contact(self, language: str, reply_by: str) -> tuple[str, str, str, str, str, str]:
        """Name, e-mail, phone, street, postcode, town."""
        rnd = self._random
        if reply_by == "none" and rnd() < ANONYMOUS:
            return "", "", "", "", "", ""
        name, email, phone, address = GIVEN[reply_by]
        firsts, lasts = self._origins[language].at(rnd())
        first, last = self._one(firsts), self._one(lasts)
        street = postcode = town = ""
        if rnd() < address:
            street = f"{self._one(self._streets)} {self._one(self._numbers)}"
            postcode, town = self._towns.at(rnd())
        return (
            f"{first[0]} {last[0]}" if rnd() < name else "",
            f"{first[1]}.{last[1]}{self._one(self._mail_ends)}" if rnd() < email else "",
            self._one(self._phones) if rnd() < phone else "",
            street, postcode, town,
        )  # fmt: skip

    def _values(self, language: str, day: date) -> dict[str, str]:
        """A value for every slot of a resident's text that is sent on `day`."""
        rnd = self._random
        return {
            "street": self._one(self._streets),
            "number": self._one(self._numbers),
            "place": self._one(self._places),
            "school": self._one(self._schools),
            "preschool": self._one(self._preschools),
            "date": _day_of_month(day - timedelta(days=1 + int(rnd() * 12)), language),
            "weekday": self._weekday(language),
            "time": f"{int(6 + rnd() * 16)}.{int(rnd() * 12) * 5:02}",
            "days": self._one("23456789"),
            "post": str(int(1000 + rnd() * 9000)),
        }

    def _weekday(self, language: str) -> str:
        return LAST_WEEKDAY[language].format(_names(language).weekdays[int(self._random() * 7)])

    def _greeted(self, text: str, language: str, name: str) -> str:
        if self._random() < GREETS:
            text = f"{self._one(self._greetings[language])}\n\n{text}"
        if name and self._random() < SIGNS:
            text = f"{text}\n\n{self._one(self._farewells[language]).format(name=name)}"
        return text

    def _local_day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()

    def _fitting(self, phrases: Sequence[Phrase], errand: Errand) -> Sequence[str]:
        key = (id(phrases), errand.language, errand.kind, errand.category, bool(errand.where))
        if key not in self._fits:
            fits = [(phrase.fit(errand), phrase.text) for phrase in phrases]
            best = max(fit for fit, _ in fits)
            if best < 0:
                raise ValueError(f"texts.yaml has nothing to say in {errand.language} about {errand.category}")
            self._fits[key] = [text for fit, text in fits if fit == best]
        return self._fits[key]

    def _written(self, phrases: Sequence[Phrase], errand: Errand, at: datetime | None) -> str:
        day = self._local_day(at or errand.received) + timedelta(days=4 + int(self._random() * 14))
        while self._is_free(day):
            day += timedelta(days=1)
        when = f"{_names(errand.language).weekdays[day.weekday()]} {_day_of_month(day, errand.language)}"
        return self._one(self._fitting(phrases, errand)).format(where=errand.where, date=when)


@cache
def _load(name: str) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times as fast where it was built
    return yaml.load((Path(__file__).parent / name).read_text(encoding="utf-8"), Loader=loader)


def _phrases(entries: Sequence[Tree]) -> tuple[Phrase, ...]:
    return tuple(Phrase(**entry) for entry in entries)


def _departments(municipality: Tree) -> dict[str, str]:
    """Category → department."""
    return {c["code"]: d["code"] for d in municipality["departments"] for c in d["categories"]}


def _free_days(calendar: Tree) -> Callable[[date], bool]:
    """Whether a day is a weekend or a holiday."""
    days = holidays.country_holidays(calendar["country"], categories=tuple(calendar["categories"]))
    return cache(lambda day: day.weekday() >= SATURDAY or day in days)


def _with_ascii(name: str) -> tuple[str, str]:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return name, plain.lower()


@cache
def _names(language: str) -> CalendarNames:
    """CLDR's names in the form that they take inside a date: "marraskuuta", "maanantaina"."""
    weekdays, months = get_day_names(locale=language), get_month_names(locale=language)
    dot = "." if language == "fi" else ""
    return CalendarNames([weekdays[n] for n in range(7)], [f"{dot} {months[n]}" for n in range(1, 13)])


def _day_of_month(day: date, language: str) -> str:
    return f"{day.day}{_names(language).months[day.month - 1]}"


def _hours(
    start: datetime, end: datetime, zone: ZoneInfo, is_free: Callable[[date], bool], snow_share: float, random: Random
) -> Iterable[tuple[Hour, float]]:
    """The window's hours with how many errands each brings. Snow comes on top of the rest, in proportion to it."""
    usual_snow = sum(SNOW_BY_MONTH) / 12 * (STORM_CHANCE * STORM + (1 - STORM_CHANCE) * CALM)
    snow_per_errand = snow_share / (100 - snow_share) / usual_snow
    opens, closes, storms = start.timestamp(), end.timestamp(), dict[date, float]()
    for hour in range(int(opens // 3600), int(-(-closes // 3600))):
        local = datetime.fromtimestamp(hour * 3600, zone)
        day, begin = local.date(), max(opens, hour * 3600)
        seconds = min(closes, (hour + 1) * 3600) - begin
        usual = (FREE_DAY if is_free(day) else WORKING_DAY)[local.hour] * MONDAY_TO_SUNDAY[day.weekday()] * seconds
        if day not in storms:
            storms[day] = STORM if random.random() < STORM_CHANCE else CALM
        snow = snow_per_errand * SNOW_BY_MONTH[day.month - 1] * storms[day]
        yield Hour(begin, seconds, snow / (1 + snow), SEASONS[day.month - 1], day), usual * (1 + snow)


def _text_wheel(
    residents: Sequence[ResidentText], shares: Tree, language: str, season: str
) -> Wheel[tuple[ResidentText, str, bool]]:
    """The texts of a season; "snow" stands for those about snow, which the other seasons leave out."""
    chosen = [
        text for text in residents
        if text.language == language and (text.category == SNOW) == (season == "snow")
        and (season == "snow" or text.season in (None, season))
    ]  # fmt: skip
    in_category: dict[str, float] = {}
    for text in chosen:
        in_category[text.category] = in_category.get(text.category, 0) + shares["kinds"][text.kind]
    return Wheel(
        ((text, text.where, text.may_greet),
         shares["categories"][text.category] * shares["kinds"][text.kind] / in_category[text.category])
        for text in chosen
    )  # fmt: skip
