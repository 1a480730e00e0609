"""When to call, as residents write it."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from caseflow.cases.telephone.call_windows import WEEK, Window, read

pytestmark = pytest.mark.no_app

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
WORKDAYS = frozenset(range(5))


def window(hours: str, days: frozenset[int] | set[int] = WEEK) -> Window:
    """ "9-11.30", "17-" or "-10"."""
    start, end = (time(*map(int, part.split("."))) if part else None for part in hours.split("-"))
    return Window(frozenset(days), start or time.min, end or time.max)


READ = {
    # Swedish
    "efter 17": window("17-"),
    "efter klockan 16": window("16-"),
    "kl. 17-19": window("17-19"),
    "mellan 12 och 13": window("12-13"),
    "från kl 10 till kl 14": window("10-14"),
    "fr.o.m. 10": window("10-"),
    "tidigast 9.30": window("9.30-"),
    "senast 15": window("-15"),
    "ej före 10": window("10-"),
    "inte efter 16": window("-16"),
    "efter 1630": window("16.30-"),
    "17-": window("17-"),
    "förmiddagar": window("6-12"),
    "inte förmiddagar": window("12-"),
    "efter lunch": window("13-"),
    "Helst på eftermiddagen 2-4": window("14-16"),
    "kvällar efter 7": window("19-22"),
    "vardagar efter 15": window("15-", WORKDAYS),
    "vardagskvällar": window("17-22", WORKDAYS),
    "ma–fre 8–10": window("8-10", WORKDAYS),
    "mån, ons, fre": window("-", {MON, WED, FRI}),
    "fre-mån": window("-", {FRI, SAT, SUN, MON}),
    "alla dagar utom onsdag": window("-", WEEK - {WED}),
    "efter 15, inte fredagar": window("15-", WEEK - {FRI}),
    "Inte tisdagar. Ring efter 17": window("17-", WEEK - {TUE}),
    "tisdag–torsdag em": window("12-18", {TUE, WED, THU}),
    "före 9, jobbar kväll": window("-9"),
    "är fri efter 16": window("16-"),
    "ring 2 gånger, efter 17": window("17-"),
    "070-174 06 05; efter 17": window("17-"),
    "efter 8, före 12": window("8-12"),
    # English
    "after 5 pm": window("17-"),
    "after four o'clock": window("16-"),
    "happy to talk after 5": window("17-"),
    "8.30am - 4pm": window("8.30-16"),
    "9 to 5": window("9-17"),
    "between 9 and 11:30": window("9-11.30"),
    "in the mornings": window("6-12"),
    "not Tuesdays": window("-", WEEK - {TUE}),
    "Monday to Friday, 8-10": window("8-10", WORKDAYS),
    "mon-fri 9 to 5": window("9-17", WORKDAYS),
    "Mondays and Wednesdays after 3": window("15-", {MON, WED}),
    "at 3 pm": window("15-16"),
    # Finnish
    "arkisin klo 9–11": window("9-11", WORKDAYS),
    "klo 16 jälkeen": window("16-"),
    "neljän jälkeen": window("16-"),
    "ennen klo 10": window("-10"),
    "klo 10 mennessä": window("-10"),
    "kello 9 ja 11 välillä": window("9-11"),
    "aamupäivisin": window("6-12"),
    "ei tiistaisin": window("-", WEEK - {TUE}),
    "ti-to klo 9-11": window("9-11", {TUE, WED, THU}),
    "ma to klo 9-11": window("9-11", {MON, THU}),
}
# What nobody could be sure of: the caller reads it.
LEFT_TO_THE_CALLER = (
    "",
    "när som helst",
    "milloin vain",
    "jobbar till 16",
    "efter jobbet",
    "ring 2 gånger",
    "070-174 06 05",
    "efter 15 december",
    "efter den 5:e",
    "om 2 timmar",
    "i morgon efter 10",
    "vecka 48",
    "8-10 eller 15-17",
    "mån 8-10, tis 15-17",
    "inte tisdagar efter 15",
    "ej lunch",
    "efter 24",
    "efter 3.12.",
    "jag är hemma",
    "to be called",
    "varje dag utom mån-sön",
)


@pytest.mark.parametrize(("text", "meant"), READ.items())
def test_reads_what_is_certain(text: str, meant: Window) -> None:
    assert read(text) == meant
    assert read(text.upper()) == meant


@pytest.mark.parametrize("text", LEFT_TO_THE_CALLER)
def test_leaves_the_rest_to_the_caller(text: str) -> None:
    assert read(text) is None


def test_no_wish_is_no_window() -> None:
    assert read(None) is None


WORDS = " ".join([*READ, *LEFT_TO_THE_CALLER]).split()


@settings(max_examples=100, deadline=None)
@example("KL24")
@example(">24")
@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)))
def test_any_text_is_a_sound_window_or_none(text: str) -> None:
    found = read(text)
    assert found is None or (found.days and found.days <= WEEK and found.start < found.end)
    assert found is None or found != Window()


@given(
    st.integers(7, 23), st.sampled_from((0, 15, 30, 45)), st.sampled_from(("efter {}", "after {}", "klo {} jälkeen"))
)
def test_after_any_time_of_the_waking_day(hour: int, minute: int, words: str) -> None:
    assert read(words.format(f"{hour}.{minute:02}")) == Window(start=time(hour, minute))
