"""Numbers, addresses and names in the ways in which people write them."""

from __future__ import annotations

import pytest

from caseflow.cases import contact, typed
from caseflow.cases.contact import Unusable

MOBILE = "+46701740605"


@pytest.mark.parametrize(
    ("said", "number", "remark"),
    [
        ("070-174 06 05", MOBILE, ""),
        ("0701740605", MOBILE, ""),
        ("070/174 06 05", MOBILE, ""),
        ("070 – 174 06 05", MOBILE, ""),
        ("+46 70 174 06 05", MOBILE, ""),
        ("+46 (0)70-174 06 05", MOBILE, ""),
        ("0046 70 1740605", MOBILE, ""),
        ("０７０１７４０６０５", MOBILE, ""),
        ("tel: 070-174 06 05", MOBILE, ""),
        ("Mobil 070-174 06 05", MOBILE, ""),
        ("070-174 06 05 (efter 17)", MOBILE, "efter 17"),
        ("070-174 06 05, helst på förmiddagen.", MOBILE, "helst på förmiddagen"),
        ("efter kl 17: 070-174 06 05", MOBILE, "efter kl 17"),
        ("070-174 06 05 eller 08-465 004 06", MOBILE, "eller 08-465 004 06"),
        ("08-465 004 06 ankn 12", "+46846500406", "ankn 12"),
        ("08-465 004 06 ext. 12", "+46846500406", "ext. 12"),
        ("(0122) 850 00", "+4612285000", ""),
        ("0122.850.00", "+4612285000", ""),
        ("0771-921 921", "+46771921921", ""),
        ("+358 40 123 4567", "+358401234567", ""),
        ("0047 22 22 22 22", "+4722222222", ""),
    ],
)
def test_a_phone_number_is_read_in_any_style(said: str, number: str, remark: str) -> None:
    assert contact.phone_with_remark(said) == (number, remark)


@pytest.mark.parametrize("said", ["850 00", "112", "070-17406", "ring mig", "0", "+", "999999999999999999"])
def test_a_phone_number_that_cannot_be_called_is_refused(said: str) -> None:
    with pytest.raises(Unusable):
        contact.phone_with_remark(said)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("rut@example.org", "rut@example.org"),
        (" Rut.Akesson@EXAMPLE.org ", "Rut.Akesson@example.org"),
        ("Rut Åkesson <rut@example.org>", "rut@example.org"),
        ("mailto:rut@example.org", "rut@example.org"),
        ("rut@example.org.", "rut@example.org"),
        ("rut@example.org,", "rut@example.org"),
        ("rut＠example.org", "rut@example.org"),
        ("rut@räksmörgås.se", "rut@xn--rksmrgs-5wao1o.se"),
    ],
)
def test_an_email_address_is_kept_as_mail_servers_take_it(said: str, kept: str) -> None:
    assert contact.email(said) == kept


@pytest.mark.parametrize("said", ["rut", "rut@", "@example.org", "rut@example", "rut example@x.se", "rut@@example.org"])
def test_an_email_address_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(Unusable):
        contact.email(said)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("612 80", "61280"),
        ("61280", "61280"),
        ("612-80", "61280"),
        ("612\u00a080", "61280"),
        ("SE-612 80", "61280"),
        ("se 61280", "61280"),
        ("S-612 80", "61280"),
        (" 6 1 2 8 0 ", "61280"),
        ("FI-00100", "FI-00100"),
        ("fi 00100", "FI-00100"),
        ("NO-0150", "NO-0150"),
        ("GB-SW1A 1AA", "GB-SW1A 1AA"),
    ],
)
def test_a_postcode_is_read_in_any_style(said: str, kept: str) -> None:
    assert contact.postcode(said) == kept


@pytest.mark.parametrize("said", ["6128", "612800", "00100", "Finspång", "-", "FI-", "612 8O"])
def test_a_postcode_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(Unusable):
        contact.postcode(said)


@pytest.mark.no_app
@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("  Rut \t Åkesson\n", "Rut Åkesson"),
        ("Rut\x00 \x1bÅkesson", "Rut Åkesson"),
        ("A\u030asa", "Åsa"),
        ("\u202eevil", "evil"),
        (None, ""),
    ],
)
def test_a_line_is_one_clean_line(said: str | None, kept: str) -> None:
    assert typed.line(said) == kept


@pytest.mark.no_app
def test_a_text_keeps_its_lines_and_loses_what_does_not_print() -> None:
    assert typed.text("\r\nEtt\r\n\r\nTvå\x00\x07\ttre\rFyra \ud800 \n") == "Ett\n\nTvå\ttre\nFyra"


@pytest.mark.no_app
@pytest.mark.parametrize("said", ["c/o Ek", "C/O Ek", "c / o: Ek", "Ek"])
def test_care_of_is_the_name_alone(said: str) -> None:
    assert contact.care_of(said) == "Ek"
