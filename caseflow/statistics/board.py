"""The figures of a period on one printed page, for a meeting of the board: PDF/A-2a and PDF/UA-1, as the letters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from flask_babel import gettext as _

from caseflow.cases import words
from caseflow.messages import press
from caseflow.messages.glyphs import drawable
from caseflow.statistics.charts import Bar, Dot, FlowChart, Place, ShareChart
from caseflow.statistics.definitions import FIGURES, TARGET
from caseflow.statistics.groups import Cell, Group, cells, earlier_cells
from caseflow.statistics.report import Report
from caseflow.statistics.wording import percent_in_words

KEY = ("received", "finished", "open", "overdue", "in_time", "median", "ninety", "within_2", "at_first", "reopened")
COLUMNS = ("received", "finished", "open", "overdue", "in_time", "median")
DEFINED = ("in_time", "median", "at_first", "reopened", "finished")
# On paper, and told apart by lightness too.
IN, OUT, LINE, QUIET = "#1f5f99", "#b06a00", "#1b1f1e", "#4d5754"
PALE = {IN: "#bcd0e2", OUT: "#e9d3b3"}


def pdf(report: Report, municipality: str, language: str, *, now: datetime) -> bytes:
    """The page. What is not in the font is printed as □."""
    figures = report.figures
    data: dict[str, object] = {
        "language": language,
        "title": _("Answers to residents"),
        "municipality": drawable(municipality),
        "dates": report.dates,
        "as_of": _("as of %(moment)s", moment=words.moment(report.as_of or now)),
        "more": _("What each figure means stands beside it on the statistics page."),
        "sentences": drawable(" ".join(report.sentences)),
        "remarks": " ".join(report.remarks),
        "key": {
            "title": _("In short"),
            "head": [_("Figure"), _("This period"), _("Period before")],
            "rows": _key_rows(figures.whole),
        },
        "flow": {
            "title": _("In and out"),
            "svg": _flow(report),
            "alt": _flow_words(report),
            "note": _cut_short(report),
        },
        "share": {
            "title": str(FIGURES["in_time"].name),
            "svg": _share(report),
            "alt": report.sentences[0],
            "note": _unsettled(report),
        },
        "departments": {
            "title": _("By department"),
            "head": [_("Department"), *(str(FIGURES[code].name) for code in COLUMNS)],
            "rows": [[drawable(line.name), *_told(line.group, COLUMNS)] for line in report.tables["department"]],
        },
        "definitions": {
            "title": _("What the figures mean"),
            "rows": [[str(FIGURES[code].name), str(FIGURES[code].definition)] for code in DEFINED],
        },
    }
    return press.pdf("board_report.typ", data, at=now)


def _key_rows(whole: Group) -> list[list[str]]:
    now, before = cells(whole), earlier_cells(whole)
    # Of the period before, the shares and the days are counted; what came in then stands in its own report.
    return [
        [f"{FIGURES[code].name} ({FIGURES[code].unit})", _value(code, now[code]), _before(code, before[code])]
        for code in KEY
    ]


def _before(code: str, cell: Cell) -> str:
    return _value(code, cell) if FIGURES[code].least else "–"


def _told(group: Group, codes: Iterable[str]) -> list[str]:
    told = cells(group)
    return [_value(code, told[code]) for code in codes]


def _value(code: str, cell: Cell) -> str:
    if cell.value is None:
        return _("too few") if cell.n else "–"
    return percent_in_words(cell.value) if code in ("in_time", "at_first", "reopened", "within_2") else str(cell.value)


def _flow_words(report: Report) -> str:
    total = report.figures.whole.total
    return _(
        "%(received)s cases came in, %(again)s were taken up again and %(finished)s were finished."
        " %(open)s were open at the end.",
        received=total.received,
        again=total.again,
        finished=total.finished,
        open=report.figures.whole.backlog[-1],
    )


def _cut_short(report: Report) -> str:
    return _("Pale bars: only a part lies in the period.") if any(_partial(report)) else ""


def _partial(report: Report) -> list[bool]:
    return [slot.partial for slot in report.figures.slots]


def _unsettled(report: Report) -> str:
    pending = any(block.promise.pending for block in report.blocks)
    return _("Hollow dots: some cases are not due yet, and the share may still change.") if pending else ""


def _received(report: Report) -> str:
    again = report.figures.whole.total.again
    return _("Came in; hollow: taken up again") if again else str(FIGURES["received"].name)


def _flow(report: Report) -> str:
    chart: FlowChart = report.flow_chart
    partial = _partial(report)
    marks = [_line_of(tick.at) for tick in (*chart.open_ticks, *chart.bar_ticks)]
    marks += [_text(30, tick.at + 4, str(tick.value), "end", QUIET) for tick in (*chart.open_ticks, *chart.bar_ticks)]
    for bars, colour in ((chart.received, IN), (chart.finished, OUT)):
        marks += [_bar(bar, colour, pale) for bar, pale in zip(bars, partial, strict=True)]
    marks += [_bar(bar, IN, hollow=True) for bar in chart.again]
    marks += [_path(chart.open_line), _text(325, chart.open_line[-1].y + 4, str(chart.open_line[-1].value))]
    marks += [_text(36, 12, str(FIGURES["backlog"].name)), _text(36, 113, _received(report), colour=IN)]
    marks += [_text(36, 269, str(FIGURES["finished"].name), colour=OUT)]
    return _svg([*marks, *_slots(chart.places, report.slot_names, report.step_name)], chart.height)


def _slots(places: Sequence[Place], names: Sequence[str], axis: str) -> list[str]:
    named = zip(places, names, strict=True)
    marks = [_text(place.x, 288, name, "middle", QUIET) for place, name in named if place.named]
    return [_text(30, 288, axis, "end", QUIET), *marks]


def _share(report: Report) -> str:
    chart: ShareChart = report.share_chart
    pending = [block.promise.pending for block in report.blocks]
    marks = [_line_of(tick.at) for tick in chart.ticks] + [_line_of(chart.target, OUT, "6 3")]
    marks += [_text(30, tick.at + 4, percent_in_words(tick.value), "end", QUIET) for tick in chart.ticks]
    marks += [_text(325, chart.target - 3, _("target"), colour=OUT)]
    marks += [_text(325, chart.target + 13, percent_in_words(TARGET), colour=OUT)]
    marks += [_path(pair, "2 3" if pending[pair[1].index] else "") for pair in chart.lines]
    marks += [_dot(dot, hollow=bool(pending[dot.index])) for dot in chart.dots]
    marks += [_text(dot.x, dot.y + 17, str(dot.value), "middle") for dot in chart.told]
    names = [block.name for block in report.blocks]
    return _svg([*marks, *_slots(chart.places, names, report.step_name)], chart.height)


def _dot(dot: Dot, *, hollow: bool) -> str:
    return f'<circle cx="{dot.x}" cy="{dot.y}" r="3.5" fill="{"#ffffff" if hollow else LINE}" stroke="{LINE}"/>'


def _svg(marks: Iterable[str], height: int) -> str:
    face = 'font-family="Source Sans 3" font-size="12" font-weight="600"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 {height}" {face}>' + "".join(marks) + "</svg>"


def _text(x: float, y: float, said: str, anchor: str = "start", colour: str = LINE) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{escape(drawable(said))}</text>'


def _line_of(y: float, colour: str = "#dddddd", dashes: str = "") -> str:
    return f'<path d="M36 {y}H320" stroke="{colour}" stroke-width="1"{_dashed(dashes)}/>'


def _bar(bar: Bar, colour: str, pale: bool = False, *, hollow: bool = False) -> str:
    if bar.height <= 0:
        return ""
    inside = "#ffffff" if hollow else PALE[colour] if pale else colour
    edge = f'stroke="{colour}" stroke-width="0.8"' if hollow or pale else ""
    return f'<rect x="{bar.x}" y="{bar.y}" width="{bar.width}" height="{bar.height}" fill="{inside}" {edge}/>'


def _path(dots: Sequence[Dot], dashes: str = "") -> str:
    way = "L".join(f"{dot.x} {dot.y}" for dot in dots)
    return f'<path d="M{way}" fill="none" stroke="{LINE}" stroke-width="1.6"{_dashed(dashes)}/>'


def _dashed(dashes: str) -> str:
    return f' stroke-dasharray="{dashes}"' if dashes else ""
