"""The fixed texts: the product's own or the municipality's, filled in as text and checked before they are taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseflow.cases.models import LANGUAGES, Case, Municipality
from caseflow.cases.municipality import configuration
from caseflow.cases.texts import mail_texts
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Message
from tests.mailbox import Mailbox

Make = Callable[..., Case]
FACTS = {
    "name": "Rut",
    "number": "2026-10023",
    "department": "Samhällsbyggnad",
    "municipality": "Finspångs kommun",
    "link": "https://example.org/case/X",
    "code": "ABCD-EFGH",
    "due": "måndag 7 december",
    "by_channel": "med e-post",
}


@pytest.fixture(autouse=True)
def _in_english(app: Flask) -> Iterator[None]:
    """The words of the file and of the command are English."""
    with force_locale("en"):
        yield


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", mail_texts.TEXTS)
def test_the_products_own_texts_pass_their_own_check(app: Flask, code: str, language: str) -> None:
    mail_texts.check(code, mail_texts.template(code, language, {}))
    said = mail_texts.said(code, language, {}, **FACTS)
    assert "{" not in said
    assert "%(" not in said


def test_the_municipalitys_text_goes_before_the_products_in_its_language_only(app: Flask) -> None:
    texts = {"closing": {"sv": "Väl mött!"}}
    assert mail_texts.said("closing", "sv", texts, **FACTS) == "Väl mött!"
    assert mail_texts.said("closing", "en", texts, **FACTS) == "Kind regards"
    assert [mail_texts.is_municipal("closing", language, texts) for language in ("sv", "en")] == [True, False]


def test_what_stands_in_for_a_placeholder_is_not_looked_into_again(app: Flask) -> None:
    texts = {"receipt": {"sv": "{number} hos {department}"}}
    said = mail_texts.said("receipt", "sv", texts, **FACTS | {"department": "{code} {number.__class__} %(number)s \\1"})
    assert said == "2026-10023 hos {code} {number.__class__} %(number)s \\1"


@given(name=st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_greeting_holds_a_name_or_none(app: Flask, name: str) -> None:
    said = mail_texts.greeting("en", {}, name)
    assert said == "Hello," or (said.startswith("Hello ") and said.endswith(","))
    assert not set("/@<>:{}0123456789\n\x1b\u2028") & set(said)


@pytest.mark.parametrize(
    ("code", "text", "wrong"),
    [
        ("receipt", "Ditt nummer är {nummer}.", "{nummer} is unknown here"),
        ("receipt", "{number} {number.__class__}", "a brace stands alone"),
        ("receipt", "{number} {0}", "a brace stands alone"),
        ("receipt", "{number", "a brace stands alone"),
        ("receipt", "number} {number}", "a brace stands alone"),
        ("receipt", "{{number}}", "a brace stands alone"),
        ("receipt", "Vi har tagit emot ditt ärende.", "{number} is missing"),
        ("receipt", "{number}" + "x" * 2000, "longer than 2000 characters"),
        ("receipt", "{number} {name}", "{name} is unknown here"),
        ("sms_notice", "Vi sökte dig om {number}.", "{link} is missing"),
        ("greeting", "Hej!", "{name} is missing"),
        ("closing", "Hej då\nKarin", "it must be one line"),
        ("closing", "{link}", "it may have {municipality}"),
        ("greeting_nameless", "Hej {name}", "it may have no placeholder"),
    ],
)
def test_a_text_that_cannot_be_filled_in_is_refused_with_the_place(
    example: configuration.Row, code: str, text: str, wrong: str
) -> None:
    found = _with(example, texts={code: {"fi": text}})
    with pytest.raises(configuration.Unreadable) as refused:
        configuration.load(found)
    assert str(refused.value).startswith(f"municipality, texts: {code}, fi cannot be used: ")
    assert wrong in str(refused.value)


@pytest.mark.parametrize(
    "texts", [{"recept": {"sv": "x"}}, {"closing": {"de": "Grüße"}}, {"closing": {"sv": ""}}, {"closing": "x"}]
)
def test_a_text_that_nobody_asks_for_is_refused(example: configuration.Row, texts: dict[str, object]) -> None:
    with pytest.raises(configuration.Unreadable, match="municipality, texts"):
        configuration.load(_with(example, texts=texts))


@pytest.mark.parametrize("mailbox", ["arende", "är@kommun.se", "arende+x@kommun.se", f"{'a' * 40}@kommun.se"])
def test_a_mailbox_that_cannot_carry_addresses_is_refused(example: configuration.Row, mailbox: str) -> None:
    with pytest.raises(configuration.Unreadable, match="municipality: mailbox cannot be used"):
        configuration.load(_with(example, mailbox=mailbox))


def test_texts_and_mailbox_reach_the_residents_mail(
    example: configuration.Row, resident_case: Make, smtp: Mailbox, deliver_all: Callable[[], None]
) -> None:
    texts = {
        "greeting": {"sv": "God dag {name}!"},
        "receipt_subject": {"sv": "{municipality} har fått ditt brev"},
        "receipt": {"sv": "Nummer {number}.\n\n{department} svarar senast {due}, {by_channel}. Koden är {code}."},
        "closing": {"sv": "Hälsar {municipality}"},
        "footer": {"sv": "Ärende {number} på nätet:"},
    }
    with unit_of_work():
        configuration.load(_with(example, texts=texts, mailbox="arende@example.org"))
    case = resident_case()
    deliver_all()
    [mail] = smtp.mails
    part = mail.get_body(("plain",))
    assert part is not None
    said = str(part.get_content())
    assert mail["Subject"] == f"[{case.number}] Finspångs kommun har fått ditt brev"
    for words in (
        "God dag Rut Åkesson!",
        f"Nummer {case.number}.",
        "Samhällsbyggnad svarar senast",
        "Hälsar Finspångs",
    ):
        assert words in said
    assert f"Ärende {case.number} på nätet:" in said
    assert f"arende+{case.number}." in mail["Reply-To"]


def test_the_language_of_the_case_decides_and_not_the_callers(example: configuration.Row, resident_case: Make) -> None:
    with unit_of_work():
        configuration.load(_with(example, texts={"closing": {"sv": "Hej då"}}))
    resident_case(language="en")
    frame: Any = db.session.get_one(Message, 1).frame
    assert frame["closing"] == "Kind regards"
    assert frame["greeting"] == "Hello Rut Åkesson,"


def test_loading_without_texts_takes_them_away_again(example: configuration.Row) -> None:
    for texts, kept in (({"closing": {"sv": "Hej då"}}, {"closing": {"sv": "Hej då"}}), (None, {})):
        with unit_of_work():
            configuration.load(_with(example, texts=texts))
        assert db.session.get_one(Municipality, 1).mail_texts == kept


def _with(example: configuration.Row, **own: object) -> configuration.Row:
    return {**example, "municipality": {**example["municipality"], **own}}
