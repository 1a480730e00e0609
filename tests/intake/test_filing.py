"""A resident files an errand: what becomes a case, what is asked for again, and that nothing typed is ever lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from caseflow.accounts.models import Staff
from caseflow.cases import codes, lifecycle
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Message
from tests.brokers import Point, black_hole, closed_port, point_at
from tests.cases.acting import statements
from tests.intake.acting import act
from tests.intake.conftest import CONTACT, ERRAND, Send, cases, filled, said, token_in

__all__ = ["black_hole", "closed_port", "point_at"]


@pytest.mark.parametrize("reply_by", CONTACT)
def test_an_errand_becomes_a_case_by_each_channel(send: Send, reply_by: str) -> None:
    answer = send(reply_by)
    (case,) = cases()
    assert (answer.status_code, answer.location) == (303, f"/case/{case.code}/receipt")
    assert (case.kind_code, case.department_code, case.category_code) == ("felanmalan", "sb", "sb.belysning")
    assert (case.description, case.reply_by, case.language) == (ERRAND["description"], reply_by, "en")
    assert (case.status, case.source) == ("new", "web")


def test_contact_details_are_kept_in_their_normal_form(send: Send) -> None:
    send("letter", name=" Rut\tÅkesson ", care_of="c/o Ek", postcode="SE-612 32", town="  Finspång ")
    send("phone", name="", phone="070 174 06 05 (inte onsdagar)", best_time="efter 17")
    letter, phone = cases()
    assert (letter.name, letter.care_of, letter.postcode, letter.town) == ("Rut Åkesson", "Ek", "61232", "Finspång")
    assert (phone.name, phone.phone, phone.best_time) == (None, "+46701740605", "inte onsdagar; efter 17")


def test_only_what_the_channel_shows_is_kept(send: Send) -> None:
    everything = CONTACT["email"] | CONTACT["phone"] | CONTACT["letter"]
    send("none", **everything)
    send("email", **everything)
    anonymous, mailed = cases()
    fields = ("name", "email", "phone", "best_time", "care_of", "street", "postcode", "town")
    assert [getattr(anonymous, field) for field in fields] == [None] * len(fields)
    assert [field for field in fields if getattr(mailed, field)] == ["name", "email"]


def test_what_another_channel_would_refuse_is_no_hindrance(send: Send) -> None:
    assert send("email", phone="ring mig", postcode="x", street="s" * 5000).status_code == 303


@pytest.mark.parametrize("department", ["", "vet"])
def test_not_knowing_the_department_is_fine(send: Send, department: str) -> None:
    send(department=department, category="", description="Något helt annat, tror jag.")
    assert cases()[0].department_code == "vet"


def test_a_category_alone_tells_the_department(send: Send) -> None:
    send(department="", category="kf.bibliotek")
    send(department="vet", category="kf.bibliotek")
    assert [case.department_code for case in cases()] == ["kf", "kf"]


def test_a_category_of_another_department_is_asked_for_again(send: Send) -> None:
    page = send(department="utb", category="sb.snow")
    assert page.status_code == 422
    assert 'id="category-error"' in page.text
    assert cases() == []


MISSING = {
    "email": ["email"],
    "phone": ["phone"],
    "letter": ["name", "street", "postcode", "town"],
    "none": [],
}


@pytest.mark.parametrize(("reply_by", "fields"), MISSING.items())
def test_only_what_the_channel_needs_must_be_filled_in(send: Send, reply_by: str, fields: list[str]) -> None:
    page = send(reply_by, kind="", description=" x ", **dict.fromkeys(CONTACT[reply_by], " "))
    assert page.status_code == 422
    complained = [name for name in filled() | CONTACT["letter"] | CONTACT["phone"] | CONTACT["email"]
                  if f'id="{name}-error"' in page.text]  # fmt: skip
    assert sorted(complained) == sorted(["kind", "description", *fields])


def test_each_error_stands_at_its_field_and_in_the_summary_with_a_link(send: Send) -> None:
    page = send("letter", kind="", postcode="6123", description="")
    for target in ("kind-0", "description", "postcode"):
        assert f'href="#{target}"' in page.text
        assert f'id="{target}"' in page.text
    assert 'aria-describedby="postcode-error"' in page.text
    assert page.text.count("Write the postcode with five digits, for example 612 80.") == 2
    assert "<title>Error:" in page.text
    assert "autofocus" in page.text


def test_an_error_loses_nothing_that_was_typed(send: Send) -> None:
    typed = {
        "description": 'Rad ett\n\n<b>"Rad två"</b> & så vidare',
        "name": "Rut & Åke",
        "care_of": "c/o 'Ek'",
        "street": '"Gatan" 4',
        "postcode": "612",
        "town": "Finspång <3",
    }
    page = send("letter", **typed)
    assert page.status_code == 422
    read = page.text.replace("&#34;", '"').replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">")
    read = read.replace("&amp;", "&")
    for value in typed.values():
        assert value in read
    assert 'value="felanmalan" checked' in page.text
    assert 'value="letter" checked' in page.text
    assert '<option value="sb.belysning" selected>' in page.text


@pytest.mark.parametrize("field", ["kind", "department", "category", "reply_by"])
@pytest.mark.parametrize("value", ["unknown", "'; DROP TABLE case; --", "\x00", "x" * 10_000, "felanmalan "])
def test_a_choice_that_is_not_offered_is_an_error_at_its_field(send: Send, field: str, value: str) -> None:
    page = send(**{field: value})
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert cases() == []


def test_the_description_may_be_20_000_characters_and_no_longer(send: Send) -> None:
    assert send(description="å" * 20_000).status_code == 303
    page = send(description="å" * 20_003)
    assert page.status_code == 422
    assert "The text is 3 characters too long. Shorten it to 20,000." in page.text
    assert "å" * 20_003 in page.text


def test_a_link_may_choose_beforehand(resident: FlaskClient) -> None:
    page = resident.get("/new?kind=berom&department=kf&reply_by=phone").text
    assert 'value="berom" checked' in page
    assert 'value="phone" checked' in page
    assert '<option selected value="kf">' in page
    assert " checked" not in resident.get("/new?kind=nothing&reply_by=pigeon&kind=berom").text


# Once is once


def test_the_form_and_its_errand_cost_six_statements_with_a_checklist(send: Send, clerk: Staff) -> None:
    assert send("email").status_code == 303  # with somebody hired there is a stamp, and the configuration is kept
    for kind, most in (("fraga", 6), ("felanmalan", 7)):  # of faults there may be some that are known
        with statements() as seen:
            assert send("email", kind=kind).status_code == 303
        assert len(seen) <= most, "\n".join(seen)


def test_sending_twice_makes_one_case(send: Send) -> None:
    mark = uuid.uuid4().hex
    first, second = send("email", submission=mark), send("email", submission=mark)
    assert first.location == second.location
    assert len(cases()) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Message)) == 1


def test_sending_twice_at_the_same_moment_makes_one_case(whole_app: Flask, live_url: str) -> None:
    form = filled("email")
    client = whole_app.test_client()
    form["csrf_token"] = token_in(client.get("/new"))
    cookie = client.get_cookie(whole_app.config["SESSION_COOKIE_NAME"])
    assert cookie

    def press(_time: int) -> str | None:
        other = whole_app.test_client()
        other.set_cookie(cookie.key, cookie.value)
        return other.post("/new", data=form).location

    with ThreadPoolExecutor(8) as pool:
        places = set(pool.map(press, range(16)))
    assert places == {f"/case/{cases()[0].code}/receipt"}
    assert len(cases()) == 1


def test_going_back_and_writing_something_else_makes_another_case(send: Send) -> None:
    mark = uuid.uuid4().hex
    send(submission=mark)
    send(submission=mark, description="Dessutom är trottoaren full av löv.")
    send("email", submission=mark)
    assert len({case.code for case in cases()}) == 3


@pytest.mark.parametrize("mark", ["", "1", "not-a-mark", "\x00" * 32, "x" * 5000])
def test_equal_words_without_a_proper_mark_are_never_one_case(send: Send, mark: str) -> None:
    assert send(submission=mark).location != send(submission=mark).location


# When something is broken


@pytest.mark.parametrize("broken", ["closed_port", "black_hole"])
def test_a_dead_broker_hinders_nobody(send: Send, point_at: Point, request: pytest.FixtureRequest, broken: str) -> None:
    point_at(request.getfixturevalue(broken))
    assert send("email").status_code == 303
    assert db.session.scalars(sa.select(Message.status)).all() == ["queued"]


def test_a_database_that_is_away_loses_nothing_and_says_what_to_do(
    send: Send, resident: FlaskClient, database_away: Callable[[], None]
) -> None:
    form = filled("letter")
    form["csrf_token"] = token_in(resident.get("/new"))
    database_away()
    page = resident.post("/new", data=form)
    assert page.status_code == 503
    assert str(form["description"]) in page.text
    assert 'value="612 32"' in page.text
    assert f'value="{form["submission"]}"' in page.text
    assert "call us: 08-465 004 00" in said(page)
    assert page.text.count('type="radio"') >= 12, "all that can be chosen is still there"


def test_the_start_page_and_the_form_outlast_the_database(
    resident: FlaskClient, database_away: Callable[[], None]
) -> None:
    resident.get("/new")
    database_away()
    assert "08-465 004 00" in said(resident.get("/"))
    assert resident.get("/new").status_code == 200
    assert resident.get(f"/case/{codes.new()}").status_code == 503


def test_a_lost_session_loses_nothing(resident: FlaskClient) -> None:
    form = filled("letter", csrf_token="long gone")
    page = resident.post("/new", data=form)
    assert page.status_code == 400
    assert "Press send again" in said(page)
    assert str(form["description"]) in page.text
    assert cases() == []
    form["csrf_token"] = token_in(page)
    assert resident.post("/new", data=form).status_code == 303


def test_a_browser_that_sends_no_referer_can_file_over_https(resident: FlaskClient) -> None:
    page = resident.get("/new", base_url="https://localhost")
    form = filled(csrf_token=token_in(page))
    assert resident.post("/new", data=form, base_url="https://localhost").status_code == 303


# What no form sends


NASTY = [
    (b"", "application/x-www-form-urlencoded"),
    (b"&&&=&=%", "application/x-www-form-urlencoded"),
    (b"kind=%00&description=%ff%fe%00%ed%a0%80&reply_by=email&email=%00@%00", "application/x-www-form-urlencoded"),
    (b'{"kind": ["x"], "description": {"a": 1}, "reply_by": 5}', "application/json"),
    (b"<errand/>", "application/xml"),
    (b"--x\r\nContent-Disposition: form-data; name=\"description\"; filename=\"a.txt\"\r\n\r\nfile\r\n--x--\r\n",
     "multipart/form-data; boundary=x"),
    (b"--x\r\nContent-Disposition: form-data\r\n\r\n\r\n--x", "multipart/form-data; boundary=x"),
    (b"\xff" * 1000, "multipart/form-data"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "kind"), NASTY)
def test_nasty_bytes_are_refused_politely(resident: FlaskClient, body: bytes, kind: str) -> None:
    token = token_in(resident.get("/new"))
    page = resident.post("/new", data=body, content_type=kind, headers={"X-CSRFToken": token})
    assert page.status_code in (400, 422)
    assert cases() == []


def test_a_field_that_comes_twice_counts_once(resident: FlaskClient) -> None:
    token = token_in(resident.get("/new"))
    twice = {key: [str(value), "other"] for key, value in filled("email").items()}
    assert resident.post("/new", data={**twice, "csrf_token": token}).status_code == 303
    assert cases()[0].email == "rut@example.org"


@pytest.mark.parametrize("size", [1_000_000, 30_000_000])
def test_a_flood_is_refused_before_it_is_read(send: Send, size: int) -> None:
    page = send(description="x" * size)
    assert page.status_code == 413
    assert "too much at once" in said(page)


@pytest.mark.parametrize(
    "path", ["/new?kind=%ff%fe", "/new?kind=%00&x=%ed%a0%80", "/?x=%0d%0aSet-Cookie:a", "/new?" + "x=1&" * 900]
)
def test_an_odd_address_is_answered(resident: FlaskClient, path: str) -> None:
    assert resident.get(path).status_code == 200


def test_of_who_has_protected_personal_data_nothing_is_kept_and_nobody_can_add_it(
    send: Send, resident: FlaskClient, clerk: Staff, sign_in: Callable[[Staff], FlaskClient]
) -> None:
    refused = send("email", protected="y")
    assert refused.status_code == 422 and "Choose that you need no answer" in said(refused)
    sent = send("none", protected="y", name="Rut Åkesson", email="rut@example.org", street="Skolgatan 4")
    (case,) = cases()
    assert case.protected and (case.name, case.email, case.street) == (None, None, None)
    receipt = said(resident.get(sent.location))
    assert "The answer stands on your own page." in receipt and "Get a message" not in receipt
    assert resident.get(f"/case/{case.code}/contact").status_code == 404
    staff = sign_in(clerk)
    staff.set_cookie("language", "en")
    assert staff.get(f"/staff/cases/{case.number}").status_code == 404
    with unit_of_work() as session:
        session.get_one(Staff, clerk.id).sees_protected = True
    page = said(staff.get(f"/staff/cases/{case.number}"))
    assert "Protected personal data" in page and "Förmedlingsuppdrag" in page and "Correct the contact" not in page
    with pytest.raises(lifecycle.Illegal):
        act(lifecycle.correct, case, clerk, {"phone": "+46701740605"})
