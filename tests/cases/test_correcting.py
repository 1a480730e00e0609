"""Putting the resident's contact details right."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from caseflow.accounts.models import Staff
from tests.cases.acting import Desk

RUT = {"name": "Rut Åkesson", "email": "rut@example.org"}


def test_details_are_kept_in_their_normal_form(desk: Desk) -> None:
    typed = {
        "name": "  Rut   Åkesson ",
        "email": " Rut.Ny@EXAMPLE.org",
        "phone": "070-174 06 05",
        "street": "Skolgatan 4",
        "postcode": "SE-612 32",
        "town": "Finspång",
    }
    assert desk.act("contact", **typed).status_code == 303
    case = desk.case()
    kept = (case.name, case.email, case.phone, case.postcode)
    assert kept == ("Rut Åkesson", "Rut.Ny@example.org", "+46701740605", "61232")
    told = "e-mail address (before: rut@example.org), phone number, street, postcode, town"
    assert f"Karin Ek corrected the contact details: {told}" in desk.read()


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("email", "rut@", "Write the whole e-mail address, for example name@example.org."),
        ("phone", "12", "Write the phone number with its area code, for example 070-174 06 05."),
        ("postcode", "6123", "Write the postcode with five digits, for example 612 80."),
        ("town", "x" * 81, "Write it shorter."),
    ],
)
def test_what_cannot_be_used_is_refused_in_words_and_kept_in_the_field(
    desk: Desk, field: str, typed: str, said: str
) -> None:
    answer = desk.act("contact", **{**RUT, field: typed})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert f'value="{typed}"' in page
    assert desk.verbs() == ["receive"]


@pytest.mark.parametrize(
    ("reply_by", "said"),
    [
        ("email", "Write the e-mail address that the reply goes to."),
        ("phone", "Write the phone number that we call."),
        ("letter", "Write the street or box address."),
    ],
)
def test_what_the_wished_channel_needs_cannot_be_emptied(
    desk_with: Callable[..., Desk], reply_by: str, said: str
) -> None:
    answer = desk_with(reply_by=reply_by).act("contact", name="Rut Åkesson")
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)


def test_saving_without_a_change_or_twice_leaves_one_event(desk: Desk) -> None:
    assert desk.act("contact", **RUT).status_code == 303
    assert desk.verbs() == ["receive"]
    for _click in range(2):
        assert desk.act("contact", **RUT, town="Rejmyre", version="1").status_code == 303
    assert desk.verbs() == ["receive", "correct"]


def test_an_address_abroad_stays_as_it_is(desk: Desk) -> None:
    abroad = {**RUT, "street": "Mannerheimintie 1", "postcode": "FI-00100", "town": "Helsinki"}
    assert desk.act("contact", **abroad).status_code == 303
    assert desk.case().postcode == "FI-00100"


def test_an_outsider_cannot_correct(desk: Desk, desk_with: Callable[..., Desk], outsider: Staff) -> None:
    assert desk_with(staff=outsider, at=desk.case()).act("contact", **RUT, town="Rejmyre").status_code == 404
    assert desk.case().town is None
