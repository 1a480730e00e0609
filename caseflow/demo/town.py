"""The invented town: its people and places, from people.yaml. Pure and seeded."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple

from caseflow.demo.chance import Rnd, Wheel, pick

# How often a contact detail is given, by reply channel: what the channel needs always, the rest as people please.
# The columns: name, e-mail, phone, street address.
GIVEN = {
    "email": (0.9, 1, 0.3, 0.06),
    "phone": (0.95, 0.2, 1, 0.05),
    "letter": (1, 0.1, 0.3, 1),
    "none": (0.9, 0.5, 0.2, 0.05),
}
PLACES = ("street", "place", "school", "preschool")
ANONYMOUS = 0.6  # of those who want no reply


class Contact(NamedTuple):
    """What a resident tells of herself; "" is not given. `phone` in E.164, `postcode` five digits."""

    name: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    postcode: str = ""
    town: str = ""


class Town:
    """`people` is people.yaml; `languages` are those that people write in."""

    def __init__(self, rnd: Rnd, people: Mapping[str, Any], languages: Mapping[str, float]) -> None:
        self._rnd = rnd
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
        flats = [f"{n} {letter}" for n in (2, 4, 8, 12, 16) for letter in "ABC"]
        self._named: dict[str, list[str]] = {sort: people[f"{sort}s"] for sort in PLACES}
        self._named["number"] = [str(n) for n in range(1, 79)] + flats

    def contact(self, language: str, reply_by: str) -> Contact:
        """Somebody who writes in this language and wants to be answered so."""
        rnd = self._rnd
        if reply_by == "none" and rnd() < ANONYMOUS:
            return Contact()
        name, email, phone, address = GIVEN[reply_by]
        firsts, lasts = self._origins[language].at(rnd())
        first, last = pick(rnd, firsts), pick(rnd, lasts)
        street = postcode = town = ""
        if rnd() < address:
            street = f"{self.somewhere('street')} {self.somewhere('number')}"
            postcode, town = self._towns.at(rnd())
        return Contact(
            f"{first[0]} {last[0]}" if rnd() < name else "",
            f"{first[1]}.{last[1]}{pick(rnd, self._mail_ends)}" if rnd() < email else "",
            pick(rnd, self._phones) if rnd() < phone else "",
            street, postcode, town,
        )  # fmt: skip

    def somewhere(self, slot: str) -> str:
        """A value for a slot of a text that names a place: street, number, place, school or preschool."""
        return pick(self._rnd, self._named[slot])


def _with_ascii(name: str) -> tuple[str, str]:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return name, plain.lower()
