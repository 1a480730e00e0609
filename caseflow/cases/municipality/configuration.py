"""The municipality as a YAML file, checked and put into the database. Loading it twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import time
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.dialects.postgresql import insert

from caseflow.cases import contact, questions
from caseflow.cases.deadlines import working_days_of
from caseflow.cases.models import LANGUAGES, Category, Department, Kind, Municipality, RoutingRule
from caseflow.cases.municipality import logo, routing_table, statements
from caseflow.cases.municipality.checked_yaml import Fields, Unreadable, parse, read
from caseflow.cases.municipality.resident_rules import ResidentRules
from caseflow.cases.post.letter_rules import LetterRules
from caseflow.cases.screen import step
from caseflow.cases.suggestions import threshold
from caseflow.cases.telephone.call_hours import CallRules
from caseflow.cases.texts import macro_file, mail_texts, standard_text_file
from caseflow.cases.watch.watch_rules import WatchRules
from caseflow.database import Model, db
from caseflow.messages import addresses
from caseflow.messages.envelopes import PROFILES, choose, profiles
from caseflow.messages.typesetting import Logo
from caseflow.theme import Theme

__all__ = ["Row", "Unreadable", "check", "load", "parse", "read"]

T = TypeVar("T")
Row = dict[str, Any]

LAWS = ("service", "arende")
DEPARTMENT_FLAGS = ("secret", "external", "triage", "retired", "known_faults")
MOST_DAYS, MOST_MONTHS = 260, 1200  # a promise of a year; a note about a hundred
SWEDEN: dict[str, object] = {"country": "SE", "categories": ["public", "de_facto"]}


@dataclass(frozen=True)
class Checked:
    """A file that is in order, as rows: the tables in the order in which they refer to each other."""

    tables: list[tuple[type[Model], list[Row]]]
    rules: list[Row]
    texts: list[Row]
    macros: list[Row]

    def rows(self, model: type[Model]) -> list[Row]:
        return next(rows for one, rows in self.tables if one is model)


NOTHING = Checked([], [], [], [])


def check(found: Row) -> Checked:
    """The rows that the file stands for; raises `Unreadable`. The one check for files and for the browser's forms."""
    whole = Fields(found, "")
    kinds, departments = whole.each_by_code("kinds"), whole.each_by_code("departments")
    if not kinds:
        raise Unreadable(_("kinds: at least one is needed"))
    categories = _categories(departments, kinds)
    municipality = _municipality(whole.fields("municipality"), whole, [row["code"] for row in categories])
    tables: list[tuple[type[Model], list[Row]]] = [
        (Municipality, [municipality]),
        (Kind, [_kind(place, kind) for place, kind in enumerate(kinds.values())]),
        (Department, _departments(departments)),
        (Category, categories),
    ]
    rules = routing_table.check(whole.each("rules"), kinds, tables[2][1], categories)
    known = {"department": departments, "kind": kinds, "category": [row["code"] for row in categories]}
    texts = standard_text_file.rows(whole, known)
    macros = macro_file.rows(whole, known, [text["code"] for text in texts])
    whole.done()
    return Checked(tables, rules, texts, macros)


def load(found: Row, over: Row | None = None) -> dict[str, int]:
    """Insert or update everything that the file names, in the running unit of work; counts by table. What `over`,
    which is there already, has likewise is left alone.

    What the file no longer names stays, because old cases refer to it; only routing rules are replaced as a whole.
    Raises `Unreadable` before anything is written.
    """
    checked = check(found)
    _write(checked, _as_it_stands(over))
    return _counts(checked)


def _as_it_stands(over: Row | None) -> Checked:
    """An earlier version may have taken what is refused now: then everything is written."""
    try:
        return check(over) if over is not None else NOTHING
    except Unreadable:
        return NOTHING


def count(found: Row) -> dict[str, int]:
    """How many rows of which table the file stands for."""
    return _counts(check(found))


def _counts(checked: Checked) -> dict[str, int]:
    counts = {model.__tablename__: len(rows) for model, rows in checked.tables}
    besides = {"standard_text": len(checked.texts), "macro": len(checked.macros)}
    return counts | {"routing_rule": len(checked.rules)} | besides


def _municipality(own: Fields, whole: Fields, categories: Collection[str]) -> Row:
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
        "web": _sound(own, "web", own.text("web"), contact.web) if own.has("web") else None,
        "opening_hours": own.by_key("opening_hours", LANGUAGES),
        "phone_hours": own.by_key("phone_hours", LANGUAGES),
        "start": own.by_key("start", LANGUAGES),
        "accessibility": statements.accessibility(own.fields("accessibility", {}), categories),
        "privacy": statements.privacy(own.fields("privacy", {})),
        "theme": _sound(own, "theme", own.take("theme", dict, {}), Theme.from_dict),
        "emergency": own.by_key("emergency", LANGUAGES),
        "holidays": _holidays(own, holidays),
        "day_ends": _sound(own, "day_ends", own.text("day_ends", "16:30"), time.fromisoformat),
        **_envelopes(own),
        "logo": _logo(own.fields("logo", {})),
        "letters": _sound(own, "letters", own.take("letters", dict, {}), LetterRules.from_dict),
        "mailbox": _sound(own, "mailbox", own.text("mailbox"), addresses.check) if own.has("mailbox") else None,
        "calls": _sound(own, "calls", own.take("calls", dict, {}), CallRules.from_dict),
        "suggestions": _suggestions(own),
        "mail_texts": _mail_texts(own.fields("texts", {})),
        "redirects": [_redirect(one) for one in whole.each("redirects")],
        "watch": _sound(own, "watch", own.take("watch", dict, {}), WatchRules.from_dict),
        "residents": _sound(own, "residents", own.take("residents", dict, {}), ResidentRules.from_dict),
    }
    for fields in (own, address, holidays):
        fields.done()
    return row


def _holidays(own: Fields, holidays: Fields) -> Row:
    """The country's holidays, and the municipality's own days off and working days beside them."""
    rule: Row = {"country": holidays.text("country"), "categories": holidays.texts("categories")}
    rule |= {name: sorted(set(holidays.texts(name))) for name in ("free", "working") if holidays.has(name)}
    return _sound(own, "holidays", rule, working_days_of)


def _suggestions(own: Fields) -> Row:
    given: Row = own.take("suggestions", dict, {})
    _sound(own, "suggestions", given, threshold.check)
    return given


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


def _logo(given: Fields) -> Row:
    """The logo: the SVG itself, what it says to who cannot see it, and whether it names the sender."""
    if not given.has("svg"):
        given.done()
        return {}
    alt, names = given.text("alt"), given.take("names", bool, False)
    svg = _sound(given, "svg", given.text("svg"), lambda svg: Logo(logo.cleaned(svg).encode(), alt, names))
    given.done()
    return {"svg": logo.cleaned(svg), "alt": alt, "names": names}


def _kind(place: int, kind: Fields) -> Row:
    promise = kind.fields("promise")
    days, months = (promise.take(unit, int) if promise.has(unit) else None for unit in ("working_days", "months"))
    if (days is None) == (months is None) or not 1 <= (days or months or 0) <= MOST_DAYS:
        told = _("%(where)s: it must be working_days or months, one of them, and at least 1", where=promise.where)
        raise Unreadable(told)
    row = {
        "code": kind.text("code"),
        "position": place,
        "names": kind.by_key("names", LANGUAGES, needed=True),
        "nouns": kind.by_key("nouns", LANGUAGES),
        "hints": kind.by_key("hints", LANGUAGES),
        "guidance": kind.by_key("guidance", LANGUAGES),
        "icon": kind.text("icon", "question"),
        "promise_days": days,
        "promise_months": months,
        "law": kind.one_of("law", LAWS, "service"),
        "listed": kind.take("listed", bool, True),
        "reports_fault": kind.take("reports_fault", bool, False),
        "retention": _retention(kind),
    }
    promise.done()
    kind.done()
    return row


def _retention(one: Fields) -> Row:
    """How long such cases are kept: a note for people, {} without one."""
    if not one.has("retention"):
        return {}
    note = one.fields("retention")
    row: Row = {"text": note.by_key("text", LANGUAGES), "law": note.text("law") if note.has("law") else ""}
    if note.has("months"):
        row["months"] = note.whole("months", 1, MOST_MONTHS)
    note.done()
    return row


def _departments(departments: dict[str, Fields]) -> list[Row]:
    rows: list[Row] = []
    for place, (code, department) in enumerate(departments.items()):
        flags = {flag: department.take(flag, bool, False) for flag in DEPARTMENT_FLAGS}
        texts = {"names": department.by_key("names", LANGUAGES, needed=True)}
        texts |= {"hints": department.by_key("hints", LANGUAGES)}
        contact = department.by_key("contact", ("phone", "email", "web"))
        rows.append({"code": code, "position": place, "contact": contact, **texts, **flags})
        department.done()
    triage = [row["code"] for row in rows if row["triage"] and not row["retired"]]
    if len(triage) != 1:
        told = _(
            "departments: one of them needs `triage: true`, because it takes what nobody else does; %(these)s has it",
            these=_(" and ").join(triage) or _("none"),
        )
        raise Unreadable(told)
    return rows


def _categories(departments: dict[str, Fields], kinds: Collection[str]) -> list[Row]:
    rows: dict[str, Row] = {}
    for home, department in departments.items():
        for place, (code, category) in enumerate(department.each_by_code("categories").items()):
            if code in rows:
                raise Unreadable(
                    _(
                        "%(where)s: %(department)s has this category already",
                        where=category.where,
                        department=rows[code]["department_code"],
                    )
                )
            rows[code] = {
                "code": code,
                "department_code": home,
                "position": place,
                "names": category.by_key("names", LANGUAGES, needed=True),
                "kind_code": category.one_of("kind", kinds) if category.has("kind") else None,
                "retired": category.take("retired", bool, False),
                "known_faults": category.take("known_faults", bool, False),
                "retention": _retention(category),
                "checklist": _checklist(category),
                "guidance": category.by_key("guidance", LANGUAGES),
                "questions": questions.rows(category),
            }
            category.done()
    return list(rows.values())


def _checklist(category: Fields) -> list[str]:
    """What is to be done in such a case, in the house's own language."""
    steps = [" ".join(text.split()) for text in category.texts("checklist")]
    for text in steps:
        _sound(category, "checklist", text, step.check)
    return list(dict.fromkeys(steps))


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
        facts = {"code": code, "spoken": ", ".join(LANGUAGES)}
        raise Unreadable(
            _("%(where)s: languages names %(code)r, but only %(spoken)s are spoken here", where=own.where, **facts)
        )
    return code


def _sound(own: Fields, name: str, value: T, check: Callable[[T], object]) -> T:
    """The value, once somebody who uses it has understood it."""
    try:
        check(value)
    except (LookupError, ValueError, TypeError, NotImplementedError) as error:
        told = _("%(where)s: %(name)s cannot be used: %(why)s", where=own.where, name=name, why=error)
        raise Unreadable(told) from error
    return value


def _write(checked: Checked, there: Checked) -> None:
    stands = dict(there.tables)
    different = [(model, [row for row in rows if row not in stands.get(model, ())]) for model, rows in checked.tables]
    if any(model is Department and rows for model, rows in different):
        # Triage may have moved: for a moment nobody has it, because two never may.
        nobody = sa.update(Department).values(triage=False).where(Department.triage)
        db.session.execute(nobody.execution_options(synchronize_session=False))
        different = [(model, checked.rows(model) if model is Department else rows) for model, rows in different]
    for model, rows in different:
        if rows:
            _upsert(model, rows)
    if not there.tables or checked.rules != there.rules:
        db.session.execute(sa.delete(RoutingRule))
        if checked.rules:
            db.session.execute(insert(RoutingRule), checked.rules)
    if (checked.texts, checked.macros) != (there.texts, there.macros):
        standard_text_file.write(checked.texts)
        macro_file.write(checked.macros)
    db.session.expire_all()


def _upsert(model: type[Model], rows: list[Row]) -> None:
    key = [column.name for column in sa.inspect(model).primary_key]
    statement = insert(model)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    db.session.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), rows)
