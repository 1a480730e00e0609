"""A row of the old system as a case: each cell read, then what must fit together. All faults are told at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from itertools import pairwise
from typing import Any

from caseflow.accounts.actors import SYSTEM, Actor
from caseflow.cases import contact
from caseflow.cases.models import LANGUAGES, REPLY_BY, RESOLUTIONS, SOURCES, STATUSES
from caseflow.cases.screen.contact_fields import NEEDED
from caseflow.importing import values
from caseflow.importing.house import House
from caseflow.importing.mapping import CONTACT, OldSystem
from caseflow.importing.recipe import Cells, Recipe

SURROGATE = re.compile("[\ud800-\udfff]")
BEST = "best"  # the first way in which the row has what it takes
LENGTHS = {"reference": 200, "name": 120, "best_time": 120, "care_of": 80, "street": 120, "town": 60, "place": 500}
Found = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """What is wrong in a row: the columns to look at, and why."""

    column: str
    reason: str


class Faulty(Exception):
    """The row cannot be taken."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.column}: {fault.reason}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class Arriving:
    """A case to be written. `found` holds the row's fields by name, complete and fitting together."""

    reference: str
    found: Found
    answers: list[dict[str, Any]] = field(default_factory=list)


class Reader:
    """Reads rows as the mapping says; `now` is the latest that anything can have happened. Raises `LookupError` when
    nobody has the author's address."""

    def __init__(self, mapping: OldSystem, house: House, now: datetime) -> None:
        self._mapping, self._house, self._now = mapping, house, now
        self.author = Actor("staff", house.person(mapping.author)) if mapping.author else SYSTEM
        self._checks = self._readers()

    def _readers(self) -> Mapping[str, Callable[[str, Recipe], Any]]:
        """How the text of each field is read; the others are lines or texts."""
        house, zone, now = self._house, self._mapping.zone, self._now
        listed = {
            "kind": house.promises,
            "department": house.departments,
            "category": house.homes,
            "language": LANGUAGES,
            "source": SOURCES,
            "resolution": RESOLUTIONS,
            "status": STATUSES,
            "reply_by": (*REPLY_BY, BEST),
        }
        return {
            **{name: partial(_listed, allowed) for name, allowed in listed.items()},
            **{
                name: lambda text, one: values.moment(text, one, zone, now)
                for name in ("received", "asked", "answered", "closed")
            },
            **dict.fromkeys(("due", "planned_until"), values.day),
            **{name: partial(_line, longest) for name, longest in LENGTHS.items()},
            "latitude": lambda text, one: values.degrees(text, 90),
            "longitude": lambda text, one: values.degrees(text, 180),
            "email": lambda text, one: contact.email(text),
            "phone": lambda text, one: contact.phone(text),
            "postcode": lambda text, one: contact.postcode(text),
            "protected": lambda text, one: values.yes_or_no(text),
            "assignee": lambda text, one: house.person(text),
            "subject": partial(_line, 200),
        }

    def read(self, header: Sequence[str], cells: Sequence[str]) -> Arriving:
        """Raises `Faulty`."""
        if len(cells) != len(header):
            raise Faulty([Fault("the row", f"it has {len(cells)} cells and the first line {len(header)}")])
        if faults := list(_unreadable(header, cells, self._mapping.encoding)):
            raise Faulty(faults)
        row = dict(zip(header, cells, strict=True))
        found = self._found(row)
        faults = [Fault(self._where(*names), why) for names, why in self._misfits(found)]
        if faults:
            raise Faulty(faults)
        return Arriving(found.get("reference") or _content(cells), found, self._kept(row))

    def _found(self, row: Cells) -> Found:
        found: Found = {}
        faults: list[Fault] = []
        for name, recipe in self._mapping.recipes.items():
            try:
                if text := recipe.text(row):
                    found[name] = self._checks.get(name, _said)(text, recipe)
            except ValueError as error:
                faults.append(Fault(recipe.where, str(error)))
        missing = [name for name in ("received", "kind", "description") if name not in found]
        told = {fault.column for fault in faults}
        faults += [Fault(where, "it is empty") for where in map(self._where, missing) if where not in told]
        if faults:
            raise Faulty(faults)
        return self._completed(found)

    def _completed(self, found: Found) -> Found:
        """With what the row leaves unsaid."""
        found.setdefault("status", _status_of(found))
        if found["status"] not in ("closed", "answered"):
            for name in ("closed", "answered", "answer", "resolution"):
                found.pop(name, None)
        if found["status"] != "waiting":
            for name in ("asked", "question"):
                found.pop(name, None)
        if found["status"] == "closed" and "answer" in found:
            found.setdefault("answered", found.get("closed"))
        if found["status"] == "closed":
            found.setdefault("resolution", "answered" if "answered" in found else "no_action")
        if found.get("protected"):
            found = {name: value for name, value in found.items() if name not in (*CONTACT, "reply_by")}
        if found.get("reply_by", BEST) == BEST:
            found["reply_by"] = next(way for way, needs in NEEDED.items() if all(one in found for one in needs))
        if "latitude" in found and "longitude" in found:
            where = f"{found['latitude']}, {found['longitude']}"
            found["place"] = f"{found['place']} ({where})" if "place" in found else where
        return found

    def _misfits(self, found: Found) -> list[tuple[tuple[str, ...], str]]:
        """What does not fit together: the fields, and why."""
        status, category, department = found["status"], found.get("category"), found.get("department")
        lacking = [name for name in NEEDED[found["reply_by"]] if name not in found]
        times = [(name, found[name]) for name in ("received", "asked", "answered", "closed") if name in found]
        disorder = [(one, next_) for one, next_ in pairwise(times) if next_[1] < one[1]]
        rules = (
            (
                status == "closed" and "closed" not in found,
                ("closed",),
                "a closed case needs the time when it was closed",
            ),
            (status == "answered" and "answered" not in found, ("answered",), "an answered case needs its time"),
            (status == "waiting" and "asked" not in found, ("asked",), "a waiting case needs the time of the question"),
            (
                status == "waiting" and "question" not in found,
                ("question",),
                "a waiting case needs what the resident was asked",
            ),
            (status == "planned" and "planned_until" not in found, ("planned_until",), "a planned case needs its day"),
            (status == "planned" and "reason" not in found, ("reason",), "a planned case needs a reason"),
            (
                _ends_unanswered(found) and "reason" not in found,
                ("reason",),
                "closed without an answer, it needs a reason",
            ),
            (
                found.get("resolution") == "answered" and "answered" not in found,
                ("resolution", "answered"),
                "it is closed as answered, and has neither an answer nor the time of one",
            ),
            (
                bool(category and department and self._house.homes[category] != department),
                ("category", "department"),
                f"the category {category} does not belong to the department {department}",
            ),
            (bool(lacking), ("reply_by", *lacking), f"the answer is to go by {found['reply_by']}, and this is missing"),
        )
        late = [((second[0], first[0]), f"it was {second[0]} before it was {first[0]}") for first, second in disorder]
        return late + [(names, why) for wrong, names, why in rules if wrong]

    def _kept(self, row: Cells) -> list[dict[str, Any]]:
        """What is kept beside, in the form of what is asked besides."""
        kept = ((place, one, one.recipe.text(row)) for place, one in enumerate(self._mapping.keep, 1))
        return [
            {"code": f"import_{place}", "sort": "text", "names": dict(one.names), "value": text}
            for place, one, text in kept
            if text
        ]

    def _where(self, *names: str) -> str:
        recipes = self._mapping.recipes
        return ", ".join(recipes[name].where if name in recipes else name for name in names)


def _status_of(found: Found) -> str:
    return "closed" if "closed" in found else "answered" if "answered" in found else "new"


def _ends_unanswered(found: Found) -> bool:
    return bool(found["status"] == "closed" and found["resolution"] != "answered")


def _listed(allowed: Any, text: str, recipe: Recipe) -> str:
    return values.one_of(text, allowed)


def _line(longest: int, text: str, recipe: Recipe) -> str:
    return values.line(text, longest)


def _said(text: str, recipe: Recipe) -> str:
    return values.said(text)


def _unreadable(header: Sequence[str], cells: Sequence[str], encoding: str) -> list[Fault]:
    """Cells that hold what no text can."""
    whole = "".join(cells)
    if "\x00" not in whole and (whole.isascii() or not SURROGATE.search(whole)):
        return []  # as nearly all are
    said = {"\x00": "it holds a NUL character", "\udc80": f"it is not {encoding}: try encoding: cp1252 in the mapping"}
    found = []
    for name, cell in zip(header, cells, strict=True):
        if "\x00" in cell:
            found.append(Fault(name, said["\x00"]))
        elif not cell.isascii() and any("\ud800" <= sign <= "\udfff" for sign in cell):
            found.append(Fault(name, said["\udc80"]))
    return found


def _content(cells: Sequence[str]) -> str:
    """The name of a row that has none: what it says."""
    return hashlib.sha256("\x1f".join(cells).encode()).hexdigest()[:24]


def due(found: Found, house: House) -> date:
    """When it is to be answered: as the old system promised, or as the kind's promise has it."""
    told: date = found.get("due") or house.due_on(found["kind"], found["received"])
    return told
