"""The figures of one page as data: what each means, what is counted, among how many, and of which group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from caseflow.statistics.definitions import FIGURES
from caseflow.statistics.groups import Cell, Group, cells
from caseflow.statistics.periods import Slot
from caseflow.statistics.report import Report


def document(report: Report, filtered: Mapping[str, str]) -> dict[str, Any]:
    """`value` is null where `n` is too few to say; days are local, and both of `from` and `to` are in the period."""
    period = report.figures.period
    return {
        "period": {"from": period.first.isoformat(), "to": period.last.isoformat(), "unit": period.unit},
        "filter": dict(filtered),
        "counted_until": report.as_of and report.as_of.isoformat(),
        "definitions": [_definition(code) for code in FIGURES],
        "figures": list(_figures(report)),
    }


def _definition(code: str) -> dict[str, object]:
    figure = FIGURES[code]
    said = {name: str(getattr(figure, name)) for name in ("name", "unit", "definition", "population")}
    return {"code": code, **said, "least": figure.least}


def _figures(report: Report) -> Iterator[dict[str, object]]:
    figures = report.figures
    whole = Slot(figures.period.first, figures.period.last)
    yield from _of_group(figures.whole, "all", "", "", whole)
    for dimension, table in report.tables.items():
        for line in table:
            yield from _of_group(line.group, dimension, line.code, line.name, whole)
    for number, slot in enumerate(figures.slots):
        flow = figures.whole.flow[number]
        for code in ("received", "again", "finished"):
            value = getattr(flow, code)
            yield _figure(code, Cell(value, value), figures.period.step, "", "", slot)
        left = figures.whole.backlog[number]
        yield _figure("backlog", Cell(left, left), figures.period.step, "", "", slot)
    for code, cell in report.opinions.whole.cells.items():
        yield _figure(code, cell, "all", "", "", whole)


def _of_group(group: Group, by: str, code: str, name: str, slot: Slot) -> Iterator[dict[str, object]]:
    for figure, cell in cells(group).items():
        yield _figure(figure, cell, by, code, name, slot)


def _figure(code: str, cell: Cell, by: str, group: str, name: str, slot: Slot) -> dict[str, object]:
    days = {"from": slot.first.isoformat(), "to": slot.last.isoformat(), "whole": not slot.partial}
    return {"code": code, "by": by, "group": group, "name": name, **days, "value": cell.value, "n": cell.n}
