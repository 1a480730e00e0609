"""The parts of a municipality's file that are changed, told apart and remembered one by one.

A part's place is a name such as "contact", "kinds/fraga", "departments/sb", "categories/sb.snow", "order/kinds",
"order/sb" (the categories of a department), "macros/sb.lampa" or "rules". Each field of the file belongs to one part.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator
from typing import Any

Row = dict[str, Any]
Part = Any  # a mapping, or a list where a part is an order or the rules; None where there is none

# The fields of `municipality`, by the part that they belong to.
MUNICIPAL = {
    "contact": ("code", "name", "phone", "email", "mailbox", "web", "address", "phone_hours", "opening_hours"),
    "theme": ("theme",),
    "start": ("start",),
    "accessibility": ("accessibility",),
    "privacy": ("privacy",),
    "emergency": ("emergency",),
    "languages": ("languages", "timezone"),
    "workdays": ("day_ends", "holidays"),
    "calls": ("calls",),
    "watch": ("watch",),
    "suggestions": ("suggestions",),
    "residents": ("residents",),
    "letters": ("letters",),
    "envelopes": ("envelope", "envelopes"),
    "logo": ("logo",),
    "texts": ("texts",),
}
WHOLE = ("rules", "redirects")
NAMED = ("kinds", "departments", "standard_texts", "macros")
ORDERED = ("kinds", "departments")
# Of what the events of the configuration speak.
SUBJECT, SUBJECT_ID = "configuration", 1


def of(document: Row) -> Iterator[str]:
    """All places of a file, in its order."""
    yield from (*MUNICIPAL, "order/kinds", "order/departments")
    for what in NAMED:
        for one in document.get(what, ()):
            yield f"{what}/{one['code']}"
            if what == "departments":
                yield f"order/{one['code']}"
                yield from (f"categories/{inner['code']}" for inner in one.get("categories", ()))
    yield from WHOLE


def part(document: Row, place: str) -> Part:
    """What stands at a place, as a copy; None when nothing does."""
    return copy.deepcopy(standing(document, place))


def standing(document: Row, place: str) -> Part:
    """The same as `part`, to be looked at only."""
    what, _slash, code = place.partition("/")
    if what in MUNICIPAL:
        said = document["municipality"]
        return {name: said[name] for name in MUNICIPAL[what] if name in said}
    if what in WHOLE:
        return document.get(what, [])
    if what == "order":
        return [one["code"] for one in _list(document, code)]
    return _named(document, what, code)


def _named(document: Row, what: str, code: str) -> Row | None:
    if what in NAMED:
        found = _with_code(document.get(what, []), code)
        return {name: value for name, value in found.items() if name != "categories"} if found else None
    for home in document["departments"]:
        if what == "categories" and (found := _with_code(home.get("categories", []), code)):
            return {**found, "department": home["code"]}
    return None


def replaced(document: Row, place: str, new: Part) -> Row:
    """The file with another part at this place; None takes away what has a code."""
    whole = copy.deepcopy(document)
    what, _slash, code = place.partition("/")
    if what in MUNICIPAL:
        kept = {name: value for name, value in whole["municipality"].items() if name not in MUNICIPAL[what]}
        whole["municipality"] = {**kept, **new}
    elif what in WHOLE:
        whole[what] = new
    elif what == "order":
        _list(whole, code).sort(key=lambda one: new.index(one["code"]) if one["code"] in new else len(new))
    elif what == "categories":
        _replace_category(whole, code, new)
    else:
        if what == "departments" and new and new.get("triage"):
            _leave_to(whole, code)
        _replace(whole.setdefault(what, []), code, new, keep=("categories",))
    return whole


def fingerprint(part: Part) -> str:
    """The version of a part: another one for every other content."""
    return hashlib.sha256(json.dumps(part, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:24]


def _leave_to(whole: Row, code: str) -> None:
    """Only one department takes what nobody else does."""
    for other in whole["departments"]:
        if other["code"] != code:
            other.pop("triage", None)


def _replace_category(whole: Row, code: str, new: Row | None) -> None:
    home = new.pop("department") if new is not None else None
    for department in whole["departments"]:
        inside = department.setdefault("categories", [])
        if department["code"] == home:
            _replace(inside, code, new)
        else:
            _replace(inside, code, None)


def _replace(rows: list[Row], code: str, new: Row | None, keep: tuple[str, ...] = ()) -> None:
    at = next((place for place, one in enumerate(rows) if one["code"] == code), None)
    if at is None:
        rows += [new] if new is not None else []
    elif new is None:
        del rows[at]
    else:
        rows[at] = {**new, **{name: rows[at][name] for name in keep if name in rows[at]}}


def _list(document: Row, code: str) -> list[Row]:
    if code in ORDERED:
        found: list[Row] = document[code]
        return found
    home = _with_code(document["departments"], code)
    return home.setdefault("categories", []) if home else []


def _with_code(rows: list[Row], code: str) -> Row | None:
    return next((one for one in rows if one["code"] == code), None)
