"""What is exported is what loads: the example, the example with everything in use, and made-up municipalities."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from caseflow.audit import SYSTEM
from caseflow.cases.models import Category, Department, Kind, Municipality, RoutingRule
from caseflow.cases.municipality import changing, configuration, exporting, places
from caseflow.cases.municipality.configuration import Row
from caseflow.cases.texts import shelf
from caseflow.cases.texts.macros import Macro
from caseflow.cases.texts.standard_texts import StandardText
from caseflow.database import db, unit_of_work

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1">\n  <path d="M0 0h2v1z"/>\n</svg>\n'


def through_yaml() -> tuple[Row, Row]:
    """The municipality as it is, and as it is after its own export was loaded."""
    before = exporting.document()
    configuration.load(configuration.parse(exporting.as_yaml(before).encode()))
    return before, exporting.document()


def with_everything(example: Row) -> Row:
    """The example with what it leaves out."""
    full = copy.deepcopy(example)
    town = full["municipality"]
    town["logo"] = {"svg": LOGO, "alt": "Finspång: 'kommun'", "names": True}
    town["theme"] = {"accent": "#005aa0", "dark": "#75b8ff"}
    town["accessibility"] |= {"status": "partly", "assessed": "2026-11-27", "faults": {"sv": "Kartan."}}
    town["privacy"]["officer"] = {"phone": "+46846500401"}
    town["suggestions"] = {"apply_above": 0.95}
    town["watch"] = {"idle_days": 5, "escalate_kinds": {"fraga": 0}}
    town["holidays"] |= {"free": ["2027-05-07"], "working": ["2026-12-24"]}
    town["texts"] = {"closing": {"sv": "Hälsar {municipality}"}, "receipt": {"sv": "Nr {number}:\n\n  # tack"}}
    town["envelopes"] = [{"name": "Vårt", "format": "C65", "offset_x": 2.5}]
    town["envelope"] = {"name": "C5 H2", "offset_y": -1}
    full["kinds"][0]["retention"] = {"text": {"sv": "Två år."}, "months": 24, "law": "Dnr 2026-1"}
    full["departments"][1]["categories"][0] |= {
        "retired": True,
        "retention": {"months": 60},
        "checklist": ["Åk dit", "Laga"],
    }
    full["departments"][7] |= {"retired": True}
    full["rules"] = [rule for rule in full["rules"] if rule["to"] != full["departments"][7]["code"]]
    return full


def test_the_export_of_the_example_and_of_everything_loads_as_what_it_was(example: Row) -> None:
    for given_file in (example, with_everything(example)):
        with unit_of_work():
            configuration.load(given_file)
            before, after = through_yaml()
        assert before == after
        assert changing.would_change(configuration.parse(exporting.as_yaml(after).encode())) == []
    assert set(after["municipality"]) == {name for names in places.MUNICIPAL.values() for name in names}
    said = exporting.as_yaml(after)
    assert "svg: |" in said and 'code: "0562"' in said.replace("'", '"')
    assert after["departments"][7]["retired"] and after["municipality"]["envelope"]["offset_y"] == -1


WORDS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=30).filter(
    lambda text: bool(text.strip())
)
SPOKEN = st.dictionaries(st.sampled_from(("sv", "en", "fi")), WORDS, min_size=1)
RETENTION = st.fixed_dictionaries({}, optional={"text": SPOKEN, "months": st.integers(1, 1200), "law": WORDS})
CODES = st.lists(st.text("abcdefghij.-_0123456789", min_size=1, max_size=8), min_size=2, max_size=4, unique=True)


@st.composite
def municipalities(draw: Any, example: Row) -> Row:
    """The example's municipality with kinds, departments and rules that nobody has thought of."""
    kinds, homes = draw(CODES), draw(CODES)
    town = {**example["municipality"], "name": draw(WORDS), "opening_hours": draw(SPOKEN), "accessibility": {}}
    return {
        "municipality": town,
        "kinds": [
            {
                "code": code,
                "names": draw(SPOKEN),
                "promise": draw(st.sampled_from(({"working_days": 3}, {"months": 2}))),
                "listed": draw(st.booleans()),
                "retention": draw(RETENTION),
            }
            for code in kinds
        ],
        "departments": [
            {
                "code": code,
                "names": draw(SPOKEN),
                "hints": draw(SPOKEN),
                "secret": draw(st.booleans()),
                "triage": place == 0,
                "categories": [{"code": f"{code}/1", "names": draw(SPOKEN), "kind": kinds[-1]}],
            }
            for place, code in enumerate(homes)
        ],
        "rules": draw(
            st.lists(
                st.fixed_dictionaries(
                    {"to": st.sampled_from(homes), "reason": SPOKEN},
                    optional={"kind": st.sampled_from(kinds), "words": st.lists(WORDS, max_size=3)},
                ),
                max_size=3,
            )
        ),
    }


@settings(
    max_examples=5,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_the_export_of_any_municipality_loads_as_what_it_was(data: st.DataObject, example: Row) -> None:
    made = data.draw(municipalities(example))
    trial = db.session.begin_nested()
    try:
        configuration.load(made)
        before, after = through_yaml()
        assert before == after
        changed = places.part(before, f"kinds/{made['kinds'][0]['code']}")
        assert changed["names"] == {name: text.strip() for name, text in made["kinds"][0]["names"].items()}
    finally:
        trial.rollback()
        db.session.expire_all()


def test_the_export_of_everything_fills_an_empty_database(example: Row) -> None:
    """Texts and macros that were written in the browser, too: they are called by a code of their own."""
    told = {"by": SYSTEM, "now": datetime(2026, 11, 23, tzinfo=UTC)}
    trial = db.session.begin_nested()
    try:
        configuration.load(with_everything(example))
        spoken = {
            "titles": {"fi": "Lamppu", "sv": "Gatan: så här"},
            "texts": {"fi": "Hei", "sv": "Hej\n\n- ja"},
        }
        texts = [StandardText(department_code=home, words=["lykta", "no"], **spoken) for home in ("sb", "sb", None)]
        for text in texts:
            shelf.save(text, None, **told)
        macro = Macro(titles={"sv": "Svara och stäng"}, says="reply", text_id=texts[1].id, ends="close")
        macro.resolution, macro.takes, macro.category_code = "answered", True, "sb.snow"
        shelf.save(macro, None, **told)
        before = exporting.document()
        said = exporting.as_yaml(before)
        for model in (Macro, StandardText, RoutingRule, Category, Department, Kind, Municipality):
            db.session.execute(sa.delete(model))
        db.session.expire_all()
        configuration.load(configuration.parse(said.encode()))
        assert exporting.document() == before
        assert exporting.as_yaml(exporting.document()) == said
        codes = [one["code"] for one in before["standard_texts"]][-3:]
        assert codes == ["sb.gatan-sa-har", "sb.gatan-sa-har-2", "gatan-sa-har"]
        assert before["macros"][-1]["text"] == codes[1]
        place = "macros/svara-och-stang"
        assert places.replaced(before, place, places.part(before, place)) == before
    finally:
        trial.rollback()
        db.session.expire_all()


def test_the_command_exports_what_the_command_loads(app: Flask, tmp_path: Any) -> None:
    runner = app.test_cli_runner()
    path = tmp_path / "town.yaml"
    path.write_text(runner.invoke(args=["export-municipality"]).output, encoding="utf-8")
    assert runner.invoke(args=["load-municipality", str(path)]).exit_code == 0


@pytest.mark.parametrize("place", ["contact", "kinds/fraga", "categories/sb.snow", "order/departments", "rules"])
def test_every_field_belongs_to_one_part_and_can_be_put_back(place: str) -> None:
    document = exporting.document()
    part = places.part(document, place)
    assert part and places.replaced(document, place, part) == document
