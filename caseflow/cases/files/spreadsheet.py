"""Rows for people's spreadsheets: CSV as Swedish Excel opens it by a double click (UTF-8 with BOM, semicolons), XLSX
with times as times. No cell is a formula, whatever a resident has written.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from typing import BinaryIO

import xlsxwriter

# A text, a whole number, a day, a local time without its zone, or nothing.
Cell = str | int | date | datetime | None

FORMS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BOM = "\ufeff"
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), also behind blanks.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# Excel keeps no longer text in a cell, and no wider column is read.
LONGEST, WIDEST, NARROWEST = 32_767, 40, 9
# All that Excel has a name for is text: nothing in our rows is a formula, an address to follow, or a number in words.
AS_TEXT = {
    **dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False),
    "constant_memory": True,
    "in_memory": False,
}


def csv_line(cells: Iterable[Cell]) -> str:
    buffer = StringIO()
    csv.writer(buffer, delimiter=";").writerow([_plain(cell) for cell in cells])
    return buffer.getvalue()


def _plain(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, str):
        return harmless(cell)
    return "" if cell is None else str(cell)


def harmless(text: str) -> str:
    """No formula in anybody's spreadsheet."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA) else text


class Workbook:
    """An XLSX file written row by row in little memory; each sheet has its heads in a row that stays in sight."""

    def __init__(self, file: BinaryIO, *, title: str, now: datetime) -> None:
        self._book = xlsxwriter.Workbook(file, AS_TEXT)
        self._book.set_properties({"title": title, "created": now.astimezone(UTC).replace(tzinfo=None)})
        forms = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm"}
        self._forms = {sort: self._book.add_format({"num_format": form}) for sort, form in forms.items()}
        self._head = self._book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._row = 0

    def sheet(self, name: str, heads: Sequence[str]) -> None:
        """Begin a sheet; rows go to it from now on."""
        self._sheet = self._book.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        for place, head in enumerate(heads):
            self._sheet.set_column(place, place, min(max(len(head) + 2, NARROWEST), WIDEST))
            self._sheet.write_string(0, place, head, self._head)
        self._row = 0

    def add(self, cells: Iterable[Cell]) -> None:
        self._row += 1
        for place, cell in enumerate(cells):
            if isinstance(cell, (date, datetime)):
                self._sheet.write_datetime(self._row, place, cell, self._forms[type(cell)])
            elif isinstance(cell, str):
                self._sheet.write_string(self._row, place, cell if len(cell) < LONGEST else f"{cell[: LONGEST - 1]}…")
            elif cell is not None:
                self._sheet.write_number(self._row, place, cell)

    def close(self) -> None:
        self._book.close()


def xlsx(name: str, heads: Sequence[str], rows: Iterable[Iterable[Cell]], *, now: datetime) -> BytesIO:
    """A short workbook of one sheet, whole."""
    file = BytesIO()
    book = Workbook(file, title=name, now=now)
    book.sheet(name, heads)
    for row in rows:
        book.add(row)
    book.close()
    file.seek(0)
    return file
