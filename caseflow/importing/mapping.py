"""The mapping: a YAML file that says what the columns of an old system's export mean. See docs/importing.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from caseflow.cases.models import LANGUAGES
from caseflow.cases.municipality.checked_yaml import Fields, Unreadable, read
from caseflow.importing.recipe import SLOT, Recipe

NEEDED = ("received", "kind", "description")
CONTACT = ("name", "email", "phone", "best_time", "care_of", "street", "postcode", "town")
FIELDS = (
    "reference",
    *NEEDED,
    *("department", "category", "subject", "place", "latitude", "longitude", "language", "source"),
    *(
        "status",
        "assignee",
        "due",
        "planned_until",
        "asked",
        "question",
        "answered",
        "answer",
        "closed",
        "resolution",
        "reason",
    ),
    *("reply_by", "protected"),
    *CONTACT,
)
ENCODINGS = ("utf-8", "latin-1", "cp1252")
DELIMITERS = {"tab": "\t", ",": ",", ";": ";", "|": "|"}
ISO = "iso"


@dataclass(frozen=True)
class Kept:
    """A column that is kept with the case and shown on its page, under a name in each language."""

    names: Mapping[str, str]
    recipe: Recipe


@dataclass(frozen=True)
class OldSystem:
    """`source` names the old system for good: together with a row's reference it is what a case is known by."""

    source: str
    encoding: str
    delimiter: str
    zone: ZoneInfo
    author: str | None
    recipes: Mapping[str, Recipe]
    keep: Sequence[Kept] = field(default_factory=tuple)

    @property
    def columns(self) -> dict[str, str]:
        """The columns that the file must have, with the field that each is first needed for."""
        found: dict[str, str] = {}
        for recipe in (*self.recipes.values(), *(one.recipe for one in self.keep)):
            for column in recipe.columns:
                found.setdefault(column, recipe.field)
        return found


def load(path: Path) -> OldSystem:
    """Raises `Unreadable`, with where and what."""
    whole = Fields(read(path), "")
    own, fields = whole.fields("import"), whole.fields("fields")
    form = own.text("times", ISO)
    found = OldSystem(
        source=own.text("source"),
        encoding=own.one_of("encoding", ENCODINGS, "utf-8"),
        delimiter=DELIMITERS[own.one_of("delimiter", tuple(DELIMITERS), ",")],
        zone=_zone(own),
        author=own.text("author") if own.has("author") else None,
        recipes={name: _recipe(fields, name, form) for name in FIELDS if fields.has(name)},
        keep=[_kept(one, place, form) for place, one in enumerate(whole.each("keep"), 1)],
    )
    for part in (own, fields, whole):
        part.done()
    _complete(found)
    return found


def _complete(found: OldSystem) -> None:
    missing = [name for name in NEEDED if name not in found.recipes]
    if missing:
        raise Unreadable(f"fields: {', '.join(missing)} must be mapped")
    if not found.author and ("answer" in found.recipes or "question" in found.recipes):
        raise Unreadable(
            "import: answers and questions need an author: the e-mail address of the account in whose name they stand"
        )
    if ("latitude" in found.recipes) != ("longitude" in found.recipes):
        raise Unreadable("fields: latitude and longitude go together")


def _zone(own: Fields) -> ZoneInfo:
    name = own.text("timezone", "Europe/Stockholm")
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise Unreadable(f"import: there is no time zone {name!r}") from error


def _recipe(fields: Fields, name: str, form: str) -> Recipe:
    """A column's name alone, or `column`, `text` or `value` with what they mean."""
    if isinstance(fields.peek(name), str):
        return Recipe(name, f"{{{fields.text(name)}}}", form=form)
    one = fields.fields(name)
    given = [sort for sort in ("column", "text", "value") if one.has(sort)]
    if len(given) != 1:
        raise Unreadable(f"{one.where}: it takes one of column, text and value")
    pattern = f"{{{one.text('column')}}}" if given == ["column"] else one.text(given[0])
    if given == ["text"] and not SLOT.search(pattern):
        raise Unreadable(f"{one.where}: a text names its columns in braces: {{Street}} {{Number}}")
    if given == ["value"] and SLOT.search(pattern):
        raise Unreadable(f"{one.where}: a value is the same for all rows; with columns in braces it is a text")
    recipe = Recipe(
        name,
        pattern,
        values=_values(one) if one.has("values") else None,
        otherwise=str(one.take("otherwise", str)) if one.has("otherwise") else None,
        form=one.text("format", form),
    )
    one.done()
    return recipe


def _values(one: Fields) -> dict[str, str]:
    """What a cell means, also written with other capitals; YAML reads `1` and `yes` as something else than text."""
    found: dict[Any, Any] = one.take("values", dict)
    odd = [key for key, value in found.items() if not (isinstance(key, str) and isinstance(value, str))]
    if odd:
        raise Unreadable(f"{one.where}, values: put {odd[0]!r} and what it means in quotes")
    return {key.casefold(): value for key, value in found.items()} | found


def _kept(one: Fields, place: int, form: str) -> Kept:
    names = one.by_key("names", LANGUAGES, needed=True)
    recipe = Recipe(f"keep, number {place}", f"{{{one.text('column')}}}", form=form)
    one.done()
    return Kept(names, recipe)
