"""The bad rows as a file: as they stood, with line, columns and reason before them.

It can be corrected and imported with the same mapping, which does not ask for the columns that are ours; hence nothing
in it is changed against formulas.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from caseflow.importing.arriving import Fault
from caseflow.importing.mapping import OldSystem
from caseflow.importing.old_file import Line, OldFile

if TYPE_CHECKING:
    import _csv

OURS = ("caseflow: line", "caseflow: column", "caseflow: reason")
SHOWN = 20  # lines on the terminal


class RejectFile:
    """Made with the first bad row. Nothing replaces it silently: one that is there is written anew by the same command
    only."""

    def __init__(self, path: Path, old: OldFile, mapping: OldSystem, tell: Callable[[str], None]) -> None:
        self.path, self._old, self._mapping, self._tell = path, old, mapping, tell
        self._file: TextIO | None = None
        self.count = 0

    def __call__(self, line: Line, faults: Sequence[Fault]) -> None:
        self.count += 1
        for fault in faults if self.count <= SHOWN else ():
            self._tell(f"line {line.number}: {fault.column}: {fault.reason}")
        columns, reasons = "; ".join(fault.column for fault in faults), "; ".join(fault.reason for fault in faults)
        self._writer().writerow([str(line.number), columns, reasons, *self._as_it_stood(line)])

    def _as_it_stood(self, line: Line) -> Sequence[str]:
        """Without what an earlier run said about it."""
        ours = [place for place, name in enumerate(self._old.header) if name in OURS]
        return [cell for place, cell in enumerate(line.cells) if place not in ours]

    def _writer(self) -> _csv.Writer:
        if self._file is None:
            options = {"encoding": self._mapping.encoding, "errors": "surrogateescape", "newline": ""}
            self._file = self.path.open("w", **options)  # type: ignore[call-overload]
            header = [name for name in self._old.header if name not in OURS]
            csv.writer(self._file, delimiter=self._mapping.delimiter).writerow([*OURS, *header])
        return csv.writer(self._file, delimiter=self._mapping.delimiter)

    def again(self) -> None:
        """From the first row on once more."""
        self.close()
        self.count = 0

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None
