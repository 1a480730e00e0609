"""Composes demo errands from texts.yaml and people.yaml; what is said about them later is phrasebook.py's.

Pure and seeded: no database and no clock, and the same seed gives the same errands. Built to make a million of them,
so every weighted choice is prepared once and costs one bisection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from random import Random
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from babel.dates import get_day_names, get_month_names

try:
    from yaml import CSafeLoader as Loader  # ten times as fast, where it was built
except ImportError:
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

from caseflow.cases.deadlines import working_days_of
from caseflow.demo.chance import Rnd, Wheel, pick
from caseflow.demo.intake_curve import SEASONS, IntakeCurve
from caseflow.demo.town import Town
from caseflow.workdays import IsWorkingDay

Tree = Mapping[str, Any]

SNOW = "sb.snow"
GREETS, SIGNS, LONG_ENOUGH_TO_GREET = 0.3, 0.25, 80
SAYS_WHEN_TO_CALL = 0.45

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
    best_time: str
    received: datetime


@dataclass(frozen=True)
class ResidentText:
    category: str
    kind: str
    language: str
    text: str
    season: str | None = None

    @cached_property
    def slots(self) -> list[str]:
        """What the text leaves open, each once."""
        return list(dict.fromkeys(slot for _, slot, _, _ in Formatter().parse(self.text) if slot))

    @cached_property
    def where(self) -> str:
        """The slots that say where, as a pattern."""
        patterns = ("{street} {number}", "{street}", "{place}", "{school}")
        return next((pattern for pattern in patterns if pattern in self.text), "")

    @cached_property
    def may_greet(self) -> bool:
        return len(self.text) >= LONG_ENOUGH_TO_GREET and self.text[0].isupper() and not self.text.startswith("Hej")


class Composer:
    """Composes errands for a municipality, received from `start` up to `end` (both aware).

    `municipality` is the whole municipality file, such as finspang.yaml. Raises ValueError when texts.yaml names a
    category or kind that it lacks, or when the window is empty.
    """

    def __init__(self, random: Random, municipality: Tree, start: datetime, end: datetime) -> None:
        texts, people = load("texts.yaml"), load("people.yaml")
        self._rnd = rnd = random.random
        self._departments = _departments(municipality)
        self._zone, working = local_calendar(municipality)
        self._curve = IntakeCurve(rnd, self._zone, working, start, end, texts["shares"]["categories"][SNOW])
        self._town = Town(rnd, people, texts["shares"]["languages"])
        self._prepare_texts(texts, {kind["code"] for kind in municipality["kinds"]})

    def moment(self, point: float) -> datetime:
        """When the part `point` (from 0 up to 1) of all the window's errands has come in; it never falls."""
        return datetime.fromtimestamp(self._curve.moment(point), UTC)

    def errand(self, at: datetime | None = None) -> Errand:
        """An errand of any moment, or of a given one."""
        rnd = self._rnd
        received = at or self.moment(rnd())
        hour = self._curve.hour(received.timestamp())
        language = self._languages.at(rnd())
        season = "snow" if rnd() < hour.snow else hour.season
        template = self._residents[language, season].at(rnd())
        reply_by = self._channels.get(template.kind, self._other_channels).at(rnd())
        contact = self._town.contact(language, reply_by)
        values = {slot: self._value(slot, language, hour.day) for slot in template.slots}
        text = template.text.format_map(values)
        if template.may_greet:
            text = self._greeted(text, language, contact.name)
        return Errand(
            template.kind, self._departments[template.category], template.category, language, text,
            template.where.format_map(values), reply_by, *contact, self._best_time(language, reply_by), received,
        )  # fmt: skip

    def _prepare_texts(self, texts: Tree, kinds: set[str]) -> None:
        residents = [ResidentText(**text) for text in texts["residents"]]
        unknown = {text.category for text in residents} - set(self._departments) | {t.kind for t in residents} - kinds
        if unknown:
            raise ValueError(f"texts.yaml names what the municipality lacks: {', '.join(sorted(unknown))}")
        shares = texts["shares"]
        self._languages = Wheel(shares["languages"].items())
        self._residents = {
            (language, season): _text_wheel(residents, shares, language, season)
            for language in shares["languages"] for season in {*SEASONS, "snow"}
        }  # fmt: skip
        self._channels = {kind: Wheel(channels.items()) for kind, channels in shares["channels"].items()}
        self._other_channels = self._channels["other"]
        self._greetings, self._farewells = texts["greetings"], texts["farewells"]
        self._best_times = texts["best_times"]

    def _value(self, slot: str, language: str, day: date) -> str:
        """A value for a slot of a resident's text that is sent on `day`."""
        rnd = self._rnd
        match slot:
            case "date":
                return day_of_month(day - timedelta(days=1 + int(rnd() * 12)), language)
            case "weekday":
                return last_weekday(rnd, language)
            case "time":
                return f"{int(6 + rnd() * 16)}.{int(rnd() * 12) * 5:02}"
            case "days":
                return pick(rnd, "23456789")
            case "post":
                return str(int(1000 + rnd() * 9000))
        return self._town.somewhere(slot)

    def _greeted(self, text: str, language: str, name: str) -> str:
        if self._rnd() < GREETS:
            text = f"{pick(self._rnd, self._greetings[language])}\n\n{text}"
        if name and self._rnd() < SIGNS:
            text = f"{text}\n\n{pick(self._rnd, self._farewells[language]).format(name=name)}"
        return text

    def _best_time(self, language: str, reply_by: str) -> str:
        if reply_by != "phone" or self._rnd() >= SAYS_WHEN_TO_CALL:
            return ""
        return str(pick(self._rnd, self._best_times[language]))


@cache
def load(name: str) -> Any:
    """A YAML file of this folder, read once."""
    return yaml.load((Path(__file__).parent / name).read_text(encoding="utf-8"), Loader=Loader)


def local_calendar(municipality: Tree) -> tuple[ZoneInfo, IsWorkingDay]:
    """The municipality's time zone and its working days, each day looked up once."""
    calendar = municipality["municipality"]["holidays"]
    return ZoneInfo(municipality["municipality"]["timezone"]), cache(working_days_of(calendar))


def day_of_month(day: date, language: str) -> str:
    """ "12 november", "12. marraskuuta": as a date stands in a sentence."""
    return f"{day.day}{_months(language)[day.month - 1]}"


def weekday_and_day(day: date, language: str) -> str:
    """ "torsdag 12 november", "torstaina 12. marraskuuta"."""
    return f"{_weekdays(language)[day.weekday()]} {day_of_month(day, language)}"


def last_weekday(rnd: Rnd, language: str) -> str:
    """ "i måndags", of any weekday."""
    return LAST_WEEKDAY[language].format(pick(rnd, _weekdays(language)))


@cache
def _weekdays(language: str) -> Sequence[str]:
    """CLDR's names from Monday, in the form that they take inside a date: "maanantaina"."""
    names = get_day_names(locale=language)
    return [names[n] for n in range(7)]


@cache
def _months(language: str) -> Sequence[str]:
    """CLDR's names as they follow the day's number: ". marraskuuta"."""
    names, dot = get_month_names(locale=language), "." if language == "fi" else ""
    return [f"{dot} {names[n]}" for n in range(1, 13)]


def _departments(municipality: Tree) -> dict[str, str]:
    """Category → department."""
    return {c["code"]: d["code"] for d in municipality["departments"] for c in d["categories"]}


def _text_wheel(residents: Sequence[ResidentText], shares: Tree, language: str, season: str) -> Wheel[ResidentText]:
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
        (text, shares["categories"][text.category] * shares["kinds"][text.kind] / in_category[text.category])
        for text in chosen
    )  # fmt: skip
