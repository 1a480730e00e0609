"""What the municipality knows: the codes that rows may name, read once for many rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.cases import routing
from caseflow.cases.deadlines import Calendar, due_on, promise_of
from caseflow.cases.municipality import directory
from caseflow.database import db

Promise = dict[str, object]


class House:
    """Raises `directory.NotSetUp` where no municipality is loaded."""

    def __init__(self) -> None:
        town = directory.known()
        calendar = Calendar.of(town)
        self.zone: ZoneInfo = town.zone
        self.language = town.languages[0]
        self.promises: dict[str, Promise] = {kind.code: promise_of(kind) for kind in directory.kinds()}
        departments = directory.departments()
        self.departments = {one.code for one in departments}
        self.homes = {category.code: home.code for home in departments for category in home.categories}
        people = db.session.execute(sa.select(sa.func.lower(Staff.email), Staff.id)).tuples().all()
        self.people: dict[str, int] = dict(people)
        self._calendar = replace(calendar, is_working_day=cache(calendar.is_working_day))

    def person(self, email: str) -> int:
        if (found := self.people.get(email.strip().lower())) is None:
            raise ValueError(f"nobody has an account with the address {email!r}")
        return found

    def due_on(self, kind: str, received: datetime) -> date:
        return due_on(received, self.promises[kind], self._calendar)

    def department(self, found: dict[str, Any]) -> routing.Route:
        """Where the row says that the case lies; else its category's home, else where the rules send it."""
        told: str | None = found.get("department") or self.homes.get(found.get("category", ""))
        if told:
            return routing.Route(told, {"by": "import"})
        return routing.route(kind=found["kind"], department=None, category=None, text=found["description"])
