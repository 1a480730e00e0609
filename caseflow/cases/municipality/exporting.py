"""The municipality as it stands in the database, in the form of its file: loading that again changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
import yaml

from caseflow.cases import questions
from caseflow.cases.models import Category, Department, Kind, Municipality, RoutingRule
from caseflow.cases.municipality.configuration import DEPARTMENT_FLAGS
from caseflow.cases.texts import macro_file, standard_text_file
from caseflow.cases.texts.shelf import in_order
from caseflow.database import Model, db
from caseflow.messages.envelopes import PROFILES

Row = dict[str, Any]
HEAD = "# The municipality, its kinds, departments and rules, as caseflow had them. What each field means stands in\n" \
       "# caseflow/demo/finspang.yaml.\n"  # fmt: skip


def document() -> Row:
    """Everything that a municipality's file may say, and nothing that goes without saying."""
    town = db.session.get_one(Municipality, 1, populate_existing=True)
    categories: dict[str, list[Row]] = {}
    for one in _in_order(Category):
        categories.setdefault(one.department_code, []).append(_category(one))
    return {
        "municipality": _municipality(town),
        "kinds": [_kind(one) for one in _in_order(Kind)],
        "departments": [_department(one, categories.get(one.code, [])) for one in _in_order(Department)],
        "rules": [as_rule(one) for one in _rows(sa.select(RoutingRule).order_by(RoutingRule.position))],
        "redirects": [_redirect(one) for one in town.redirects],
        **_said(standard_texts=standard_text_file.exported(), macros=macro_file.exported()),
    }


def as_yaml(found: Row) -> str:
    """The file's text; texts of several lines stand as they are read."""
    return HEAD + yaml.dump(found, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)


_ODD = re.compile("[\r\x85\u2028\u2029\ufeff]")


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    # Other line ends than \n are only read back as they were where they are written as escapes.
    style = '"' if _ODD.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _in_order(model: type[Any]) -> Iterable[Any]:
    return _rows(sa.select(model).order_by(model.position, model.code))


def _rows(query: sa.Select[Any]) -> Iterable[Any]:
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def _municipality(town: Municipality) -> Row:
    known = {
        **{name: asdict(one) for name, one in PROFILES.items()},
        **{str(one["name"]): one for one in town.envelopes},
    }
    chosen = str(town.envelope.get("name", ""))
    return {
        **_plain(town, "code", "name", "timezone", "languages", "phone", "email"),
        **_said(mailbox=town.mailbox, web=town.web),
        "address": _plain(town, "street", "postcode", "town"),
        **_said(opening_hours=in_order(town.opening_hours), phone_hours=in_order(town.phone_hours)),
        **_said(theme=town.theme, start=in_order(town.start)),
        **_said(accessibility=town.accessibility, privacy=town.privacy),
        "holidays": town.holidays,
        "day_ends": town.day_ends,
        **_said(calls=town.calls, watch=town.watch, suggestions=town.suggestions, residents=town.residents),
        "envelope": chosen if known.get(chosen) == town.envelope else town.envelope,
        **_said(
            envelopes=[one for name, one in known.items() if name not in PROFILES or asdict(PROFILES[name]) != one]
        ),
        **_said(letters=town.letters, logo=town.logo, emergency=in_order(town.emergency), texts=_texts(town)),
    }


def _texts(town: Municipality) -> Row:
    return {code: in_order(said) for code, said in sorted(town.mail_texts.items()) if isinstance(said, dict)}


def _kind(kind: Kind) -> Row:
    months = kind.promise_months
    return {
        **_plain(kind, "code", "icon"),
        "names": in_order(kind.names),
        **_said(nouns=in_order(kind.nouns), hints=in_order(kind.hints), guidance=in_order(kind.guidance)),
        "promise": {"working_days": kind.promise_days} if months is None else {"months": months},
        "law": kind.law,
        **({} if kind.listed else {"listed": False}),
        **_said(reports_fault=kind.reports_fault),
        **_said(retention=_retention(kind.retention)),
    }


def _department(department: Department, categories: list[Row]) -> Row:
    flags = {name: True for name in DEPARTMENT_FLAGS if getattr(department, name)}
    texts = {"names": in_order(department.names), **_said(hints=in_order(department.hints))}
    contact = {name: department.contact[name] for name in ("phone", "email", "web") if name in department.contact}
    return {"code": department.code, **texts, **flags, **_said(contact=contact, categories=categories)}


def _category(category: Category) -> Row:
    return {
        "code": category.code,
        "names": in_order(category.names),
        **_said(kind=category.kind_code, retired=category.retired, known_faults=category.known_faults),
        **_said(retention=_retention(category.retention)),
        **_said(checklist=list(category.checklist), guidance=in_order(category.guidance)),
        **_said(questions=questions.as_rows(category.questions)),
    }


def as_rule(rule: RoutingRule) -> Row:
    """A rule as it stands in the file."""
    conditions = _said(kind=rule.kind_code, department=rule.department_code, category=rule.category_code)
    return {"to": rule.to_department, **conditions, **_said(words=list(rule.words)), "reason": in_order(rule.reasons)}


def _redirect(one: Mapping[str, Any]) -> Row:
    return {"name": in_order(one["name"]), **_said(contact=one["contact"]), "text": in_order(one["text"])}


def _retention(note: Mapping[str, Any]) -> Row:
    return _said(text=in_order(note.get("text", {})), months=note.get("months"), law=note.get("law"))


def _plain(row: Model, *names: str) -> Row:
    return {name: getattr(row, name) for name in names}


def _said(**fields: object) -> Row:
    return {name: value for name, value in fields.items() if value}
