"""What is shown of a run: on the terminal, in docs/reliability.md, and as JSON for the test."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from rich.table import Table as RichTable

from tests.chaos.havoc import Havoc
from tests.chaos.verdict import Verdict

BEGIN, END = "<!-- written by make chaos -->", "<!-- until here -->"
ENDS = ("sent", "unknown, sent", "unknown, not sent", "failed")


class Table(NamedTuple):
    """The first columns are words, the others numbers."""

    title: str
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    words: int


def tables(verdict: Verdict, havoc: Havoc) -> list[Table]:
    figures = Table("The whole", ("", "number"), [(name, _number(n)) for name, n in verdict.figures.items()], 1)
    faults = {**havoc.faults, "rings lost by FLUSHALL": havoc.rings_lost}
    others = Table("What else went wrong", ("", "times"), [(name, _number(n)) for name, n in faults.items()], 1)
    return [_kills(verdict, havoc), others, figures]


def _kills(verdict: Verdict, havoc: Havoc) -> Table:
    """By point and victim: how many kills, in which state they left the message, and how it ended."""
    rows = []
    for point, victim in dict.fromkeys((blow.point, blow.victim) for blow in _sorted(havoc)):
        blows = [blow for blow in havoc.blows if (blow.point, blow.victim) == (point, victim)]
        left = ", ".join(sorted({f"`{blow.left}`" for blow in blows}))
        ends = Counter(verdict.ends.get(blow.message_id, "lost") for blow in blows)
        words = havoc.points.all[point][0]
        rows.append((words, victim, left, str(len(blows)), *(_number(ends[end]) for end in ENDS)))
    heads = ("a message is …", "SIGKILL of", "left as", "kills", *ENDS)
    return Table("What became of the message that was at the point when the kill fell", heads, rows, 3)


def _sorted(havoc: Havoc) -> list[Any]:
    points, victims = list(havoc.points.all), ("process", "worker", "beat", "PostgreSQL", "broker")
    rank = {victim: number for number, victim in enumerate(victims)}
    return sorted(havoc.blows, key=lambda blow: (points.index(blow.point), rank.get(blow.victim, 9)))


def facts(verdict: Verdict, havoc: Havoc) -> dict[str, Any]:
    blows = [{**vars(blow), "end": verdict.ends.get(blow.message_id, "lost")} for blow in havoc.blows]
    return {"figures": verdict.figures, "broken": verdict.broken, "faults": havoc.faults, "blows": blows}


def shown(table: Table) -> RichTable:
    found = RichTable(*table.heads, title=table.title)
    for column in found.columns[table.words :]:
        column.justify = "right"
    for row in table.rows:
        found.add_row(*row)
    return found


def write(page: Path, found: list[Table]) -> None:
    """Between the page's two markers."""
    text = page.read_text(encoding="utf-8")
    new = "\n\n".join(_markdown(table) for table in found)
    pattern = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    page.write_text(pattern.sub(lambda _: f"{BEGIN}\n{new}\n{END}", text), encoding="utf-8")


def _markdown(table: Table) -> str:
    rule = ["---"] * table.words + ["---:"] * (len(table.heads) - table.words)
    lines = ["| " + " | ".join(cells) + " |" for cells in (table.heads, rule, *table.rows)]
    return "\n".join([f"{table.title}:", "", *lines])


def _number(number: int) -> str:
    return f"{number:,}"
