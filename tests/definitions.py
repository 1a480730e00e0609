"""docs/statistics.md says what the page says: `python -m tests.definitions` writes its list of figures anew."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from flask import has_app_context
from flask_babel import force_locale

from caseflow.statistics.definitions import FIGURES

PAGE = Path(__file__).parent.parent / "docs" / "statistics.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def listed() -> str:
    """The figures with their definitions, in English, as Markdown."""
    lines = []
    for figure in FIGURES.values():
        least = f" Nothing is shown below {figure.least}." if figure.least else ""
        lines.append(f"- **{figure.name}** (`{figure.code}`, {figure.unit}): {figure.definition}")
        lines.append(f"  Counted among: {figure.population}{least}")
    return "\n".join(lines)


def page() -> str:
    """The whole page as it should be."""
    with force_locale("en") if has_app_context() else nullcontext():
        figures = listed()
    before, _begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _old, _end, after = rest.partition(END)
    return f"{before}{BEGIN}\n{figures}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
