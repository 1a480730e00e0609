"""Where demo errands land: the municipality's routing rules and promises, read once for many errands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache

from caseflow.cases import deadlines, routing
from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import RoutingRule
from caseflow.cases.municipality import directory
from caseflow.demo.composition import Errand, Tree

# What a promise in months is worth, in working days.
MONTH = 20


class Router:
    """The rules and promises as they are when it is made; it holds what it has read."""

    def __init__(self) -> None:
        self.municipality, self._kinds = directory.municipality(), directory.kinds()
        self._departments, self._rules = directory.departments(), routing.rules()
        calendar = Calendar.of(self.municipality)
        self.calendar = replace(calendar, is_working_day=cache(calendar.is_working_day))
        self._promises = {kind.code: deadlines.promise_of(kind) for kind in self._kinds}
        self._homes = {category.code: home.code for home in self._departments for category in home.categories}
        self._concerning: dict[tuple[str, str, str], Sequence[tuple[tuple[str, ...], RoutingRule]]] = {}

    def route(self, errand: Errand) -> routing.Route:
        """As `routing.route`, for an errand that names department and category."""
        asked = (errand.kind, errand.department, errand.category)
        if asked not in self._concerning:
            self._concerning[asked] = [
                (tuple(rule.words), rule) for rule in self._rules if routing.concerns(rule, *asked)
            ]
        kind, department, category = asked
        text, said = errand.text, errand.text.lower()
        # Looking for the words anywhere is cheap, and mostly finds that no rule needs to be asked.
        table = [rule for words, rule in self._concerning[asked] if not words or any(word in said for word in words)]
        found = routing.first_match(table, kind=kind, department=department, category=category, text=text)
        return found or routing.Route(self._homes[category], {"by": "category"})

    def described(self) -> Tree:
        """The municipality in the shape of its file, as far as errands are composed from it."""
        municipality = self.municipality
        return {
            "municipality": {"timezone": municipality.timezone, "holidays": municipality.holidays},
            "kinds": [{"code": code} for code in self._promises],
            "departments": [
                {"code": home.code, "categories": [{"code": category.code} for category in home.categories]}
                for home in self._departments
            ],
        }

    def promise(self, kind: str) -> dict[str, object]:
        """As it is frozen on a case."""
        return self._promises[kind]

    def promised_days(self, kind: str) -> int:
        """The promise in working days."""
        promise = self._promises[kind]
        return int(str(promise["working_days"])) if "working_days" in promise else MONTH * int(str(promise["months"]))

    def due_on(self, kind: str, received: datetime) -> date:
        return deadlines.due_on(received, self._promises[kind], self.calendar)
