"""The figures as a file that Swedish Excel opens by a double click: UTF-8 with BOM, semicolons, no formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask_babel import gettext as _

from caseflow.cases.files.spreadsheet import BOM, Cell, csv_line
from caseflow.statistics.definitions import FIGURES
from caseflow.statistics.groups import Cell as Counted
from caseflow.statistics.groups import Flow, Group, cells
from caseflow.statistics.periods import Slot
from caseflow.statistics.report import DIMENSION_NAMES, Report

NUMBER = re.compile(r"-?\d+")
Row = tuple[str, ...]


def lines(report: Report) -> Iterator[str]:
    """The file line by line, the first with the BOM: a header, then one row per figure and group."""
    yield BOM + line(header())
    for row in rows(report):
        yield line(row)


def line(row: Row) -> str:
    return csv_line(as_numbers(row))


def as_numbers(row: Row) -> list[Cell]:
    """What is a whole number is written as one, also below 0: no text that a spreadsheet takes for a formula."""
    return [int(cell) if NUMBER.fullmatch(cell) else cell for cell in row]


def header() -> Row:
    return (
        _("Code"),
        _("Figure"),
        _("By"),
        _("Group"),
        _("From"),
        _("To"),
        _("Value"),
        _("Unit"),
        _("Counted among"),
        _("Note"),
        _("What it means"),
    )


def rows(report: Report) -> Iterator[Row]:
    """All figures for all cases, by department, by kind, by wanted reply, by week (month, year), and by age."""
    figures = report.figures
    period = Slot(figures.period.first, figures.period.last)
    yield from _group_rows(figures.whole, _("All"), _("All"), period)
    for dimension, groups in report.tables.items():
        for group in groups:
            yield from _group_rows(group.group, str(DIMENSION_NAMES[dimension]), group.name, period)
    for number, slot in enumerate(figures.slots):
        yield from _slot_rows(report, number, slot)
    for block in report.blocks:
        promise = block.promise
        yield _row("in_time", Counted(promise.share, promise.decided), report.step_name, block.title, block.slot)
    for code, cell in report.opinions.whole.cells.items():
        yield _row(code, cell, _("All"), _("All"), period)
    for _code, name, opinion in report.opinion_lines:
        for code, cell in opinion.cells.items():
            yield _row(code, cell, str(DIMENSION_NAMES["department"]), name, period)
    for name, age in zip(report.age_names, figures.whole.ages, strict=True):
        yield _row("age", Counted(age.total, figures.whole.open.total), str(FIGURES["age"].name), name, period)


def _group_rows(group: Group, by: str, name: str, slot: Slot) -> Iterator[Row]:
    for code, cell in cells(group).items():
        yield _row(code, cell, by, name, slot)


def _slot_rows(report: Report, number: int, slot: Slot) -> Iterator[Row]:
    whole, by, name = report.figures.whole, report.step_name, report.slot_titles[number]
    flow: Flow = whole.flow[number]
    for code in ("received", "again", "finished"):
        yield _row(code, Counted(getattr(flow, code), getattr(flow, code)), by, name, slot)
    yield _row("backlog", Counted(whole.backlog[number], whole.backlog[number]), by, name, slot)


def _row(code: str, cell: Counted, by: str, name: str, slot: Slot) -> Row:
    figure = FIGURES[code]
    value, note = ("", _("too few")) if cell.value is None else (str(cell.value), "")
    if not cell.n and cell.value is None:
        note = _("none")
    return (
        code,
        str(figure.name),
        by,
        name,
        slot.first.isoformat(),
        slot.last.isoformat(),
        value,
        str(figure.unit),
        str(cell.n),
        note,
        f"{figure.definition} {figure.population}",
    )
