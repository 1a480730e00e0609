"""The municipality's file: loading it twice changes nothing, and every mistake is told in a sentence."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from flask import Flask
from flask_babel import force_locale

from caseflow.cases.models import Case, Category, Department, Kind, Municipality, RoutingRule
from caseflow.cases.municipality import configuration
from caseflow.cases.municipality.configuration import Row, Unreadable
from caseflow.database import Model, db, unit_of_work

TABLES = (Municipality, Kind, Department, Category, RoutingRule)


@pytest.fixture(autouse=True)
def _in_english(app: Flask) -> Iterator[None]:
    """The words of the file and of the command are English."""
    with force_locale("en"):
        yield


def content(model: type[Model]) -> list[dict[str, Any]]:
    """All rows without the ids that the database gives."""
    columns = [column for column in model.__table__.columns if not (column.name == "id" and column.identity)]
    rows = db.session.execute(sa.select(*columns).order_by(*columns[:1]))
    return [dict(row._mapping) for row in rows]


def put(row: Row, path: str, value: object) -> None:
    """Set what stands at a path such as "departments.1.secret"; None takes it away."""
    *way, last = path.split(".")
    inner: Any = row
    for step in way:
        inner = inner[int(step)] if isinstance(inner, list) else inner[step]
    if value is None:
        del inner[last]
    else:
        inner[int(last) if isinstance(inner, list) else last] = value


@pytest.fixture
def file(example: Row) -> Row:
    """The example, with its envelope written out."""
    copied = copy.deepcopy(example)
    copied["municipality"]["envelope"] = {"name": "C5 H2", "format": "C5"}
    return copied


def test_loading_twice_changes_nothing(file: Row) -> None:
    before = {model: content(model) for model in TABLES}
    with unit_of_work():
        counts = configuration.load(file)
    assert counts == {
        "municipality": 1,
        "kind": 8,
        "department": 10,
        "category": 43,
        "routing_rule": 18,
        "standard_text": 21,
        "macro": 6,
    }
    assert {model: content(model) for model in TABLES} == before
    assert len(before[RoutingRule]) == 18


def test_what_is_changed_in_the_file_is_changed_and_what_has_gone_stays(
    file: Row, resident_case: Callable[..., Case]
) -> None:
    case = resident_case(category="sb.belysning")
    file["kinds"][0]["promise"] = {"working_days": 3}
    file["departments"] = [one for one in file["departments"] if one["code"] != "kf"]
    file["rules"] = [one for one in file["rules"] if one["to"] != "kf"][:2]
    file["standard_texts"], file["macros"] = [], []
    with unit_of_work():
        configuration.load(file)
    assert db.session.get_one(Kind, "fraga").promise_days == 3
    assert db.session.get_one(Department, "kf").name("en") == "Culture and leisure"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RoutingRule)) == 2
    assert db.session.get_one(Case, case.id).category_code == "sb.belysning"


def test_triage_may_move_to_another_department(file: Row) -> None:
    put(file, "departments.0.triage", True)
    put(file, "departments.9.triage", None)
    with unit_of_work():
        configuration.load(file)
    assert list(db.session.scalars(sa.select(Department.code).where(Department.triage))) == ["ls"]


BROKEN = [
    ("municipality", None, "municipality is missing"),
    ("municipality", "Finspång", "municipality must be a mapping"),
    ("municipality.name", None, "municipality: name is missing"),
    ("municipality.name", "  ", "municipality: name is empty"),
    ("municipality.code", 562, "municipality: code must be a text (in quotes), not 562"),
    ("municipality.timezone", "Europe/Finspang", "municipality: timezone cannot be used"),
    ("municipality.languages", ["sv", "de"], "languages names 'de'"),
    ("municipality.address.town", None, "municipality, address: town is missing"),
    ("municipality.address.postcode", 61280, "municipality, address: postcode must be a text"),
    ("municipality.day_ends", "half past four", "municipality: day_ends cannot be used"),
    ("municipality.day_ends", 990, "municipality: day_ends must be a text (in quotes), not 990"),
    ("municipality.holidays.country", "XX", "municipality: holidays cannot be used"),
    ("municipality.holidays.categories", ["heathen"], "municipality: holidays cannot be used"),
    ("municipality.envelope.format", "C4", "municipality: envelope cannot be used"),
    ("municipality.envelope.widht", 90, "envelope cannot be used: envelope: unknown widht"),
    ("municipality.fax", "08-1", "municipality: nobody knows fax"),
    ("municipality.emergency.de", "112", "municipality, emergency: nobody knows de"),
    ("kinds", [], "kinds: at least one is needed"),
    ("kinds.0", "fraga", "kinds, number 1: expected a mapping"),
    ("kinds.0.code", None, "kinds, number 1: code is missing"),
    ("kinds.1.code", "fraga", "kinds, fraga: this code stands there twice"),
    ("kinds.0.names", None, "kinds, fraga: names is missing"),
    ("kinds.0.names", {}, "kinds, fraga, names: one of sv, en, fi is missing"),
    ("kinds.0.promise", None, "kinds, fraga: promise is missing"),
    ("kinds.0.promise", {}, "kinds, fraga, promise: it must be working_days or months"),
    ("kinds.0.promise", {"working_days": 2, "months": 1}, "one of them"),
    ("kinds.0.promise", {"working_days": 0}, "at least 1"),
    ("kinds.0.promise", {"working_days": "two"}, "working_days must be a whole number, not 'two'"),
    ("kinds.0.law", "custom", "kinds, fraga: law is 'custom', but it must be one of service, arende"),
    ("kinds.0.listed", "yes", "kinds, fraga: listed must be true or false, not 'yes'"),
    ("departments.4.secert", True, "departments, vo: nobody knows secert"),
    ("departments.4.secret", "ja", "departments, vo: secret must be true or false"),
    ("departments.9.triage", None, "one of them needs `triage: true`"),
    ("departments.0.triage", True, "ls and vet has it"),
    ("departments.1.categories.0.kind", "frga", "departments, sb, categories, sb.vagar: kind is 'frga'"),
    ("departments.1.categories.1.code", "sb.vagar", "sb.vagar: this code stands there twice"),
    ("departments.2.categories.0.code", "sb.vagar", "mb, categories, sb.vagar: sb has this category already"),
    ("rules.0.to", "socialen", "rules, number 1: to is 'socialen', but it must be one of ls, sb, mb"),
    ("rules.0.to", None, "rules, number 1: to is missing"),
    ("rules.1.department", "x", "rules, number 2: department is 'x'"),
    ("rules.2.kind", "x", "rules, number 3: kind is 'x'"),
    ("rules.2.category", "sb.x", "rules, number 3: category is 'sb.x'"),
    ("rules.4.words", "skadestånd", "rules, number 5: words must be a list"),
    ("rules.4.words", ["snö", 112], "rules, number 5: words must be a list of texts"),
    ("rules.4.reason", None, "rules, number 5: reason is missing"),
    ("rules.4.word", ["snö"], "rules, number 5: nobody knows word"),
    ("redirects.0.text", None, "redirects, number 1: text is missing"),
    ("deparments", [], "the file: nobody knows deparments"),
]


def test_every_broken_field_is_told_in_a_sentence_and_nothing_is_written(file: Row) -> None:
    before = {model: content(model) for model in TABLES}
    for path, value, sentence in BROKEN:
        broken = copy.deepcopy(file)
        put(broken, path, value)
        with pytest.raises(Unreadable, match=re.escape(sentence)) as told, unit_of_work():
            configuration.load(broken)
        assert "Error" not in str(told.value) and "\n" not in str(told.value), path
    assert {model: content(model) for model in TABLES} == before


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("municipality: [", "line 2"), ("- a\n- b\n", "expected a mapping"), ("", "expected a mapping")],
)
def test_a_file_that_is_no_mapping_is_told(app: Flask, tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "town.yaml"
    path.write_text(text, encoding="utf-8")
    answer = app.test_cli_runner().invoke(args=["load-municipality", str(path)])
    assert answer.exit_code == 1 and sentence in answer.output and "Traceback" not in answer.output


def test_the_command_loads_a_file_and_says_what(app: Flask, tmp_path: Path, file: Row) -> None:
    path = tmp_path / "town.yaml"
    file["municipality"]["name"] = "Ankeborgs kommun"
    path.write_text(yaml.safe_dump(file, allow_unicode=True), encoding="utf-8")
    answer = app.test_cli_runner().invoke(args=["load-municipality", str(path)])
    assert (
        answer.output
        == "Loaded 1 municipality, 8 kind, 10 department, 43 category, 18 routing_rule, 21 standard_text, 6 macro.\n"
    )
    db.session.rollback()
    assert db.session.get_one(Municipality, 1).name == "Ankeborgs kommun"


def test_the_command_says_what_is_wrong_and_keeps_what_is_there(app: Flask, tmp_path: Path, file: Row) -> None:
    path = tmp_path / "town.yaml"
    file["rules"][0]["to"] = "socialen"
    path.write_text(yaml.safe_dump(file, allow_unicode=True), encoding="utf-8")
    answer = app.test_cli_runner().invoke(args=["load-municipality", str(path)])
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: rules, number 1: to is 'socialen', but it must be one of ls, sb")
    assert db.session.get_one(Municipality, 1).name == "Finspångs kommun"
