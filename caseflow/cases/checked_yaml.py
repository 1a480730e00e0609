"""A YAML file that is asked for its fields by name; whatever is wrong is told in a sentence that says where."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, TypeVar

import yaml

try:
    from yaml import CSafeLoader as Loader  # ten times as fast, where it was built
except ImportError:
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

T = TypeVar("T")

IN_WORDS = {str: "a text (in quotes)", dict: "a mapping", list: "a list", bool: "true or false", int: "a whole number"}


class Unreadable(ValueError):
    """The file does not hold what it should; the message says where and what."""


class Fields:
    """A mapping of the file. `where` is how people find it: "departments, sb, categories, sb.snow"."""

    def __init__(self, found: object, where: str) -> None:
        if not isinstance(found, dict):
            raise Unreadable(f"{where}: expected a mapping, not {found!r}")
        self._found, self._asked, self.where = found, set[str](), where

    def take(self, name: str, sort: type[T], default: T | None = None) -> T:
        """A field of this sort; without a default it must be there."""
        self._asked.add(name)
        value = self._found.get(name)
        if value is None:
            value = default
        if value is None:
            raise Unreadable(f"{self.where}: {name} is missing")
        if not isinstance(value, sort) or (sort is int and isinstance(value, bool)):
            raise Unreadable(f"{self.where}: {name} must be {IN_WORDS[sort]}, not {value!r}")
        return value

    def peek(self, name: str) -> object:
        """A field as it stands, for who takes it in more than one sort."""
        return self._found.get(name)

    def has(self, name: str) -> bool:
        self._asked.add(name)
        return self._found.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """A text that is not empty."""
        value = self.take(name, str, default).strip()
        if not value:
            raise Unreadable(f"{self.where}: {name} is empty")
        return value

    def one_of(self, name: str, allowed: Collection[str], default: str | None = None) -> str:
        """A text that is one of the allowed ones."""
        value = self.text(name, default)
        if value not in allowed:
            raise Unreadable(f"{self.where}: {name} is {value!r}, but it must be one of {', '.join(allowed)}")
        return value

    def texts(self, name: str) -> list[str]:
        """A list of texts; a missing one is empty."""
        found = self.take(name, list, [])
        if not all(isinstance(one, str) and one.strip() for one in found):
            raise Unreadable(f"{self.where}: {name} must be a list of texts (in quotes), not {found!r}")
        return found

    def by_key(self, name: str, allowed: Collection[str], *, needed: bool = False) -> dict[str, str]:
        """A mapping from some of the allowed keys to texts; a missing one is empty, a needed one is not."""
        inner = Fields(self.take(name, dict, None if needed else {}), self._inside(name))
        given = {key: inner.text(key) for key in allowed if inner.has(key)}
        inner.done()
        if needed and not given:
            raise Unreadable(f"{inner.where}: one of {', '.join(allowed)} is missing")
        return given

    def fields(self, name: str, default: dict[str, object] | None = None) -> Fields:
        return Fields(self.take(name, dict, default), self._inside(name))

    def each(self, name: str) -> list[Fields]:
        """The mappings of a list, called by their place; a missing list is empty."""
        found = self.take(name, list, [])
        return [Fields(one, f"{self._inside(name)}, number {place}") for place, one in enumerate(found, 1)]

    def each_by_code(self, name: str) -> dict[str, Fields]:
        """The mappings of a list by their `code`, which names one each."""
        found: dict[str, Fields] = {}
        for one in self.each(name):
            code = one.text("code")
            one.where = f"{self._inside(name)}, {code}"
            if code in found:
                raise Unreadable(f"{one.where}: this code stands there twice")
            found[code] = one
        return found

    def done(self) -> None:
        """Nothing may be left that nobody has asked for: a mistyped name is a mistake, and not a field less."""
        left = [str(name) for name in self._found if name not in self._asked]
        if left:
            raise Unreadable(f"{self.where or 'the file'}: nobody knows {', '.join(left)}")

    def _inside(self, name: str) -> str:
        return f"{self.where}, {name}" if self.where else name


def read(path: Path) -> dict[str, Any]:
    """The file's content as plain data; raises `Unreadable`."""
    try:
        found = yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)
    except (OSError, yaml.YAMLError, UnicodeError) as error:
        raise Unreadable(f"{path}: {error}") from error
    if not isinstance(found, dict):
        raise Unreadable(f"{path}: expected a mapping with municipality, kinds, departments, rules")
    return found
