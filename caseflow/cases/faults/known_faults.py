"""Telling residents of a fault, and what they are told: where, since when, how it stands, and never who reported it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from caseflow.audit import Actor
from caseflow.cases.faults import fault_news
from caseflow.cases.faults.known_fault import TELLABLE, FaultFollower, KnownFault
from caseflow.cases.models import Case, Category, Department
from caseflow.cases.moving import Illegal, move
from caseflow.cases.municipality import directory
from caseflow.cases.municipality.resident_rules import ResidentRules
from caseflow.cases.words import COORDINATES
from caseflow.database import LAST_ID, db

TITLE_LENGTH, PLACE_LENGTH = 120, 120
MOST = 500  # that are looked through; a municipality with more has no list that anybody reads
NEAR = 400  # metres
SHOWN_ON_THE_FORM = 5
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True)
class Line:
    """What is told. `point` are coordinates by which it is found nearby."""

    title: str
    place: str
    since: date
    point: str | None = None


@dataclass(frozen=True)
class Fault:
    """A known fault as anybody may read it."""

    id: int
    title: str
    place: str
    since: date
    what: str
    until: date | None
    department: str
    category: str | None
    point: str | None = None

    @property
    def said(self) -> str:
        return fault_news.in_words(self.what, self.until)


def possible(case: Case) -> bool:
    """Whether residents may be told of the case: the municipality wants it there, and no secrecy forbids it."""
    department = directory.department(case.department_code)
    if department.secret or case.protected or not directory.kind(case.kind_code).reports_fault:
        return False
    return _everywhere() or department.known_faults or bool(case.category and case.category.known_faults)


def publish(case: Case, line: Line, *, by: Actor, now: datetime) -> None:
    """Tell residents of the fault, or tell it in other words."""
    if not possible(case):
        raise Illegal("residents are not told of such a case")
    fault = db.session.scalar(sa.select(KnownFault).where(KnownFault.case_id == case.id))
    if fault is None:
        fault = KnownFault(case_id=case.id)
        db.session.add(fault)
    fault.title, fault.place, fault.since, fault.point = line.title, line.place, line.since, line.point
    fault.ended_at, case.made_known = None, True
    move(case, "publish", by=by, now=now, title=line.title, place=line.place)
    db.session.flush()
    fault_news.tell(fault, *fault_news.standing(case), now=now)


def unpublish(case: Case, *, by: Actor, now: datetime) -> None:
    """Residents are not told of it any more; who follows it is told that."""
    fault = db.session.scalar(sa.select(KnownFault).where(KnownFault.case_id == case.id))
    if fault is None or not case.made_known:
        raise Illegal("residents are not told of the case")
    move(case, "unpublish", by=by, now=now)
    fault_news.tell(fault, "gone", None, now=now)
    case.made_known, fault.ended_at = False, fault.ended_at or now


def of_case(case: Case) -> tuple[KnownFault, int] | None:
    """What residents are told of the case, and how many follow it; asks nobody where they are told nothing."""
    if not case.made_known:
        return None
    followers = sa.select(sa.func.count()).where(FaultFollower.fault_id == KnownFault.id).scalar_subquery()
    found = db.session.execute(sa.select(KnownFault, followers).where(KnownFault.case_id == case.id)).one_or_none()
    return (found[0], found[1]) if found else None


def shown() -> list[Fault]:
    """All that residents are told of now, the newest first."""
    query = _known().where(KnownFault.ended_at.is_(None), Case.status != "closed")
    return [_told(row) for row in db.session.execute(query.order_by(KnownFault.since.desc()).limit(MOST))]


def find(fault_id: int) -> Fault | None:
    """One that residents are told of now."""
    if fault_id > LAST_ID:
        return None
    query = _known().where(KnownFault.ended_at.is_(None), Case.status != "closed", KnownFault.id == fault_id)
    row = db.session.execute(query).one_or_none()
    return _told(row) if row else None


def about(department: str | None, category: str | None, place: str) -> list[Fault]:
    """What the form shows: what is near the place, then what is of the same sort."""
    every = shown()
    close = near(every, place)
    alike = [one for one in every if category and one.category == category]
    if not category:
        alike = [one for one in every if department and one.department == department]
    return list({one.id: one for one in (*close, *alike)}.values())[:SHOWN_ON_THE_FORM]


def near(faults: Sequence[Fault], place: str) -> list[Fault]:
    """Those near a place: by coordinates where both have them, else where both name the same street."""
    here = _coordinates(place)
    if here:
        away = ((_metres(here, there), one) for one in faults if (there := _coordinates(one.point or one.place)))
        return [one for distance, one in sorted(away, key=lambda pair: pair[0]) if distance <= NEAR]
    street = _street(place)
    return [one for one in faults if street and street in _names(one.place)]


def _known() -> sa.Select[Any]:
    here = sa.or_(Department.known_faults, sa.func.coalesce(Category.known_faults, False))
    wanted = sa.true() if _everywhere() else here
    query = sa.select(
        *(KnownFault.id, KnownFault.title, KnownFault.place, KnownFault.point, KnownFault.since),
        *(Case.status, Case.resolution, Case.planned_until, Case.department_code, Case.category_code),
    )
    query = query.join(Case, Case.id == KnownFault.case_id).join(Department, Department.code == Case.department_code)
    return query.outerjoin(Category, Category.code == Case.category_code).where(TELLABLE, wanted)


def _told(row: sa.Row[Any]) -> Fault:
    what, until = fault_news.standing(row)  # type: ignore[arg-type]  # it has what is read of a case
    return Fault(
        *(row.id, row.title, row.place, row.since, what, until, row.department_code, row.category_code, row.point)
    )


def _everywhere() -> bool:
    return ResidentRules.of(directory.known()).known_faults


def _coordinates(place: str) -> tuple[float, float] | None:
    found = COORDINATES.search(place)
    if not found or abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
        return None
    return float(found[1]), float(found[2])


def _metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Between two points that lie near each other: as on a plane, where a degree of longitude is shorter up north."""
    north = (one[0] - other[0]) * 111_320
    east = (one[1] - other[1]) * 111_320 * math.cos(math.radians(one[0]))
    return math.hypot(north, east)


def _street(place: str) -> str:
    """The name before the number, else the last of the first part: "utanför Skolgatan 4, Finspång" is on Skolgatan."""
    names = _WORD.findall(re.split(r"[0-9,]", place, maxsplit=1)[0])
    return names[-1].casefold() if names else ""


def _names(place: str) -> set[str]:
    return {name.casefold() for name in _WORD.findall(place)}
