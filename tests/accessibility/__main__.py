"""What independent checkers say of the residents' pages, in all languages: `make audit`.

The Nu HTML checker, axe and Lighthouse from npm (pinned in package.json), and by a browser: reflow at 400 %, text
spacing, reduced motion, the keyboard, and the form over 2G. Ends with 1 when anything is found.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.accessibility import checkers
from tests.accessibility.house import LANGUAGES, House, running

SHOWN = 12  # of each checker's findings
PARTS = ("html", "pages", "lighthouse", "2g")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all of them by default")
    parser.add_argument("--accent", default="", help="a municipality's colour, in the place of the house's own")
    asked = parser.parse_args()
    if lacking := checkers.missing():
        print(
            f"The audit needs {', '.join(lacking)}: on Debian, apt-get install nodejs npm default-jre-headless chromium"
        )
        return 2
    with running(asked.accent) as house:
        return audited(house, asked.parts or PARTS)


def audited(house: House, parts: tuple[str, ...] | list[str]) -> int:
    """1 when something was found."""
    wrong: dict[str, list[str]] = {}
    if "html" in parts:
        wrong["Nu HTML checker"] = checkers.html(house)
    if "pages" in parts:
        wrong |= checkers.pages(house)
    if "lighthouse" in parts:
        scores = checkers.lighthouse(house)
        _print((*checkers.CATEGORIES, checkers.SPEED), scores)
        told = ((page, name, row[name]) for page, row in scores.items() for name in checkers.CATEGORIES)
        wrong["Lighthouse"] = [f"{page}: {name} {score}" for page, name, score in told if score < 100]
    if "2g" in parts:
        times = checkers.on_2g(house)
        wrong["2G"] = [f"{what}: {ms:.0f} ms" for what, ms in times.items() if ms > checkers.PATIENCE]
        print(
            "The form over 2G, from its first byte:",
            ", ".join(f"{what} after {ms:.0f} ms" for what, ms in times.items()),
        )
    print(f"\n{time.strftime('%d %B %Y')}: {len(house.pages)} pages in {len(LANGUAGES)} languages")
    for checker, found in wrong.items():
        print(f"{checker}: {len(found) or 'nothing'} found", *found[:SHOWN], sep="\n  ")
    return int(any(wrong.values()))


def _print(columns: tuple[str, ...], rows: dict[str, dict[str, int]]) -> None:
    """As docs/accessibility.md has it."""
    print("", "| Lighthouse | " + " | ".join(columns) + " |", f"| --- |{' ---: |' * len(columns)}", sep="\n")
    for name, row in rows.items():
        print(f"| {name} | " + " | ".join(str(row[column]) for column in columns) + " |")


if __name__ == "__main__":
    sys.exit(main())
