"""Suggestions: learnt from closed cases, measured on the newest, explained by words, carried out by a person."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases import routing
from caseflow.cases.models import Case, Municipality
from caseflow.cases.suggestions import kept, suggesting, threshold, training
from caseflow.cases.suggestions.measuring import Measure, measure
from caseflow.cases.suggestions.scorer import Scorer
from caseflow.cases.suggestions.training import Closed
from caseflow.database import db, unit_of_work
from tests.cases.acting import Desk, WithToken
from tests.cases.entering import enter

SUBJECTS = {
    ("sb", "sb.belysning"): ["Gatlampan är släckt", "Lyktstolpen blinkar", "Belysningen på gångvägen är trasig"],
    ("sb", "sb.vagar"): ["Potthål i asfalten", "Gropar i vägbanan", "Asfalten har spruckit"],
    ("utb", "utb.forskola"): ["Förskolan har stängt", "Vår dotter söker förskoleplats", "Kön till förskolan"],
    ("kf", "kf.kultur"): ["Konserten i slottet ställdes in", "Utställningen var fin", "Teatern börjar för sent"],
}
WHERE = ["vid torget", "på Skolgatan", "nära stationen", "i går kväll", "sedan i måndags", "tack för hjälpen"]
MARCH = clock.now() - timedelta(days=200)


def closed(count: int, seed: int = 1) -> list[Closed]:
    chance = random.Random(seed)
    picked = (
        chance.choice([(place, text) for place, texts in SUBJECTS.items() for text in texts]) for _ in range(count)
    )
    return [Closed("fraga", f"{text} {' '.join(chance.sample(WHERE, 2))}", *place) for place, text in picked]


def file_closed(cases: list[Closed], since: datetime = MARCH) -> None:
    """As columns: hundreds of cases, of which only text and place matter."""
    rows = [
        {
            "number": f"2026-{90000 + place}", "code": uuid.uuid4().hex, "submission": uuid.uuid4().hex, "version": 1,
            "kind_code": one.kind, "department_code": one.department, "category_code": one.category, "routed": {},
            "subject": one.text, "description": one.text, "language": "sv", "source": "web", "reply_by": "none",
            "status": "closed", "resolution": "fixed", "received_at": since + timedelta(minutes=place),
            "closed_at": since + timedelta(days=1), "due_on": since.date(), "promise": {"working_days": 10},
        }
        for place, one in enumerate(cases)
    ]  # fmt: skip
    with unit_of_work() as session:
        session.execute(sa.insert(Case), rows)


@pytest.fixture
def learnt(app: Flask) -> kept.Learnt:
    file_closed(closed(300))
    made = training.train(clock.now())
    assert made is not None
    return made


def advised(case: Case) -> Case:
    suggesting.advise_all(clock.now())
    db.session.rollback()
    return db.session.get_one(Case, case.id, populate_existing=True)


def test_it_learns_from_the_older_cases_and_is_measured_on_the_newest_beside_the_routing_rules(app: Flask) -> None:
    taught = training.teach(closed(300), routing.rules(), routing.triage_department())
    assert taught is not None
    assert taught.measures["department"].cases == 60
    assert taught.measures["department"].accuracy > 0.95 > taught.measures["rules"].accuracy
    assert taught.measures["category"].accuracy > 0.95


@pytest.mark.no_app
def test_what_was_learnt_is_kept_as_numbers_and_says_the_same_afterwards() -> None:
    taught = training.teach(closed(250), [], "vet")
    assert taught is not None
    again = Scorer.unpacked(taught.department.packed())
    for text in ("Lampan vid skolan är släckt", "Hej", "", "Förskolan!", "🙂" * 5):
        assert again.guess(text) == taught.department.guess(text)


@pytest.mark.no_app
def test_the_words_that_decided_are_those_of_the_text_as_it_was_written() -> None:
    taught = training.teach(closed(250), [], "vet")
    assert taught is not None
    guess = taught.department.guess("Hej, FÖRSKOLANS kö är lång och gatan är mörk")
    assert guess is not None
    assert (guess.label, guess.words[0]) == ("utb", "FÖRSKOLANS")
    assert "gatan" not in guess.words
    assert taught.department.guess("zzz qqq") is None
    speaks_against = Scorer(["sb", "utb"], [1.0, 0.0], {"gatan": 1.0}, {"gatan": [(0, -0.1)]})
    assert speaks_against.guess("gatan") is None


@pytest.mark.no_app
def test_too_few_cases_or_one_department_alone_teach_nothing() -> None:
    assert training.teach(closed(150), [], "vet") is None
    assert training.teach([Closed("fraga", f"Lampa {n}", "sb", None) for n in range(300)], [], "vet") is None


@pytest.mark.no_app
def test_precision_is_said_only_where_there_were_enough_to_tell() -> None:
    taught = training.teach(closed(300), [], "vet")
    assert taught is not None
    found = measure(taught.department.guess, [("Gatlampan är släckt", "sb")] * 15)
    assert (found.right, found.precision_at(0.5)) == (15, None)
    assert Measure.from_dict(found.as_dict()) == found
    assert measure(taught.department.guess, [("Gatlampan är släckt", "sb")] * 30).precision_at(0.4) == 1.0


def test_secret_departments_are_never_learnt_from(app: Flask) -> None:
    file_closed([*closed(250), *(Closed("fraga", "Kallelse hemlighet omsorg", "ifo", None) for _ in range(60))])
    made = training.train(clock.now())
    assert made is not None
    assert made.examples == 250
    assert "hemlighet" not in Scorer.unpacked(made.department or b"").rarity


def test_what_is_no_better_is_written_down_and_not_used(learnt: kept.Learnt) -> None:
    chance, honest = random.Random(3), closed(600, seed=2)
    nonsense = [Closed("fraga", one.text, chance.choice(["sb", "utb", "kf"]), None) for one in honest[:480]]
    with unit_of_work() as session:
        session.execute(sa.delete(Case))
    file_closed([*nonsense, *honest[480:]])
    assert training.train(clock.now()).state == "refused"
    assert kept.in_use().id == learnt.id
    assert [one.state for one in kept.rounds()] == ["refused", "in_use"]


def test_a_new_case_gets_a_suggestion_that_a_person_carries_out(
    learnt: kept.Learnt, resident_case: Callable[..., Case], hire: Callable[..., Staff],
    sign_in: Callable[[Staff], FlaskClient], with_token: WithToken,
) -> None:  # fmt: skip
    case = advised(resident_case(department="vet", description="Utställningen i slottet borde ha öppet längre."))
    assert case.department_code == "vet"
    desk = Desk(sign_in(hire("Siv Sorterare", "coordinator", "vet", "kf")), with_token, case)
    page = desk.read()
    assert "Utställningen" in page.split("The words that tell")[1]
    assert desk.act("suggestion").status_code == 303
    moved = desk.case()
    assert (moved.department_code, moved.category_code, moved.status) == ("kf", "kf.kultur", "new")
    events = db.session.scalars(sa.select(Event).where(Event.subject_id == case.id).order_by(Event.id)).all()
    assert [event.verb for event in events] == ["receive", "transfer", "categorise"]
    assert "Utställningen" in (events[1].reason or "")
    assert "The words that tell" not in desk.read()


def test_accepting_twice_or_on_an_old_page_does_nothing_twice(
    learnt: kept.Learnt, resident_case: Callable[..., Case], hire: Callable[..., Staff],
    sign_in: Callable[[Staff], FlaskClient], with_token: WithToken,
) -> None:  # fmt: skip
    case = advised(resident_case(department="sb", description="Potthål i asfalten vid stationen."))
    desk = Desk(sign_in(hire("Siv Sorterare", "registrar", "sb")), with_token, case)
    assert "About " in desk.read()
    version = str(desk.case().version)
    desk.act("suggestion", version=version)
    assert desk.case().category_code == "sb.vagar"
    assert desk.act("suggestion", version=version).status_code in (303, 404, 409)
    told = sa.select(sa.func.count()).where(Event.subject_id == case.id, Event.verb == "categorise")
    assert db.session.scalar(told) == 1


def test_nothing_is_moved_by_itself_unless_the_municipality_wants_it_and_then_only_above_its_precision(
    learnt: kept.Learnt, resident_case: Callable[..., Case]
) -> None:
    first = advised(resident_case(department="vet", description="Utställningen i slottet var fin, konserten också."))
    assert (first.department_code, first.version) == ("vet", 1)
    with unit_of_work() as session:
        session.get_one(Municipality, 1).suggestions = {"apply_above": 0.95}
    sure = advised(resident_case(department="vet", description="Utställningen i slottet var fin, konserten också."))
    unsure = advised(resident_case(department="vet", description="Hej, jag undrar en sak."))
    assert (sure.department_code, sure.routed["by"]) == ("kf", "suggestion")
    assert "Utställningen" in sure.routed["words"]
    assert unsure.department_code == "vet"
    mine = advised(resident_case(department="utb", description="Utställningen i slottet var fin, konserten också."))
    assert mine.department_code == "utb", "what a resident chose is moved by people only"


@pytest.mark.no_app
@pytest.mark.parametrize("given", [{"apply_above": 0.5}, {"apply_above": "much"}, {"apply_above": True}, {"other": 1}])
def test_a_threshold_that_would_move_at_random_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"apply_above|other"):
        threshold.check(given)


def test_the_administrator_sees_how_good_they_are(
    learnt: kept.Learnt, hire: Callable[..., Staff], sign_in: Callable[[Staff], FlaskClient],
    browser_page: Page, look: Callable[[Page, str], None],
) -> None:  # fmt: skip
    admin = hire("Ada Admin", "administrator")
    client = sign_in(admin)
    address = "/staff/administration/suggestions"
    assert "would have been right" in client.get(address, headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert sign_in(hire("Karin Ek", "caseworker", "sb")).get(address).status_code == 403
    enter(browser_page, client, address)
    look(browser_page, "suggestions")
