"""What the door offers: the municipality, its kinds and departments.

Read anew when it has changed (see stamp.py), and remembered: while the database is away a page still knows the phone
number and the form its choices, so that nothing typed is lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import sqlalchemy as sa
import structlog
from flask import Flask, current_app

from caseflow import stamp
from caseflow.cases import questions
from caseflow.cases.models import Department, in_language
from caseflow.cases.municipality import directory, logo
from caseflow.cases.municipality.resident_rules import ResidentRules
from caseflow.cases.questions import Question
from caseflow.database import db
from caseflow.theme import Theme

log = structlog.get_logger(__name__)
MEMORY = "intake.memory"
T = TypeVar("T")


@dataclass(frozen=True)
class Logo:
    """The logo as pages show it, under an address that changes with it. `names`: it shows the name itself."""

    svg: str
    alt: str
    names: bool
    version: str


@dataclass(frozen=True)
class House:
    """The municipality as pages show it. `phone` is E.164, `postcode` five digits."""

    name: str
    phone: str
    email: str
    street: str
    postcode: str
    town: str
    opening_hours: dict[str, str]
    emergency: dict[str, str]
    rules: ResidentRules
    web: str = ""
    phone_hours: dict[str, str] = field(default_factory=dict)
    start: dict[str, str] = field(default_factory=dict)
    theme: Theme = field(default_factory=Theme)
    logo: Logo | None = None

    @staticmethod
    def said(texts: dict[str, str], language: str) -> str:
        """One of several translations."""
        return in_language(texts, language)


@dataclass(frozen=True)
class Choice:
    """A kind, department or category: its code and what it is called in each language."""

    code: str
    names: dict[str, str]
    hints: dict[str, str] = field(default_factory=dict)
    icon: str = ""
    listed: bool = True
    reports_fault: bool = False
    triage: bool = False
    categories: tuple[Choice, ...] = ()
    guidance: dict[str, str] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    kind: str = ""

    @property
    def has_step(self) -> bool:
        """Whether there is something to be read or answered before one sends."""
        return bool(self.guidance or self.questions)

    def said_first(self, language: str) -> str:
        return in_language(self.guidance, language)

    def name(self, language: str) -> str:
        return in_language(self.names, language)

    def hint(self, language: str) -> str:
        return in_language(self.hints, language)


@dataclass(frozen=True)
class Offer:
    """What a resident can choose, in the municipality's order."""

    kinds: tuple[Choice, ...] = ()
    departments: tuple[Choice, ...] = ()
    tells_of_faults: bool = False

    def home_of(self, category: str) -> Choice | None:
        """The department that a category belongs to; None for an unknown category."""
        return next((place for place in self.departments if category in {one.code for one in place.categories}), None)

    def category(self, code: str) -> Choice | None:
        return next((one for place in self.departments for one in place.categories if one.code == code), None)


def init_app(app: Flask) -> None:
    app.extensions[MEMORY] = {}


def house() -> House | None:
    """The municipality as it is, else as last known, else None; never fails."""
    return _remembered("house", _read_house)


def offer() -> Offer:
    """The choices as they are, else as last known; an empty offer when the database has never been reached."""
    return _remembered("offer", _read_offer) or Offer()


def _remembered(name: str, read: Callable[[], T]) -> T | None:
    memory = current_app.extensions[MEMORY]
    try:
        memory[name] = read()
    except sa.exc.SQLAlchemyError as error:
        db.session.rollback()
        log.warning("database_away", wanted=name, error=type(error).__name__)
    return cast("T | None", memory.get(name))


@stamp.kept
def _read_house() -> House:
    row = directory.known()
    return House(
        name=row.name,
        phone=row.phone,
        email=row.email,
        street=row.street,
        postcode=row.postcode,
        town=row.town,
        opening_hours=row.opening_hours,
        emergency=row.emergency,
        rules=ResidentRules.of(row),
        web=row.web or "",
        phone_hours=row.phone_hours,
        start=row.start,
        theme=Theme.of(row),
        logo=_logo(row.logo),
    )


def _logo(given: Mapping[str, Any]) -> Logo | None:
    """None also for one that is too large for a page, or that nobody would take any more."""
    try:
        svg = logo.cleaned(str(given.get("svg") or ""))
    except ValueError:
        return None
    if len(svg.encode()) > logo.LARGEST_ON_PAGES:
        return None
    return Logo(svg, str(given["alt"]), bool(given["names"]), hashlib.sha256(svg.encode()).hexdigest()[:10])


@stamp.kept
def _read_offer() -> Offer:
    kinds = (
        Choice(row.code, row.names, row.hints, row.icon, row.listed, row.reports_fault, guidance=row.guidance)
        for row in directory.kinds()
    )
    offered = directory.offered()
    departments = (
        Choice(
            row.code,
            row.names,
            row.hints,
            triage=row.triage,
            categories=tuple(
                Choice(
                    one.code,
                    one.names,
                    guidance=one.guidance,
                    questions=questions.of(one.questions),
                    kind=one.kind_code or "",
                )
                for one in row.offered
            ),
        )
        for row in offered
    )
    return Offer(tuple(kinds), tuple(departments), tells_of_faults=_tells_of_faults(offered))


def _tells_of_faults(offered: Sequence[Department]) -> bool:
    """Whether residents may be told of a fault anywhere."""
    everywhere = ResidentRules.of(directory.known()).known_faults
    somewhere = (row.known_faults or any(one.known_faults for one in row.offered) for row in offered if not row.secret)
    return everywhere or any(somewhere)
