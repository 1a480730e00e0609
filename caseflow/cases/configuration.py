"""The municipality as a YAML file, checked and put into the database. Loading it twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import time
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from caseflow.cases import macro_file, mail_texts, standard_text_file
from caseflow.cases.call_hours import CallRules
from caseflow.cases.checked_yaml import Fields, Unreadable, read
from caseflow.cases.letter_rules import LetterRules
from caseflow.cases.models import LANGUAGES, Category, Department, Kind, Municipality, RoutingRule
from caseflow.cases.watch_rules import WatchRules
from caseflow.database import Model, db
from caseflow.messages import addresses
from caseflow.messages.envelopes import PROFILES, choose, profiles
from caseflow.messages.typesetting import Logo
from caseflow.workdays import national_calendar

__all__ = ["Row", "Unreadable", "load", "read"]

T = TypeVar("T")
Row = dict[str, Any]

LAWS = ("service", "arende")
SWEDEN: dict[str, object] = {"country": "SE", "categories": ["public", "de_facto"]}


def load(found: Row) -> dict[str, int]:
    """Insert or update everything that the file names, in the running unit of work; counts by table.

    What the file no longer names stays, because old cases refer to it; only routing rules are replaced as a whole.
    Raises `Unreadable` before anything is written.
    """
    whole = Fields(found, "")
    kinds, departments = whole.each_by_code("kinds"), whole.each_by_code("departments")
    if not kinds:
        raise Unreadable("kinds: at least one is needed")
    municipality = _municipality(whole.fields("municipality"), whole)
    categories = _categories(departments, kinds)
    rules = [
        _rule(place, rule, departments, kinds, [row["code"] for row in categories])
        for place, rule in enumerate(whole.each("rules"))
    ]
    known = {"department": departments, "kind": kinds, "category": [row["code"] for row in categories]}
    texts = standard_text_file.rows(whole, known)
    macros = macro_file.rows(whole, known, [text["code"] for text in texts])
    tables: list[tuple[type[Model], list[Row]]] = [
        (Municipality, [municipality]),
        (Kind, [_kind(place, kind) for place, kind in enumerate(kinds.values())]),
        (Department, _departments(departments)),
        (Category, categories),
    ]
    whole.done()
    _write(tables, rules)
    standard_text_file.write(texts)
    macro_file.write(macros)
    counts = {model.__tablename__: len(rows) for model, rows in tables}
    return counts | {"routing_rule": len(rules), "standard_text": len(texts), "macro": len(macros)}


def _municipality(own: Fields, whole: Fields) -> Row:
    address, holidays = own.fields("address"), own.fields("holidays", SWEDEN)
    row: Row = {
        "id": 1,
        "code": own.text("code"),
        "name": own.text("name"),
        "timezone": _sound(own, "timezone", own.text("timezone", "Europe/Stockholm"), ZoneInfo),
        "languages": [_language(own, one) for one in own.texts("languages")] or list(LANGUAGES),
        "phone": own.text("phone"),
        "email": own.text("email"),
        "street": address.text("street"),
        "postcode": address.text("postcode").replace(" ", ""),
        "town": address.text("town"),
        "opening_hours": own.by_key("opening_hours", LANGUAGES),
        "emergency": own.by_key("emergency", LANGUAGES),
        "holidays": {"country": holidays.text("country"), "categories": holidays.texts("categories")},
        "day_ends": _sound(own, "day_ends", own.text("day_ends", "16:30"), time.fromisoformat),
        **_envelopes(own),
        "logo": _logo(own.fields("logo", {})),
        "letters": _sound(own, "letters", own.take("letters", dict, {}), LetterRules.from_dict),
        "mailbox": _sound(own, "mailbox", own.text("mailbox"), addresses.check) if own.has("mailbox") else None,
        "calls": _sound(own, "calls", own.take("calls", dict, {}), CallRules.from_dict),
        "mail_texts": _mail_texts(own.fields("texts", {})),
        "redirects": [_redirect(one) for one in whole.each("redirects")],
        "watch": _sound(own, "watch", own.take("watch", dict, {}), WatchRules.from_dict),
    }
    _sound(own, "holidays", row["holidays"], lambda rule: national_calendar(rule["country"], tuple(rule["categories"])))
    for fields in (own, address, holidays):
        fields.done()
    return row


def _mail_texts(texts: Fields) -> dict[str, dict[str, str]]:
    """The municipality's own words for what `mail_texts.TEXTS` names."""
    found = {code: texts.by_key(code, LANGUAGES) for code in mail_texts.TEXTS if texts.has(code)}
    for code, translations in found.items():
        for language, text in translations.items():
            _sound(texts, f"{code}, {language}", text, partial(mail_texts.check, code))
    texts.done()
    return found


def _envelopes(own: Fields) -> Row:
    """The municipality's envelopes, and the one that letters go in: one of them by its name, or written out."""
    given = own.take("envelopes", list, [])
    _sound(own, "envelopes", given, profiles)
    known = {**PROFILES, **profiles(given)}
    chosen = own.text("envelope") if isinstance(own.peek("envelope"), str) else own.take("envelope", dict)
    _sound(own, "envelope", chosen, lambda one: choose(one, known))
    return {"envelopes": [asdict(one) for one in known.values()], "envelope": asdict(choose(chosen, known))}


def _logo(logo: Fields) -> Row:
    """The letterhead: the SVG itself, what it says to who cannot see it, and whether it names the sender."""
    if not logo.has("svg"):
        logo.done()
        return {}
    alt, names = logo.text("alt"), logo.take("names", bool, False)
    svg = _sound(logo, "svg", logo.text("svg"), lambda svg: Logo(svg.encode(), alt, names))
    logo.done()
    return {"svg": svg, "alt": alt, "names": names}


def _kind(place: int, kind: Fields) -> Row:
    promise = kind.fields("promise")
    days, months = (promise.take(unit, int) if promise.has(unit) else None for unit in ("working_days", "months"))
    if (days is None) == (months is None) or (days or months or 0) < 1:
        raise Unreadable(f"{promise.where}: it must be working_days or months, one of them, and at least 1")
    row = {
        "code": kind.text("code"),
        "position": place,
        "names": kind.by_key("names", LANGUAGES, needed=True),
        "nouns": kind.by_key("nouns", LANGUAGES),
        "hints": kind.by_key("hints", LANGUAGES),
        "icon": kind.text("icon", "question"),
        "promise_days": days,
        "promise_months": months,
        "law": kind.one_of("law", LAWS, "service"),
        "listed": kind.take("listed", bool, True),
    }
    promise.done()
    kind.done()
    return row


def _departments(departments: dict[str, Fields]) -> list[Row]:
    rows: list[Row] = []
    for place, (code, department) in enumerate(departments.items()):
        flags = {flag: department.take(flag, bool, False) for flag in ("secret", "external", "triage")}
        texts = {"names": department.by_key("names", LANGUAGES, needed=True)}
        texts |= {"hints": department.by_key("hints", LANGUAGES)}
        contact = department.by_key("contact", ("phone", "email", "web"))
        rows.append({"code": code, "position": place, "contact": contact, **texts, **flags})
        department.done()
    triage = [row["code"] for row in rows if row["triage"]]
    if len(triage) != 1:
        raise Unreadable(
            "departments: one of them needs `triage: true`, because it takes what nobody else does;"
            f" {' and '.join(triage) or 'none'} has it"
        )
    return rows


def _categories(departments: dict[str, Fields], kinds: Collection[str]) -> list[Row]:
    rows: dict[str, Row] = {}
    for home, department in departments.items():
        for place, (code, category) in enumerate(department.each_by_code("categories").items()):
            if code in rows:
                raise Unreadable(f"{category.where}: {rows[code]['department_code']} has this category already")
            rows[code] = {
                "code": code,
                "department_code": home,
                "position": place,
                "names": category.by_key("names", LANGUAGES, needed=True),
                "kind_code": category.one_of("kind", kinds) if category.has("kind") else None,
            }
            category.done()
    return list(rows.values())


def _rule(
    place: int, rule: Fields, departments: Collection[str], kinds: Collection[str], categories: Collection[str]
) -> Row:
    row = {
        "position": place,
        "kind_code": rule.one_of("kind", kinds) if rule.has("kind") else None,
        "department_code": rule.one_of("department", departments) if rule.has("department") else None,
        "category_code": rule.one_of("category", categories) if rule.has("category") else None,
        "words": rule.texts("words"),
        "to_department": rule.one_of("to", departments),
        "reasons": rule.by_key("reason", LANGUAGES, needed=True),
    }
    rule.done()
    return row


def _redirect(one: Fields) -> Row:
    row = {
        "name": one.by_key("name", LANGUAGES, needed=True),
        "contact": one.by_key("contact", ("phone", "email", "web")),
        "text": one.by_key("text", LANGUAGES, needed=True),
    }
    one.done()
    return row


def _language(own: Fields, code: str) -> str:
    if code not in LANGUAGES:
        raise Unreadable(f"{own.where}: languages names {code!r}, but only {', '.join(LANGUAGES)} are spoken here")
    return code


def _sound(own: Fields, name: str, value: T, check: Callable[[T], object]) -> T:
    """The value, once somebody who uses it has understood it."""
    try:
        check(value)
    except (LookupError, ValueError, TypeError, NotImplementedError) as error:
        raise Unreadable(f"{own.where}: {name} cannot be used: {error}") from error
    return value


def _write(tables: list[tuple[type[Model], list[Row]]], rules: list[Row]) -> None:
    # Triage may have moved: for a moment nobody has it, because two never may.
    db.session.execute(sa.update(Department).values(triage=False).execution_options(synchronize_session=False))
    for model, rows in tables:
        if rows:
            _upsert(model, rows)
    db.session.execute(sa.delete(RoutingRule))
    if rules:
        db.session.execute(insert(RoutingRule), rules)
    db.session.expire_all()


def _upsert(model: type[Model], rows: list[Row]) -> None:
    key = [column.name for column in sa.inspect(model).primary_key]
    statement = insert(model)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    db.session.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), rows)
