"""The municipality as a YAML file: read, checked, and put into the database. Loading twice changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml
from sqlalchemy.dialects.postgresql import insert

from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import Category, Department, Kind, Municipality, RoutingRule
from caseflow.database import Model, db
from caseflow.messages.envelopes import Envelope

Row = dict[str, Any]


class Unreadable(ValueError):
    """The file does not describe a municipality; the message says where and what."""


def read(path: Path) -> Row:
    """The file's content as plain data; raises `Unreadable`."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeError) as error:
        raise Unreadable(f"{path}: {error}") from error
    if not isinstance(found, dict):
        raise Unreadable(f"{path}: expected a mapping with municipality, kinds, departments, rules")
    return found


def load(found: Row) -> dict[str, int]:
    """Insert or update everything that the file names, in the running unit of work; counts by table.

    What the file no longer names stays, because old cases refer to it; only routing rules are replaced as a whole.
    """
    try:
        tables: list[tuple[type[Model], list[Row]]] = [
            (Municipality, [_municipality(found["municipality"], found.get("redirects", []))]),
            (Kind, [_kind(place, row) for place, row in enumerate(found["kinds"])]),
            (Department, [_department(place, row) for place, row in enumerate(found["departments"])]),
            (Category, _categories(found["departments"])),
        ]
        rules = [_rule(place, row) for place, row in enumerate(found.get("rules", []))]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error
    for model, rows in tables:
        _upsert(model, rows)
    db.session.execute(sa.delete(RoutingRule))
    if rules:
        db.session.execute(insert(RoutingRule), rules)
    _check()
    return {model.__tablename__: len(rows) for model, rows in tables} | {"routing_rule": len(rules)}


def _municipality(row: Row, redirects: list[Row]) -> Row:
    Envelope.from_dict(row["envelope"])
    return {
        "id": 1,
        "code": str(row["code"]),
        "name": row["name"],
        "timezone": row.get("timezone", "Europe/Stockholm"),
        "languages": row["languages"],
        "phone": row["phone"],
        "email": row["email"],
        "street": row["address"]["street"],
        "postcode": str(row["address"]["postcode"]).replace(" ", ""),
        "town": row["address"]["town"],
        "opening_hours": row.get("opening_hours", {}),
        "emergency": row.get("emergency", {}),
        "holidays": row.get("holidays", {"country": "SE", "categories": ["public", "de_facto"]}),
        "day_ends": str(row.get("day_ends", "16:30")),
        "envelope": row["envelope"],
        "redirects": redirects,
    }


def _kind(place: int, row: Row) -> Row:
    promise = row["promise"]
    return {
        "code": row["code"],
        "position": place,
        "names": row["names"],
        "nouns": row.get("nouns", {}),
        "hints": row.get("hints", {}),
        "icon": row.get("icon", "question"),
        "promise_days": promise.get("working_days"),
        "promise_months": promise.get("months"),
        "law": row.get("law", "service"),
        "listed": row.get("listed", True),
    }


def _department(place: int, row: Row) -> Row:
    flags = {flag: bool(row.get(flag, False)) for flag in ("secret", "external", "triage")}
    texts = {name: row.get(name, {}) for name in ("hints", "contact")}
    return {"code": row["code"], "position": place, "names": row["names"], **texts, **flags}


def _categories(departments: list[Row]) -> list[Row]:
    return [
        {
            "code": row["code"],
            "department_code": department["code"],
            "position": place,
            "names": row["names"],
            "kind_code": row.get("kind"),
        }
        for department in departments
        for place, row in enumerate(department.get("categories", []))
    ]


def _rule(place: int, row: Row) -> Row:
    return {
        "position": place,
        "kind_code": row.get("kind"),
        "department_code": row.get("department"),
        "category_code": row.get("category"),
        "words": row.get("words", []),
        "to_department": row["to"],
        "reasons": row["reason"],
    }


def _upsert(model: type[Model], rows: list[Row]) -> None:
    key = [column.name for column in sa.inspect(model).primary_key]
    statement = insert(model)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    db.session.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), rows)


def _check() -> None:
    """What only the loaded whole can tell: a triage department, and a calendar that the library knows."""
    db.session.expire_all()
    if not db.session.scalar(sa.select(sa.func.count()).where(Department.triage)):
        raise Unreadable("one department needs `triage: true`: it takes what nobody else does")
    try:
        Calendar.of(db.session.get_one(Municipality, 1))
    except (KeyError, ValueError, NotImplementedError) as error:
        raise Unreadable(f"municipality: {error}") from error
