"""The configuration is changed part by part: each is checked, written down, and never overwritten unseen."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa
from flask.testing import FlaskClient

from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases.models import Case, Department, Kind, Municipality
from caseflow.cases.municipality import exporting, places
from caseflow.database import db
from tests.administration.conftest import HOME, Administrator, filled, said

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PAGES = (
    *("contact", "emergency", "languages", "workdays", "calls", "letters", "logo", "watch", "residents"),
    *("kinds/fraga", "departments/sb", "categories/sb.snow", "text/receipt"),
)


def events() -> list[Event]:
    db.session.rollback()
    query = sa.select(Event).where(Event.subject == "configuration").order_by(Event.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def stored(place: str) -> places.Part:
    db.session.rollback()
    return places.part(exporting.document(), place)


def test_only_administrators_come_in(clerk: Staff, manager: Staff, sign_in: Callable[[Staff], FlaskClient]) -> None:
    for staff in (clerk, manager):
        client = sign_in(staff)
        assert client.get(HOME).status_code == 403
        assert client.get(f"{HOME}/file.yaml").status_code == 403


def test_saving_a_page_as_it_was_changes_nothing(ada: Administrator) -> None:
    before = exporting.document()
    for page in PAGES:
        answer = ada.change(f"/part/{page}")
        assert answer.status_code == 303, (page, said(answer))
    db.session.rollback()
    assert exporting.document() == before
    assert events() == []
    for page in ("/part/nothing", "/part/kinds/nothing", "/part/text/nothing", "/new/nothing"):
        assert ada.client.get(HOME + page).status_code == 404


def test_a_new_promise_is_shown_then_saved_and_counts_for_new_cases_only(
    ada: Administrator, resident_case: Callable[..., Case]
) -> None:
    old = resident_case(kind="fraga", now=MONDAY)
    shown = said(ada.change("/part/kinds/fraga", promise="4", act="preview"))
    assert "We answer within 4 working days." in shown
    assert "Cases that are there keep theirs." in shown
    assert stored("kinds/fraga")["promise"] == {"working_days": 2}
    assert ada.change("/part/kinds/fraga", promise="1", promise__unit="months").status_code == 303
    new = resident_case(kind="fraga", now=MONDAY)
    db.session.rollback()
    assert (db.session.get_one(Kind, "fraga").promise_months, new.promise) == (1, {"months": 1})
    assert db.session.get_one(Case, old.id).promise == {"working_days": 2}
    (event,) = events()
    assert (event.verb, event.actor, event.data["place"]) == ("change", "staff", "kinds/fraga")
    history = ada.read("/history?place=kinds/fraga")
    assert "Ada Admin" in history and "What residents want: Question" in history
    assert ada.press(f"/history/{event.id}/return", "/part/kinds/fraga", seen=places.fingerprint(stored("kinds/fraga")))
    assert stored("kinds/fraga")["promise"] == {"working_days": 2}
    assert [one.verb for one in events()] == ["change", "return"]


def test_what_cannot_be_used_is_told_at_its_field_and_stays_typed(ada: Administrator) -> None:
    wrong = [
        ("kinds/fraga", {"promise": "soon"}, "Write a whole number in figures."),
        ("kinds/fraga", {"promise": "0"}, "Write a number from 1 to 260."),
        ("kinds/fraga", {"names__sv": " "}, "Write it in Swedish at least."),
        ("kinds/fraga", {"law": "custom"}, "Choose one of the list."),
        ("contact", {"phone": "ring"}, "Write the phone number with its area code"),
        ("contact", {"address__postcode": "12"}, "Write the postcode with five digits"),
        ("workdays", {"day_ends": "25:00"}, "Write the time as hours and minutes"),
        ("workdays", {"holidays__free": "2027-02-30"}, "2027-02-30: Write the date as year"),
        ("workdays", {"holidays__free": "2027-05-07", "holidays__working": "2027-05-07"}, "both a day off and a work"),
        ("calls", {"calls__hours__from": "18:00"}, "the hours must begin before they end"),
        ("watch", {"watch__idle_days": "61"}, "Write a number from 0 to 60."),
        ("watch", {"watch__escalate_kinds__fraga": "soon"}, "Write a whole number in figures."),
        ("languages", {"languages": None}, "Choose one at least."),
        ("text/receipt", {"texts__receipt__sv": "Tack"}, "{number} is missing"),
        ("text/closing", {"texts__closing__en": "Dear {name}"}, "{name} is unknown here; it may have {municipality}"),
        ("departments/vet", {"triage": None}, "one of them needs `triage: true`"),
        ("departments/vet", {"retired": "y"}, "one of them needs `triage: true`"),
        ("departments/kf", {"retired": "y"}, "it sends cases to kf, which takes none any more"),
        ("logo", {"logo__svg": "<p>no", "logo__alt": "Logo"}, "logo"),
        ("contact", {"name": "a\x00b"}, ""),
    ]
    before = exporting.document()
    for page, typed, sentence in wrong:
        answer = ada.change(f"/part/{page}", **typed)
        told = said(answer)
        if sentence:
            assert (answer.status_code, sentence in told) == (422, True), (page, typed, told)
            assert 'id="error-summary"' in told
        assert answer.status_code < 500
    assert 'value="ring"' in said(ada.change("/part/contact", phone="ring"))
    assert ada.change("/part/contact", name=before["municipality"]["name"]).status_code == 303
    db.session.rollback()
    assert exporting.document() == before


def test_a_swedish_reader_is_told_in_swedish(ada: Administrator) -> None:
    ada.client.set_cookie("language", "sv")
    assert "Skriv ett heltal med siffror." in said(ada.change("/part/kinds/fraga", promise="soon"))
    assert "{number} saknas" in said(ada.change("/part/text/receipt", texts__receipt__sv="Tack"))


def test_two_administrators_do_not_overwrite_each_other(ada: Administrator, bo: Administrator) -> None:
    form = ada.open("/part/contact")
    assert bo.change("/part/contact", name="Ankeborgs kommun").status_code == 303
    answer = ada.send("/part/contact", form, name="Gåseborgs kommun", phone="0122-850 00")
    page = said(answer)
    assert answer.status_code == 409
    assert "Bo Admin saved it" in page
    assert "<del>Ankeborgs kommun</del>" in page and "<ins>Gåseborgs kommun</ins>" in page
    assert stored("contact")["name"] == "Ankeborgs kommun"
    assert ada.send("/part/contact", filled(page)).status_code == 303
    assert (stored("contact")["name"], stored("contact")["phone"]) == ("Gåseborgs kommun", "+4612285000")
    assert bo.change("/part/emergency", emergency__sv="Ring 112.").status_code == 303
    assert ada.send("/part/emergency", {**form, "seen": "old"}, emergency__sv="Ring 112!").status_code == 409


def test_the_order_is_changed_with_buttons(ada: Administrator, bo: Administrator) -> None:
    before = stored("order/kinds")
    stale = ada.open("/kinds")
    assert bo.send("/order/kinds", bo.open("/kinds"), code=before[2], step="up").status_code == 303
    assert stored("order/kinds")[:3] == [before[0], before[2], before[1]]
    assert ada.send("/order/kinds", stale, code=before[0], step="down").status_code == 409
    assert ada.send("/order/kinds", ada.open("/kinds"), code=before[0], step="up").status_code == 303
    assert ada.send("/order/kinds", ada.open("/kinds"), code="nothing", step="up").status_code == 404
    page = "/departments/sb/categories"
    assert ada.send("/order/sb", ada.open(page), code="sb.plan", step="up").status_code == 303
    assert stored("order/sb")[-2:] == ["sb.plan", "sb.lokaler"]
    assert events()[-1].data["place"] == "order/sb"


def test_what_is_retired_is_no_longer_offered_and_old_cases_show_it(
    ada: Administrator,
    hire: Callable[..., Staff],
    sign_in: Callable[[Staff], FlaskClient],
    resident_case: Callable[..., Case],
) -> None:
    case = resident_case(department="sb", category="sb.snow")
    clerk = sign_in(hire("Karin Ek", "caseworker", "sb"))
    clerk.set_cookie("language", "en")
    assert ada.change("/part/categories/sb.snow", retired="y").status_code == 303
    assert ada.change("/part/departments/mb", retired="y").status_code == 422  # a rule sends cases there
    form = ada.open("/rules")
    place = [rule["to"] for rule in stored("rules")].index("mb") + 1
    assert ada.send("/rules/step", form, place=str(place), step="out").status_code == 303
    assert ada.press("/rules/publication", "/rules", version="1").status_code == 303
    assert ada.change("/part/departments/mb", retired="y").status_code == 303
    form_page = clerk.get("/new").get_data(as_text=True)
    assert "Street lighting" in form_page and "Snow clearing" not in form_page
    assert "Building and environment" not in form_page and "Noise, pollution" not in form_page
    registration = clerk.get("/staff/cases/new").get_data(as_text=True)
    assert "Snow clearing" not in registration
    page = clerk.get(f"/staff/cases/{case.number}").get_data(as_text=True)
    assert "Snow clearing and ice" in page
    assert '<option value="kf"' in page and '<option value="mb"' not in page
    assert ada.press("/removal/categories/sb.snow", "/kinds", seen=places.fingerprint(stored("categories/sb.snow")))
    assert stored("categories/sb.snow")["retired"] is True


def test_what_is_new_gets_a_code_and_goes_again_while_nothing_refers_to_it(ada: Administrator) -> None:
    answer = ada.change("/new/departments", names__sv="Räddning & ÅÄÖ", hints__sv="Brand")
    assert answer.location.endswith("/part/departments/raddning-aao")
    assert ada.change("/new/categories?department=raddning-aao", names__sv="Sotning").status_code == 303
    assert stored("categories/raddning-aao.sotning") == {
        "code": "raddning-aao.sotning",
        "names": {"sv": "Sotning"},
        "department": "raddning-aao",
    }
    assert ada.change("/part/departments/raddning-aao", triage="y").status_code == 303
    assert list(db.session.scalars(sa.select(Department.code).where(Department.triage))) == ["raddning-aao"]
    assert ada.change("/part/departments/vet", triage="y").status_code == 303
    seen = places.fingerprint(stored("departments/raddning-aao"))
    gone = ada.press("/removal/departments/raddning-aao", "/kinds", seen=seen)
    assert gone.status_code == 303, said(gone)
    assert stored("departments/raddning-aao") is None
    assert events()[-1].verb == "remove"


def test_own_days_off_move_the_promise(ada: Administrator, resident_case: Callable[..., Case]) -> None:
    page = said(ada.change("/part/workdays", holidays__free="2026-11-24\n2026-11-25", act="preview"))
    assert page.count("<li>") > 3
    assert ada.change("/part/workdays", holidays__free="2026-11-24\n2026-11-25").status_code == 303
    assert resident_case(kind="fraga", now=MONDAY).due_on.isoformat() == "2026-11-27"


def test_envelopes_are_measured_and_chosen(ada: Administrator) -> None:
    assert ada.change("/envelopes/one?name=C5+H2", offset_x="1,5").status_code == 303
    assert ada.change("/envelopes/one", name="Vårt eget", format="C65", edge="18").status_code == 303
    assert ada.change("/envelopes", envelope="Vårt eget").status_code == 303
    assert ada.change("/envelopes/one", name="Vårt eget").status_code == 422
    assert ada.change("/envelopes/one?name=C5+H2", width="500").status_code == 422
    db.session.rollback()
    town = db.session.get_one(Municipality, 1)
    assert (town.envelope["name"], town.envelope["edge"]) == ("Vårt eget", 18)
    assert {one["name"]: one["offset_x"] for one in town.envelopes}["C5 H2"] == 1.5
    assert ada.client.get(f"{HOME}/envelopes/calibration.pdf?name=V%C3%A5rt+eget").data.startswith(b"%PDF")


def test_a_retention_note_stands_on_the_case(
    ada: Administrator, clerk: Staff, sign_in: Callable[[Staff], FlaskClient], resident_case: Callable[..., Case]
) -> None:
    case = resident_case(kind="fraga", category="sb.belysning")
    note = {"retention__months": "24", "retention__text__sv": "Gallras efter två år", "retention__law": "Dnr 2026-17"}
    assert ada.change("/part/kinds/fraga", **note).status_code == 303
    page = sign_in(clerk).get(f"/staff/cases/{case.number}").get_data(as_text=True)
    assert "Gallras efter två år" in page and "Dnr 2026-17" in page
    assert ada.change("/part/categories/sb.belysning", retention__text__sv="Bevaras").status_code == 303
    page = sign_in(clerk).get(f"/staff/cases/{case.number}").get_data(as_text=True)
    assert "Bevaras" in page and "Gallras" not in page
    assert "Bevaras" in ada.read("/retention")


def test_every_part_of_the_file_has_a_page_that_the_first_one_leads_to(ada: Administrator) -> None:
    own = {"envelopes", "texts", "suggestions", "rules", "redirects"}
    elsewhere = {"standard_texts": "/staff/texts/standard", "macros": "/staff/texts/macros"}
    lists = {"kinds", "departments", "order"}
    index = ada.read("")
    for place in {place.partition("/")[0] for place in places.of(exporting.document())} - {"categories"}:
        page = elsewhere.get(place, f"{HOME}/{place}" if place in own else f"{HOME}/part/{place}")
        assert place in lists or f'href="{page}"' in index, place
        if place not in lists:
            assert ada.client.get(page).status_code == 200
    for page in re.findall(r'href="(/staff/(?:administration|texts)/[^"]+)"', index):
        assert ada.client.get(page).status_code == 200, page
    assert set(exporting.document()["municipality"]) <= {name for names in places.MUNICIPAL.values() for name in names}
    assert "/part/categories/sb.snow#checklist" in ada.read("/checklists")


def test_a_categorys_guidance_and_questions_are_written_refused_in_words_and_kept(ada: Administrator) -> None:
    path, place = "/part/categories/sb.park", "categories/sb.park"
    question = "- code: tree\n  names: {sv: Vilket träd?}\n  sort: %s"
    refused = said(ada.change(path, questions=question % "tree"))
    assert "questions, tree: sort is 'tree', but it must be one of text, choice, date, number" in refused
    assert "Vilket träd?" in refused
    assert ada.change(path, questions=question % "number", guidance__sv="Ring om trädet faller.").status_code == 303
    kept = stored(place)
    assert kept["questions"] == [{"code": "tree", "sort": "number", "names": {"sv": "Vilket träd?"}}]
    assert kept["guidance"] == {"sv": "Ring om trädet faller."}
    assert ada.change(path, questions="", guidance__sv="").status_code == 303
    assert not {"questions", "guidance"} & set(stored(place))


def test_reminders_by_kind_and_the_precision_of_suggestions_are_changed_and_put_back(ada: Administrator) -> None:
    changed = {"watch__idle_days": "3", "watch__escalate_kinds__fraga": "2", "watch__escalate_kinds__handling": ""}
    before = stored("watch")["watch"]
    assert ada.change("/part/watch", **changed).status_code == 303
    assert stored("watch") == {"watch": {**before, "idle_days": 3, "escalate_kinds": {"fraga": 2}}}
    refused = said(ada.change("/suggestions", suggestions__apply_above="20"))
    assert "Write a number from 90 to 100" in refused and 'value="20"' in refused
    stale = ada.open("/suggestions")
    assert ada.change("/suggestions", suggestions__apply_above="97,5").status_code == 303
    assert stored("suggestions") == {"suggestions": {"apply_above": 0.975}}
    assert ada.send("/suggestions", stale, suggestions__apply_above="").status_code == 409
    assert ada.change("/part/emergency", emergency__sv="Ring 112.").status_code == 303
    assert stored("suggestions"), "another part that is saved takes nothing away from this one"
    history, (*_all, event, _last) = ada.read("/history?place=suggestions"), events()
    assert "Suggestions" in history and "0.975" in history
    seen = places.fingerprint(stored("suggestions"))
    assert ada.press(f"/history/{event.id}/return", "/part/contact", seen=seen).status_code == 303
    assert stored("suggestions") == {}


def test_what_is_not_the_municipalitys_is_listed_written_and_moved(ada: Administrator, bo: Administrator) -> None:
    before = stored("redirects")
    stale = ada.open("/redirects/one?place=1")
    form = {"name__sv": "Fågelskådarna", "text__sv": "De räknar fåglar.", "contact__web": "faglar.example.org"}
    assert "Write it in Swedish at least." in said(ada.change("/redirects/one", **{**form, "name__sv": ""}))
    assert bo.change("/redirects/one", **form).status_code == 303
    assert stored("redirects") == [
        *before,
        {
            "name": {"sv": "Fågelskådarna"},
            "contact": {"web": "faglar.example.org"},
            "text": {"sv": "De räknar fåglar."},
        },
    ]
    overtaken = ada.send("/redirects/one?place=1", stale, name__sv="Vägverket")
    assert overtaken.status_code == 409 and "<ins>Vägverket</ins>" in said(overtaken)
    assert ada.send("/redirects/one?place=1", filled(said(overtaken))).status_code == 303
    last = str(len(before) + 1)
    assert ada.send("/redirects/step", ada.open("/redirects"), place=last, step="up").status_code == 303
    assert [one["name"]["sv"] for one in stored("redirects")][-2:] == ["Fågelskådarna", before[-1]["name"]["sv"]]
    assert ada.send("/redirects/step", ada.open("/redirects"), place="1", step="out").status_code == 303
    assert next(one["name"]["sv"] for one in stored("redirects")) == before[1]["name"]["sv"]
    assert ada.send("/redirects/step", stale, place="1", step="out").status_code == 409
    assert ada.client.get(f"{HOME}/redirects/one?place=99").status_code == 404
