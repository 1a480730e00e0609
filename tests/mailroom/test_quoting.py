"""New words and earlier mail, apart."""

from __future__ import annotations

import pytest

from caseflow.mailroom.quoting import fold

pytestmark = pytest.mark.no_app

NEW = "Tack!\nDet är Skolgatan 4."
EARLIER = "Hej Rut,\n\nvilken gata är det?"
QUOTED = "\n".join(f"> {line}" for line in EARLIER.split("\n"))
OUTLOOK = {
    "Outlook, Swedish": "Från: Kommunen <k@example.org>\nSkickat: den 23 november 2026 13:58\nTill: Rut\nÄmne: Lampan",
    "Outlook, English": "From: Kommunen <k@example.org>\nSent: Monday, 23 November 2026\nTo: Rut\nSubject: Lampan",
    "Outlook, Finnish": "Lähettäjä: Kommunen\nLähetetty: 23. marraskuuta 2026 13.58\nVastaanottaja: Rut\nAihe: L",
    "Outlook, bold": "*Från:* Kommunen <k@example.org>\n*Skickat:* den 23 november\n*Till:* Rut\n*Ämne:* Lampan",
    "an old program": "-----Ursprungligt meddelande-----\nhej",
    "a telephone that sets no signs": "Den 23 nov. 2026 13:58 skrev Kommunen <k@example.org>:",
}
INTRODUCTIONS = {
    "Thunderbird, Swedish": "Den 2026-11-23 kl. 13:58, skrev Finspångs kommun:",
    "Thunderbird, Finnish": "Finspångs kommun kirjoitti 23.11.2026 klo 13.58:",
    "Gmail, Swedish, wrapped": "Den mån 23 nov. 2026 kl 13:58 skrev Finspångs kommun <\nkommun@example.org>:",
    "Gmail, Finnish": "ma 23. marrask. 2026 klo 13.58 Finspångs kommun (kommun@example.org)\nkirjoitti:",
    "Gmail, English": "On Mon, Nov 23, 2026 at 1:58 PM Finspångs kommun <kommun@example.org> wrote:",
    "Apple, Swedish": "23 nov. 2026 kl. 13:58 skrev Finspångs kommun <kommun@example.org>:",
    "nothing": "",
}


@pytest.mark.parametrize("above", INTRODUCTIONS.values(), ids=list(INTRODUCTIONS))
def test_a_quotation_and_what_introduces_it_are_folded(above: str) -> None:
    found = fold(f"{NEW}\n\n{above}\n\n{QUOTED}\n")
    assert found.new == NEW
    assert "vilken gata" in found.quoted


@pytest.mark.parametrize("above", OUTLOOK.values(), ids=list(OUTLOOK))
def test_a_mail_without_signs_is_folded_from_its_headers_on(above: str) -> None:
    found = fold(f"{NEW}\n\n{'_' * 32}\n{above}\n\n{EARLIER}\n")
    assert found.new.removesuffix("_" * 32).strip() == NEW
    assert "vilken gata" in found.quoted


def test_an_answer_below_the_quotation_is_found() -> None:
    assert fold(f"{INTRODUCTIONS['Gmail, English']}\n{QUOTED}\n\n{NEW}").new == NEW


def test_answers_between_quoted_lines_keep_what_they_answer() -> None:
    text = "> Vilken gata?\nSkolgatan\n> Vilken lampa?\nDen vid skolan\n> Mvh"
    assert fold(text).new == "> Vilken gata?\nSkolgatan\n> Vilken lampa?\nDen vid skolan"


@pytest.mark.parametrize(
    "text",
    [
        "Jag ringde 2023 och ni skrev:\nvi återkommer. Det gjorde ni inte.",
        "Från: Skolgatan\nska det plogas till skolan, tycker jag.",
        "Så här:\n- ett\n- två",
        "Hej\n-- \nRut Åkesson\n070-174 06 05",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert fold(text).new == text.replace("-- \n", "--\n")


def test_a_mail_of_quotation_alone_is_all_new() -> None:
    assert fold(QUOTED).new == QUOTED.strip()
