"""The export of an old system, read row by row: each with the line it begins on, what cannot be read included."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from caseflow.importing.mapping import OldSystem

if TYPE_CHECKING:
    import _csv

# A text of a case may be long; a file that lacks a closing quote is one endless cell.
LONGEST_CELL = 1_000_000


class Unusable(Exception):
    """Nothing of the file can be taken: what it is, in words."""


@dataclass(frozen=True)
class Line:
    """One row: the number of its first line, and its cells as they stand in the file."""

    number: int
    cells: Sequence[str]


class OldFile:
    """`done` is how many of the `size` bytes have been read. Bytes that the encoding does not have stay as they are
    (surrogateescape), so that one bad row is one bad row, and can be written out again."""

    def __init__(self, path: Path, mapping: OldSystem) -> None:
        self.path, self._mapping = path, mapping
        self.size, self.done = path.stat().st_size, 0
        with path.open("rb") as file:
            self.header = self._first(file)

    def hash(self) -> str:
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def lines(self) -> Iterator[Line]:
        """The rows after the header; those without any content are none."""
        self.done = 0
        with self.path.open("rb") as file:
            reader = self._reader(file)
            next(reader)
            before = reader.line_num
            try:
                for cells in reader:
                    if any(cell.strip() for cell in cells):
                        yield Line(before + 1, cells)
                    before = reader.line_num
            except csv.Error as error:
                raise Unusable(f"line {before + 1} cannot be read as CSV: {error}") from error

    def _first(self, file: BinaryIO) -> list[str]:
        try:
            header = [name.strip() for name in next(self._reader(file), [])]
        except csv.Error as error:
            raise Unusable(f"the first line cannot be read as CSV: {error}") from error
        if len(set(header)) < len(header):
            twice = next(name for name in header if header.count(name) > 1)
            raise Unusable(f"the column {twice!r} stands twice in the first line")
        for column, field in self._mapping.columns.items():
            if column not in header:
                raise Unusable(self._lacks(column, field, header))
        return header

    def _lacks(self, column: str, field: str, header: list[str]) -> str:
        if any("\udc80" <= sign <= "\udcff" for name in header for sign in name):
            return f"the first line is not {self._mapping.encoding}: try encoding: cp1252 in the mapping"
        near = get_close_matches(column, header, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(header)}"
        if len(header) == 1:
            hint = f"its first line is one cell, so another delimiter than {self._mapping.delimiter!r} may be meant"
        return f"the file has no column {column!r} (for {field}); {hint}"

    def _reader(self, file: BinaryIO) -> _csv.Reader:
        csv.field_size_limit(LONGEST_CELL)
        return csv.reader(self._decoded(file), delimiter=self._mapping.delimiter)

    def _decoded(self, file: BinaryIO) -> Iterator[str]:
        for raw in file:
            if not self.done:
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            self.done += len(raw)
            yield raw.decode(self._mapping.encoding, "surrogateescape")
