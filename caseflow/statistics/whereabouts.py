"""Where a case is about: the postcode that its place names, else the street, else the resident's postcode (ADR 46).

A place of which fewer than MIN_N cases came in is not named, and cannot be asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from caseflow.cases import streets
from caseflow.cases.models import Case
from caseflow.statistics import withheld

# What the places that are not named are called among the codes; no street and no postcode.
OTHERS = "*"
_POSTCODE = r"\m[0-9]{3} ?[0-9]{2}\M"
_SIDE = "norra|södra|östra|västra|stora|lilla|gamla|nya"
_STREET = rf"\m(?:(?:{_SIDE}) )?(?!(?:{'|'.join(streets.COMMON)})\M)[[:alpha:]]{{2,}}(?:{'|'.join(streets.ENDINGS)})\M"


def of_case() -> sa.ColumnElement[Any]:
    """The code of the place: five digits, or a street in small letters; its number is no part of it."""
    named = sa.func.substring(Case.place, _POSTCODE)
    street = sa.func.substring(sa.func.lower(Case.place), _STREET)
    found = sa.func.coalesce(sa.func.replace(named, " ", ""), street, sa.func.replace(Case.postcode, " ", ""))
    return sa.func.left(found, 60)


def code_of(written: str) -> str:
    """What somebody wrote, as the facts have it."""
    told = " ".join(written.split()).lower()
    return told.replace(" ", "") if re.fullmatch(r"\d{3} ?\d{2}", told) else told


def name_of(code: str) -> str:
    """ "612 80", "Norra storgatan"."""
    return f"{code[:3]} {code[3:]}" if re.fullmatch(r"\d{5}", code) else code[:1].upper() + code[1:]


def unnamed(numbers: Mapping[str, int]) -> set[str]:
    """The places to tell together: those with fewer than enough cases, and what would give one of them away."""
    return {code for code, n in numbers.items() if not n} | withheld.hidden(numbers)
