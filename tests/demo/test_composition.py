"""The demo's composer: its material is complete, and what it composes could have come from a real town."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, get_args
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
import yaml
from email_validator import validate_email

from caseflow.cases.models import RESOLUTIONS
from caseflow.cases.routing import first_word
from caseflow.demo import composition
from caseflow.demo.composition import Composer, Errand
from caseflow.demo.phrasebook import FollowUp, Phrasebook

pytestmark = pytest.mark.no_app

HOME = Path(composition.__file__).parent
LANGUAGES = {"sv", "en", "fi"}
START, END = datetime(2016, 11, 23, tzinfo=UTC), datetime(2026, 11, 23, 11, 17, tzinfo=UTC)
MANY = 6_000


def load(name: str) -> Any:
    return yaml.load((HOME / name).read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


MUNICIPALITY, TEXTS, PEOPLE = load("finspang.yaml"), load("texts.yaml"), load("people.yaml")
CATEGORIES = {c["code"]: d["code"] for d in MUNICIPALITY["departments"] for c in d["categories"]}


def composer(seed: int = 1, start: datetime = START, end: datetime = END) -> Composer:
    return Composer(Random(seed), MUNICIPALITY, start, end)


def phrasebook(seed: int = 1) -> Phrasebook:
    return Phrasebook(Random(seed), MUNICIPALITY)


@pytest.fixture(scope="module")
def many() -> list[Errand]:
    one = composer()
    return [one.errand() for _ in range(MANY)]


def share(errands: list[Errand], field: str) -> dict[str, float]:
    """Percent by value."""
    return {value: 100 * count / len(errands) for value, count in Counter(getattr(e, field) for e in errands).items()}


def translated(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every mapping with a language among its keys, with where it stands."""
    if isinstance(node, dict):
        if node.keys() & LANGUAGES:
            yield path, node
        for key, inner in node.items():
            yield from translated(inner, f"{path}/{key}")
    elif isinstance(node, list):
        for place, inner in enumerate(node):
            yield from translated(inner, f"{path}/{place}")


# --- the municipality ---


def test_every_text_of_the_municipality_stands_in_three_languages() -> None:
    found = list(translated(MUNICIPALITY))
    assert len(found) > 100
    for path, texts in found:
        # What colleagues answer with is in the languages that somebody has written it in, and always in Swedish.
        written = path.startswith(("/standard_texts", "/macros"))
        assert {"sv"} <= texts.keys() <= LANGUAGES if written else texts.keys() == LANGUAGES, path
        assert all(isinstance(text, str) and text.strip() for text in texts.values()), path


def test_kinds_departments_and_categories_are_complete() -> None:
    kinds = {kind["code"] for kind in MUNICIPALITY["kinds"]}
    assert kinds == {"fraga", "felanmalan", "synpunkt", "klagomal", "forslag", "berom", "handling", "dataskydd"}
    for kind in MUNICIPALITY["kinds"]:
        assert kind["icon"] and kind["names"] and kind["hints"] and kind["law"] in {"service", "arende"}
        assert list(kind["promise"]) in (["working_days"], ["months"]) and min(kind["promise"].values()) > 0
    assert [kind["code"] for kind in MUNICIPALITY["kinds"] if not kind.get("listed", True)] == ["dataskydd"]
    for department in MUNICIPALITY["departments"]:
        assert department["names"] and department["hints"] and department["categories"]
        for category in department["categories"]:
            assert category["code"].startswith(department["code"] + ".") and category["kind"] in kinds
            assert category["code"].isascii() and category["names"]
    assert len(CATEGORIES) == sum(len(d["categories"]) for d in MUNICIPALITY["departments"]) == 43


def test_the_last_department_takes_what_nobody_else_does_and_care_is_secret() -> None:
    departments = MUNICIPALITY["departments"]
    assert [d["code"] for d in departments if d.get("triage")] == [departments[-1]["code"]] == ["vet"]
    assert {d["code"] for d in departments if d.get("secret")} == {"vo", "ifo"}
    assert {d["code"] for d in departments if d.get("external")} == {d["code"] for d in departments if "contact" in d}


def test_the_municipality_can_be_reached_only_at_fictional_addresses() -> None:
    contacts = [MUNICIPALITY["municipality"], *(d["contact"] for d in MUNICIPALITY["departments"] if "contact" in d)]
    for contact in contacts:
        assert re.fullmatch(r"\+468465004\d\d", contact["phone"])
        assert contact["email"].endswith("@example.org")


def test_every_rule_names_what_exists_and_narrows_something() -> None:
    departments, kinds = set(CATEGORIES.values()), {kind["code"] for kind in MUNICIPALITY["kinds"]}
    for rule in MUNICIPALITY["rules"]:
        assert rule["to"] in departments and rule["reason"].keys() == LANGUAGES
        assert rule.get("department", "vet") in departments and rule.get("kind", "fraga") in kinds
        assert rule.keys() & {"kind", "category", "department", "words"}
        assert all(word == word.lower().strip() and len(word) >= 3 for word in rule.get("words", []))


@pytest.mark.parametrize(
    ("text", "department"),
    [
        ("Det är inte plogat på vår gata", "sb"),
        ("Gatlyset är släckt", "sb"),
        ("Läraren svarar aldrig", "utb"),
        ("Hemtjänsten kom inte på grund av snön", "vo"),
        ("Jag söker ekonomiskt bistånd för hyran", "ifo"),
        ("Råttor i trädgården", "mb"),
        ("soporna är inte hämtade, min gata", "ftv"),
        ("Tvättstugan är trasig", "vb"),
        ("Biblioteket är stängt", "kf"),
        ("The street light is broken", "sb"),
        ("Kotihoito ei tullut", "vo"),
        ("Katuvalo on pimeänä", "sb"),
        ("Jag har hittat en plånbok", None),
    ],
)
def test_the_words_of_a_resident_who_does_not_know_find_the_department(text: str, department: str | None) -> None:
    worded = [rule for rule in MUNICIPALITY["rules"] if rule.get("department") == "vet"]
    assert next((rule["to"] for rule in worded if first_word(rule["words"], text)), None) == department


# --- the material ---


def test_each_category_has_texts_and_a_share() -> None:
    assert {text["category"] for text in TEXTS["residents"] if text["language"] == "sv"} == CATEGORIES.keys()
    assert TEXTS["shares"]["categories"].keys() == CATEGORIES.keys()
    assert sum(TEXTS["shares"]["categories"].values()) == pytest.approx(100, abs=2)


def test_there_is_enough_to_read_in_each_language_and_nothing_twice() -> None:
    written = Counter(text["language"] for text in TEXTS["residents"])
    answered = Counter(text["language"] for text in TEXTS["answers"])
    assert written["sv"] >= 150 and written["en"] >= 20 and written["fi"] >= 20
    assert answered["sv"] >= 40 and answered["en"] >= 8 and answered["fi"] >= 8
    texts = [text["text"] for part in ("residents", "answers", "questions") for text in TEXTS[part]]
    assert not [text for text, count in Counter(texts).items() if count > 1]


def test_a_closing_names_a_resolution_and_speaks_three_languages() -> None:
    known = set(RESOLUTIONS) - {"answered"}
    for closing in TEXTS["closings"]:
        assert closing["resolution"] in known and closing["texts"].keys() == LANGUAGES


def test_a_municipality_without_a_category_is_refused_by_name() -> None:
    smaller = MUNICIPALITY | {"departments": [d for d in MUNICIPALITY["departments"] if d["code"] != "kf"]}
    with pytest.raises(ValueError, match=r"kf\.bibliotek"):
        Composer(Random(1), smaller, START, END)


def test_a_window_without_time_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to choose from"):
        composer(start=END, end=END)


# --- the errands ---


def test_the_same_seed_gives_the_same_errands_and_answers() -> None:
    one, other, third = composer(7), composer(7), composer(8)
    first = [one.errand() for _ in range(100)]
    assert first == [other.errand() for _ in range(100)] != [third.errand() for _ in range(100)]
    said, again = phrasebook(7), phrasebook(7)
    assert [said.answer(errand) for errand in first] == [again.answer(errand) for errand in first]


def test_every_slot_is_filled(many: list[Errand]) -> None:
    one = phrasebook()
    for errand in many[::12]:
        said = (errand.text, errand.where, one.answer(errand), one.question(errand))
        later = [one.plan(errand), one.note(), one.closing(errand)[1], one.unreachable(errand)]
        later += [one.follow_up(errand, sort) for sort in get_args(FollowUp)]
        for text in (*said, *later):
            assert "{" not in text and "}" not in text
        assert errand.text.strip() and all(said[2:]) and all(later)


def test_every_text_of_every_season_can_be_composed(many: list[Errand]) -> None:
    said = "\n".join(errand.text for errand in many)
    missing = [t["text"] for t in TEXTS["residents"] if max(re.split(r"\{\w+\}", t["text"]), key=len) not in said]
    assert len(missing) < 6, missing  # the rarest come up a few times in ten thousand, and some by chance not at all


def test_every_errand_gives_what_its_channel_needs(many: list[Errand]) -> None:
    for errand in many:
        if errand.reply_by == "email":
            assert errand.email
        elif errand.reply_by == "phone":
            assert errand.phone
        elif errand.reply_by == "letter":
            assert errand.name and errand.street and errand.postcode and errand.town
        assert CATEGORIES[errand.category] == errand.department
        assert bool(errand.street) == bool(errand.postcode) == bool(errand.town)
        assert not errand.postcode or re.fullmatch(r"612\d\d", errand.postcode)


def test_phones_are_valid_and_kept_free_for_fiction(many: list[Errand]) -> None:
    given = {errand.phone for errand in many if errand.phone}
    assert len(given) == 95
    for phone in given:
        assert phonenumbers.is_valid_number(phonenumbers.parse(phone))
        assert 605 <= int(phone.removeprefix("+46701740")) <= 699


def test_mail_addresses_are_valid_and_nobodys(many: list[Errand]) -> None:
    for address in {errand.email for errand in many if errand.email}:
        assert address.isascii() and address.partition("@")[2] in {"example.org", "example.com", "example.net"}
        validate_email(address, check_deliverability=False)


def test_nobody_signs_without_having_given_a_name(many: list[Errand]) -> None:
    signed = [errand for errand in many if errand.text.endswith(errand.name) and errand.name]
    assert len(signed) > MANY / 20
    assert not [errand for errand in many if not errand.name and errand.text.rstrip().endswith(("Mvh", "/"))]


def test_the_shares_are_those_of_real_life(many: list[Errand]) -> None:
    channels = share(many, "reply_by")
    assert channels == pytest.approx({"email": 62, "phone": 16, "letter": 7, "none": 15}, abs=2)
    assert share(many, "language") == pytest.approx({"sv": 90, "en": 5, "fi": 5}, abs=1)
    departments, kinds = share(many, "department"), share(many, "kind")
    assert departments["sb"] + departments["ftv"] == pytest.approx(66, abs=4)
    assert kinds["felanmalan"] + kinds["klagomal"] > 60 and kinds["berom"] < 3
    anonymous = [e for e in many if not (e.name or e.email or e.phone or e.street)]
    assert 6 < 100 * len(anonymous) / len(many) < 13
    assert {e.reply_by for e in anonymous} == {"none"}


def test_errands_come_in_working_hours_and_hardly_at_night(many: list[Errand]) -> None:
    local = [errand.received.astimezone(ZoneInfo("Europe/Stockholm")) for errand in many]
    hours, weekdays = Counter(t.hour for t in local), Counter(t.weekday() for t in local)
    assert sum(hours[h] for h in range(8, 17)) > 0.6 * MANY
    assert sum(hours[h] for h in range(18, 23)) > 0.12 * MANY
    assert sum(hours[h] for h in range(5)) < 0.02 * MANY
    assert weekdays[5] + weekdays[6] < 0.2 * MANY
    assert weekdays[0] > weekdays[4]


def test_errands_stay_inside_a_window_that_begins_and_ends_within_an_hour() -> None:
    start, end = datetime(2026, 11, 23, 9, 40, tzinfo=UTC), datetime(2026, 11, 23, 11, 17, 30, tzinfo=UTC)
    one = composer(start=start, end=end)
    received = [one.errand().received for _ in range(2_000)]
    assert start <= min(received) < datetime(2026, 11, 23, 9, 45, tzinfo=UTC)
    assert datetime(2026, 11, 23, 11, 12, tzinfo=UTC) < max(received) < end


def test_snow_is_a_winter_matter_and_some_days_are_storms(many: list[Errand]) -> None:
    snow = [errand for errand in many if errand.category == "sb.snow"]
    assert {errand.received.month for errand in snow} == {11, 12, 1, 2, 3}
    assert 8 < 100 * len(snow) / len(many) < 18
    days = Counter(errand.received.date() for errand in snow)
    assert max(days.values()) > 20 * len(snow) / (10 * 151)


def test_a_summer_text_comes_in_summer(many: list[Errand]) -> None:
    months = {errand.received.month for errand in many if "sedan midsommar" in errand.text}
    assert months and months <= {6, 7, 8}


# --- the answers ---


def test_an_answer_speaks_of_the_place_that_the_resident_named(many: list[Errand]) -> None:
    one = phrasebook()
    holes = [e for e in many if (e.category, e.kind, e.language) == ("sb.vagar", "felanmalan", "sv") and e.where]
    assert holes
    for errand in holes:
        assert errand.where in one.answer(errand) and errand.where.split()[0] in errand.text


def test_an_answer_promises_a_coming_working_day() -> None:
    one, at, errands = phrasebook(), datetime(2026, 12, 20, 12, tzinfo=UTC), composer()
    errand = next(e for e in iter(errands.errand, None) if (e.department, e.language) == ("ifo", "sv"))
    promised = {m.group() for m in (re.search(r"senast \w+ \d+ \w+", one.answer(errand, at)) for _ in range(200)) if m}
    assert "senast måndag 28 december" in promised
    days = {int(promise.split()[2]) for promise in promised if "december" in promise}
    assert not days & set(range(1, 21)) | days & {24, 25, 26, 27, 31}


def test_a_care_answer_never_goes_into_the_matter(many: list[Errand]) -> None:
    one = phrasebook()
    for errand in (e for e in many if e.department == "ifo" and e.language == "sv"):
        assert "svarar inte på sådant här i skrift" in one.answer(errand)


def test_praise_is_thanked_for_and_not_repaired(many: list[Errand]) -> None:
    one = phrasebook()
    praise = [e for e in many if e.kind == "berom"]
    assert {one.answer(e)[:13] for e in praise} <= {"Så roligt att", "How nice to r", "Kiitos, tätä "}
    assert len(praise) > 50


def test_every_kind_of_every_category_can_be_answered_in_every_language() -> None:
    one, base = phrasebook(), composer().errand()
    kinds = [kind["code"] for kind in MUNICIPALITY["kinds"]]
    for category, department in CATEGORIES.items():
        for kind in kinds:
            for language in LANGUAGES:
                base.category, base.department, base.kind, base.language = category, department, kind, language
                base.where = ""
                assert one.answer(base) and one.question(base) and one.plan(base) and one.closing(base)[1]


def test_a_case_moves_only_to_a_department_that_the_reason_speaks_of() -> None:
    one, everywhere = phrasebook(), sorted(set(CATEGORIES.values()))
    moves = {(move.to, move.text) for move in (one.transfer("sb", everywhere) for _ in range(300)) if move}
    assert ("ftv", "Gäller ledningsnätet, inte gatan.") in moves and "sb" not in {to for to, _ in moves}
    assert {move.to for move in (one.transfer("kf", ["ls"]) for _ in range(20)) if move} == {"ls"}
    assert one.transfer("ls", ["ls"]) is None


def test_a_case_is_not_closed_with_a_reason_of_another_departments() -> None:
    one, errand = phrasebook(), composer().errand()
    errand.kind, errand.department, errand.language = "fraga", "utb", "sv"
    reasons = {one.closing(errand) for _ in range(200)}
    assert {resolution for resolution, _ in reasons} == {"duplicate", "withdrawn"}
    assert not any("Trafikverket" in text for _, text in reasons)


# --- when they come ---


def test_moments_never_fall_and_follow_the_curve() -> None:
    one = composer()
    moments = [one.moment(n / 5_000) for n in range(5_000)]
    assert moments == sorted(moments) and moments[0] >= START and moments[-1] < END
    hours = Counter(moment.astimezone(ZoneInfo("Europe/Stockholm")).hour for moment in moments)
    assert hours[9] > 20 * hours[3]


def test_an_errand_of_a_given_moment_speaks_of_the_days_before_it() -> None:
    one, at = composer(), datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    errands = [one.errand(at) for _ in range(2_000)]
    assert {errand.received for errand in errands} == {at}
    days = {int(day) for e in errands for day in re.findall(r"\b(\d+) november", e.text)}
    assert days and min(days) >= 8 and max(days) <= 19
    assert not [e for e in errands if "sedan midsommar" in e.text]
