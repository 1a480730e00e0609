"""How one field of a case is made of the cells of a row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

SLOT = re.compile(r"\{([^{}]+)\}")
# What is left between the parts of a text when one of them is empty.
JOINTS = " ,;:/–"
Cells = Mapping[str, str]


@dataclass(frozen=True)
class Recipe:
    """`pattern` has the columns in braces. `values` says what a cell means; None: it is taken as it stands."""

    field: str
    pattern: str
    values: Mapping[str, str] | None = None
    otherwise: str | None = None
    form: str | None = None  # of a time or day, as strptime reads it

    @cached_property
    def columns(self) -> list[str]:
        return SLOT.findall(self.pattern)

    @cached_property
    def _alone(self) -> str | None:
        """The column, where the field is one column as it stands: most are."""
        return self.columns[0] if self.columns and self.pattern == f"{{{self.columns[0]}}}" else None

    @property
    def where(self) -> str:
        """What a person looks for in the file."""
        return ", ".join(self.columns) or self.field

    def text(self, cells: Cells) -> str:
        """The field's text, "" for none; ValueError when the cell is none of `values` and there is no `otherwise`."""
        columns = self.columns
        if self._alone:
            return self._meant(cells[self._alone].strip())
        found = SLOT.sub(lambda slot: cells[slot[1]].strip(), self.pattern).strip()
        if len(columns) > 1:
            found = found.strip(JOINTS) if any(cells[one].strip() for one in columns) else ""
        return self._meant(found)

    def _meant(self, found: str) -> str:
        if self.values is not None and (found or "" in self.values):
            known = self.values.get(found, self.values.get(found.casefold(), self.otherwise))
            if known is None:
                raise ValueError(f"{found!r} is not among the values of {self.field} in the mapping")
            return known
        return found or self.otherwise or ""
