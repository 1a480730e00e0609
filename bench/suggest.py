"""How often suggestions are right on cases they were not learnt from: `python -m bench.suggest [--csv FILE]`.

Three collections: invented errands of the example municipality, split so that no template of the held-back texts was
learnt from; the same split by time, as the product does it (easier: templates recur); and, where a file of New York's
311 requests is named, its texts with the agency as the department. Beside each the routing rules alone and the
commonest department.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter
from types import SimpleNamespace
from typing import Any

from rich.console import Console
from rich.table import Table

from caseflow.cases import routing
from caseflow.cases.municipality import configuration
from caseflow.cases.suggestions.learning import Example, learn
from caseflow.cases.suggestions.measuring import Measure, measure
from caseflow.cases.suggestions.scorer import Guess
from caseflow.demo import composition
from caseflow.demo.commands import EXAMPLE

ERRANDS = 4_000
TRIAGE = "vet"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", type=Path, help="New York's 311 requests (columns Agency, Complaint Type, Descriptor)")
    given = parser.parse_args()
    rows = [*_invented(), *(_new_york(given.csv) if given.csv else ())]
    _print(rows)


def _invented() -> Iterator[tuple[Any, ...]]:
    town = configuration.read(EXAMPLE)
    errands = list(_errands(town))
    rules = [SimpleNamespace(**_rule(one)) for one in town["rules"]]
    for name, (known, held_back) in {"unseen templates": _by_template(errands), "by time": _by_time(errands)}.items():
        for what, label in (("department", "department"), ("category", "category")):
            examples = [[(one.text, getattr(one, label)) for one in part] for part in (known, held_back)]
            kinds = {one.text: one.kind for one in held_back}
            by_rules = _by_rules(rules, kinds) if what == "department" else None
            yield _tried(f"invented, {name}: {what}", *examples, by_rules)


def _errands(town: Any) -> Iterator[SimpleNamespace]:
    """Errands with the template that each was made from."""
    templates = _templates()
    composer = composition.Composer(
        random.Random(1), town, datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    )
    for _ in range(ERRANDS):
        errand = composer.errand()
        yield SimpleNamespace(
            kind=errand.kind, text=errand.text, department=errand.department, category=errand.category,
            at=errand.received,
            template=next(t for pattern, t in templates[errand.category, errand.kind] if pattern.search(errand.text)),
        )  # fmt: skip


def _templates() -> dict[tuple[str, str], list[tuple[re.Pattern[str], str]]]:
    """By category and kind, each template and a pattern of what is made from it; the longest first."""
    found: dict[tuple[str, str], list[tuple[re.Pattern[str], str]]] = {}
    for one in sorted(composition.load("texts.yaml")["residents"], key=lambda one: -len(one["text"])):
        parts = [re.escape(part) for part, *_slot in Formatter().parse(one["text"])]
        pattern = re.compile(".+?".join(parts), re.DOTALL | re.IGNORECASE)
        found.setdefault((one["category"], one["kind"]), []).append((pattern, one["text"]))
    return found


def _by_template(errands: list[Any]) -> tuple[list[Any], list[Any]]:
    """A fifth of the templates held back: their texts are as new as a stranger's, if shorter and fewer than in life."""
    templates = sorted({one.template for one in errands})
    random.Random(1).shuffle(templates)
    held = set(templates[: len(templates) // 5])
    return [one for one in errands if one.template not in held], [one for one in errands if one.template in held]


def _by_time(errands: list[Any]) -> tuple[list[Any], list[Any]]:
    ordered = sorted(errands, key=lambda one: one.at)
    return ordered[: ERRANDS * 4 // 5], ordered[ERRANDS * 4 // 5 :]


def _new_york(path: Path) -> Iterator[tuple[Any, ...]]:
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rows.sort(key=lambda row: datetime.strptime(row["Created Date"], "%m/%d/%Y %I:%M:%S %p"))  # noqa: DTZ007
    for columns in (["Complaint Type", "Descriptor"], ["Descriptor"]):
        examples = [(" ".join(row[column] for column in columns), row["Agency"]) for row in rows]
        place = len(examples) * 4 // 5
        yield _tried(f"New York 311, {' and '.join(columns)}: agency", examples[:place], examples[place:], None)


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    conditions = {f"{name}_code": rule.get(name) for name in ("kind", "department", "category")}
    return {**conditions, "words": rule.get("words", []), "to_department": rule["to"], "reasons": {}}


def _by_rules(rules: list[Any], kinds: dict[str, str]) -> Callable[[str], Guess]:
    def guess(text: str) -> Guess:
        found = routing.first_match(rules, kind=kinds[text], department=TRIAGE, category=None, text=text)
        return Guess(found.department_code if found else TRIAGE, 1.0, [])

    return guess


def _tried(
    name: str, known: list[Example], held_back: list[Example], by_rules: Callable[[str], Guess] | None
) -> tuple[Any, ...]:
    started = time.perf_counter()
    scorer = learn(known)
    assert scorer is not None
    seconds = time.perf_counter() - started
    commonest = Counter(label for _text, label in known).most_common(1)[0][0]
    always = measure(lambda _text: Guess(commonest, 1.0, []), held_back)
    rules = measure(by_rules, held_back) if by_rules else None
    return name, len(known), measure(scorer.guess, held_back), rules, always, seconds, len(scorer.packed())


def _print(rows: list[tuple[Any, ...]]) -> None:
    table = Table(title="Right on held-back cases")
    for column in ("what", "learnt", "held back", "suggestions", "rules alone", "commonest", "sure half", "s", "kB"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for name, known, found, rules, always, seconds, size in rows:
        shares = (found.accuracy, rules.accuracy if rules else None, always.accuracy, _sure_half(found))
        cells = ["–" if share is None else f"{share:.1%}" for share in shares]
        table.add_row(name, f"{known:,}", f"{found.cases:,}", *cells, f"{seconds:.1f}", f"{size / 1000:,.0f}")
    Console(width=140).print(table)


def _sure_half(found: Measure) -> float | None:
    """The precision of the surest suggestions that are still half of all."""
    steps = [step for step in found.steps if step.suggested * 2 >= found.cases]
    return steps[-1].precision if steps else None


if __name__ == "__main__":
    main()
