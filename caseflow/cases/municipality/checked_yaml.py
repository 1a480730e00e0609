"""A YAML file that is asked for its fields by name; whatever is wrong is told in a sentence that says where."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, TypeVar

import yaml
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

try:
    from yaml import CSafeLoader as Loader  # ten times as fast, where it was built
except ImportError:
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

T = TypeVar("T")

IN_WORDS: dict[type, str] = {
    str: _l("a text (in quotes)"),
    dict: _l("a mapping"),
    list: _l("a list"),
    bool: _l("true or false"),
    int: _l("a whole number"),
}


class Unreadable(ValueError):
    """The file does not hold what it should; the message says where and what."""


class Fields:
    """A mapping of the file. `where` is how people find it: "departments, sb, categories, sb.snow"."""

    def __init__(self, found: object, where: str) -> None:
        if not isinstance(found, dict):
            raise Unreadable(_("%(where)s: expected a mapping, not %(found)r", where=where, found=found))
        self._found, self._asked, self.where = found, set[str](), where

    def take(self, name: str, sort: type[T], default: T | None = None) -> T:
        """A field of this sort; without a default it must be there."""
        self._asked.add(name)
        value = self._found.get(name)
        if value is None:
            value = default
        if value is None:
            raise Unreadable(_("%(where)s: %(name)s is missing", where=self.where, name=name))
        if not isinstance(value, sort) or (sort is int and isinstance(value, bool)):
            raise Unreadable(self._must_be(name, IN_WORDS[sort], value))
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
            raise Unreadable(_("%(where)s: %(name)s is empty", where=self.where, name=name))
        if "\x00" in value:
            raise Unreadable(_("%(where)s: %(name)s holds a sign that cannot be kept", where=self.where, name=name))
        return value

    def one_of(self, name: str, allowed: Collection[str], default: str | None = None) -> str:
        """A text that is one of the allowed ones."""
        value = self.text(name, default)
        if value not in allowed:
            one_of = {"name": name, "value": value, "allowed": ", ".join(allowed)}
            told = _("%(where)s: %(name)s is %(value)r, but it must be one of %(allowed)s", where=self.where, **one_of)
            raise Unreadable(told)
        return value

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number within these."""
        value = self.take(name, int)
        if not least <= value <= most:
            raise Unreadable(self._must_be(name, _("from %(least)d to %(most)d", least=least, most=most), value))
        return value

    def texts(self, name: str) -> list[str]:
        """A list of texts; a missing one is empty."""
        found = self.take(name, list, [])
        if not all(isinstance(one, str) and one.strip() and "\x00" not in one for one in found):
            raise Unreadable(self._must_be(name, _("a list of texts (in quotes)"), found))
        return found

    def by_key(self, name: str, allowed: Collection[str], *, needed: bool = False) -> dict[str, str]:
        """A mapping from some of the allowed keys to texts; a missing one is empty, a needed one is not."""
        inner = Fields(self.take(name, dict, None if needed else {}), self._inside(name))
        given = {key: inner.text(key) for key in allowed if inner.has(key)}
        inner.done()
        if needed and not given:
            raise Unreadable(
                _("%(where)s: one of %(allowed)s is missing", where=inner.where, allowed=", ".join(allowed))
            )
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
                raise Unreadable(_("%(where)s: this code stands there twice", where=one.where))
            found[code] = one
        return found

    def done(self) -> None:
        """Nothing may be left that nobody has asked for: a mistyped name is a mistake, and not a field less."""
        left = [str(name) for name in self._found if name not in self._asked]
        if left:
            raise Unreadable(
                _("%(where)s: nobody knows %(names)s", where=self.where or _("the file"), names=", ".join(left))
            )

    def _must_be(self, name: str, what: str, value: object) -> str:
        facts = {"name": name, "what": what, "value": value}
        return _("%(where)s: %(name)s must be %(what)s, not %(value)r", where=self.where, **facts)

    def _inside(self, name: str) -> str:
        return f"{self.where}, {name}" if self.where else name


def read(path: Path) -> dict[str, Any]:
    """The file's content as plain data; raises `Unreadable`."""
    try:
        return parse(path.read_bytes())
    except OSError as error:
        raise Unreadable(str(error)) from error
    except Unreadable as error:
        raise Unreadable(f"{path}: {error}") from error


def parse(content: bytes) -> dict[str, Any]:
    """The content of a file, as it comes from a disk or a browser, as plain data; raises `Unreadable`."""
    try:
        found = yaml.load(content.decode("utf-8-sig"), Loader=Loader)
    # A date that no calendar has is a ValueError, and deep nesting may exhaust the stack.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    if not isinstance(found, dict):
        raise Unreadable(_("expected a mapping with municipality, kinds, departments, rules"))
    return found
