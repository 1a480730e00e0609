"""What the administrators' forms are made of: each row shows a field of the municipality's file and takes it back.

A row knows where its field stands in the part (`path`), draws it, and turns what was typed into what the file would
say. So the forms end in the same file as everything else, and that is checked in one place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField
from wtforms.form import BaseForm
from wtforms.validators import DataRequired, Length, Optional

from caseflow.administration.labels import LABELS
from caseflow.administration.rows.checks import Check, Sound
from caseflow.cases import typed

Part = dict[str, Any]
Path = tuple[str, ...]
Choices = list[tuple[str, Any]]


@dataclass(frozen=True)
class Row:
    """One line of a form. `shape` tells the template how to draw it; `hint` is said under the label."""

    path: Path
    hint: str = ""
    label: str = ""
    needed: bool = False
    shape: str = "line"
    width: str = ""
    limit: int = 200
    check: Check | None = None
    choices: Callable[[], Choices] | None = None

    @property
    def name(self) -> str:
        return "-".join(self.path)

    @property
    def said(self) -> str:
        return self.label or LABELS.get(self.path[-1], self.path[-1])

    @property
    def names(self) -> list[str]:
        """Its fields in the form."""
        return [self.name]

    def fields(self) -> dict[str, Any]:
        return {self.name: StringField(self.said, filters=[typed.text], validators=self.validators())}

    def validators(self) -> list[Any]:
        longest = Length(max=self.limit, message=_("Write at most %(limit)d characters here.", limit=self.limit))
        first = DataRequired(_l("Write something here.")) if self.needed else Optional()
        return [first, longest, *([Sound(self.check)] if self.check else [])]

    def data(self, part: Part) -> dict[str, Any]:
        """What the fields hold when the form shows this part."""
        return {self.name: got(part, self.path)}

    def take(self, form: BaseForm, part: Part) -> None:
        """Write what was typed into the part."""
        put(part, self.path, self.value(form[self.name]))

    def value(self, typed: Field) -> Any:
        return typed.data or None


def got(part: Part, path: Path) -> Any:
    """What stands at a path; None where nothing does."""
    inner: Any = part
    for step in path:
        inner = inner.get(step) if isinstance(inner, dict) else None
    return inner


def put(part: Part, path: Path, value: Any) -> None:
    """Write a value at a path; None takes away what stands there, and what is left empty around it."""
    first, *rest = path
    if rest:
        found = part.get(first)
        inner: Part = found if isinstance(found, dict) else {}
        put(inner, tuple(rest), value)
        value = inner or None
    if value is None:
        part.pop(first, None)
    else:
        part[first] = value
