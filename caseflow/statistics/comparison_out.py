"""A comparison as rows of a file and as data: what the page says, and nothing that it keeps back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import gettext as _

from caseflow.cases.files.spreadsheet import BOM, csv_line
from caseflow.cases.files.spreadsheet import Cell as Written
from caseflow.statistics.comparison import CODES, Comparison, Line
from caseflow.statistics.definitions import FIGURES
from caseflow.statistics.groups import Cell
from caseflow.statistics.periods import Period


def csv(compared: Comparison) -> Iterator[str]:
    yield BOM + csv_line(header())
    for row in rows(compared):
        yield csv_line(row)


def header() -> Sequence[str]:
    return [
        *(_("Code"), _("Figure"), _("Department"), _("From"), _("To"), _("Value"), _("Counted among"), _("Note")),
        *(_("Compared from"), _("Compared to"), _("Compared value"), _("Compared among"), _("Compared note")),
        *(_("Change"), _("Change in words"), _("Unit"), _("What it means")),
    ]


def rows(compared: Comparison) -> Iterator[list[Written]]:
    for line in (line for code in CODES for line in compared.lines(code)):
        yield _row(compared, line)


def _row(compared: Comparison, line: Line) -> list[Written]:
    figure = FIGURES[line.code]
    return [
        *(line.code, str(figure.name), line.side.name or _("All")),
        *(*_days(compared.period), *_told(line.now)),
        *(*_days(compared.against), *_told(line.then)),
        *("" if line.change is None else line.change, line.difference.words, str(figure.unit)),
        f"{figure.definition} {figure.population}",
    ]


def _days(period: Period) -> tuple[str, str]:
    return period.first.isoformat(), period.last.isoformat()


def _told(cell: Cell) -> tuple[Written, Written, Written]:
    note = "" if cell.value is not None else _("kept back") if cell.enough else _("too few") if cell.n else _("none")
    return "" if cell.value is None else cell.value, cell.n, note


def document(compared: Comparison, asked: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """`value` is null where too few cases say anything, or where it could be reckoned out from the others."""
    return {
        "period": _dates(compared.period),
        "against": _dates(compared.against),
        "asked": [list(pair) for pair in asked],
        "counted_until": compared.as_of and compared.as_of.isoformat(),
        "figures": [_figure(line) for code in CODES for line in compared.lines(code)],
    }


def _dates(period: Period) -> dict[str, object]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat(), "days": period.days}


def _figure(line: Line) -> dict[str, object]:
    return {
        "code": line.code,
        "department": line.side.code or None,
        "value": line.now.value,
        "n": line.now.n,
        "against": {"value": line.then.value, "n": line.then.n},
        "change": line.change,
        "better": line.difference.better,
        "words": line.difference.words,
    }
