"""Codes for what is new, made from its name; nobody needs to think one up."""

from __future__ import annotations

from itertools import count
from typing import Any

from flask import url_for

from caseflow.cases.models import in_language
from caseflow.cases.municipality import file_codes


def new_code(what: str, part: dict[str, Any], document: dict[str, Any]) -> str:
    """A code that is not taken: of a category it begins with its department's."""
    stem = file_codes.stem(in_language(part["names"], "sv")) or what[:-1]
    stem = f"{part['department']}.{stem}" if what == "categories" else stem
    taken = {one["code"] for one in (*document["kinds"], *document["departments"])}
    taken |= {one["code"] for home in document["departments"] for one in home.get("categories", ())}
    return next(code for number in count(1) if (code := f"{stem}-{number}" if number > 1 else stem) not in taken)


def list_of(place: str, present: dict[str, Any] | None) -> str:
    """Where one comes from when one opens this place."""
    what = place.partition("/")[0]
    if what == "categories" and present:
        return url_for("administration.categories", code=present["department"])
    page = {"kinds": "kinds", "departments": "departments", "categories": "departments", "text": "texts"}.get(
        what, "index"
    )
    return url_for(f"administration.{page}")
