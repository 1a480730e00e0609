"""How many SMS a text is, on the server and in the writer's browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page

from caseflow.messages.sms.segments import EXTENSION, GSM, measure, outside_gsm, plain

no_app = pytest.mark.no_app
SWEDISH = "Hej! Vi sökte dig idag om ärendet. Ring 0122-850 00, så pratar vi. Återkom gärna: É§¤@_"
TEXTS = [
    "",
    "a",
    SWEDISH,
    "å" * 160,
    "å" * 161,
    "å" * 306,
    "å" * 307,
    "€" * 80,
    "€" * 81,
    "a" * 152 + "€" + "a" * 10,
    "a" * 159 + "€",
    "ć" * 70,
    "ć" * 71,
    "ć" * 134,
    "ć" * 135,
    "🫐" * 35,
    "🫐" * 36,
    "ć" * 66 + "🫐" + "ć" * 10,
    "ć€[x]",
    "rad\r\nrad\rrad\n",
    "”Hej” – sa ‘hon’… en\u00a0gång\u202ftill\t«slut»",
    "a\u030a och o\u0308, inte x\u0301",
    "👩‍👩‍👧 familj",
    "tab\tand\u2028line",
]


@no_app
def test_the_alphabet_has_its_hundred_and_twenty_eight_places() -> None:
    assert len(GSM) == 127  # and the escape
    assert len(EXTENSION) == 10
    assert not GSM & EXTENSION
    assert outside_gsm(SWEDISH) == ""


# Text, encoding, characters, SMS, room left in the last one.
LENGTHS = [
    ("", "gsm", 0, 0, 160),
    ("a" * 160, "gsm", 160, 1, 0),
    ("a" * 161, "gsm", 161, 2, 145),
    ("a" * 306, "gsm", 306, 2, 0),
    ("a" * 307, "gsm", 307, 3, 152),
    ("€" * 80, "gsm", 160, 1, 0),
    ("€" * 81, "gsm", 162, 2, 143),  # 76 in the first: half a € does not fit
    ("a" * 152 + "€" + "a" * 10, "gsm", 164, 2, 141),
    ("ć" * 70, "ucs2", 70, 1, 0),
    ("ć" * 71, "ucs2", 71, 2, 63),
    ("ć" * 134, "ucs2", 134, 2, 0),
    ("ć" + "a" * 134, "ucs2", 135, 3, 66),
    ("🫐", "ucs2", 2, 1, 68),
    ("🫐" * 35, "ucs2", 70, 1, 0),
    ("🫐" * 36, "ucs2", 72, 2, 61),  # 33 in the first: half an emoji does not fit
    ("ć" * 66 + "🫐" + "ć" * 10, "ucs2", 78, 2, 55),
    ("ć€", "ucs2", 2, 1, 68),
]


@no_app
@pytest.mark.parametrize(("text", "encoding", "characters", "parts", "left"), LENGTHS)
def test_lengths(text: str, encoding: str, characters: int, parts: int, left: int) -> None:
    assert measure(text) == (encoding, characters, parts, left)


@no_app
@given(st.text(max_size=400))
def test_the_parts_always_hold_the_text_and_nothing_is_divided(text: str) -> None:
    length = measure(text)
    one, several = (160, 153) if length.encoding == "gsm" else (70, 67)
    assert 0 <= length.left <= one
    if length.parts > 1:
        lost = length.parts * several - length.left - length.characters
        assert 0 <= lost <= length.parts - 1  # at most one place at the end of each but the last
    else:
        assert length.characters + length.left == one


@no_app
def test_plain_changes_signs_that_telephones_write_and_nothing_else() -> None:
    assert plain("”Hej” – sa ‘hon’… en\u00a0gång\u202ftill\t«nu»") == '"Hej" - sa \'hon\'... en gång till "nu"'
    assert plain("a\r\nb\rc") == "a\nb\nc"
    assert plain("A\u030a") == "Å"
    for kept in (SWEDISH, "🫐 ć ł ý ß ´ ` • → ≥ {x} [y] ~ ^ | \\ €", "a-b; 3/4"):
        assert plain(kept) == kept
    assert outside_gsm(plain("”Hej” – på dig… 🫐 ć 🫐")) == "🫐ć"


@no_app
@given(st.text(max_size=200))
def test_plain_text_is_plain(text: str) -> None:
    assert plain(plain(text)) == plain(text)


def _in_the_browser(page: Page, function: str) -> list[Any]:
    """What the module's function says of each text."""
    page.goto("/")
    call = (
        f"async (texts) => {{ const its = await import('/static/sms_length.js'); return texts.map(its.{function}); }}"
    )
    return list(page.evaluate(call, TEXTS))


def test_the_browser_counts_as_the_server_does(browser_page: Page) -> None:
    assert _in_the_browser(browser_page, "measure") == [measure(text)._asdict() for text in TEXTS]
    assert _in_the_browser(browser_page, "plain") == [plain(text) for text in TEXTS]
    assert ["".join(signs) for signs in _in_the_browser(browser_page, "outsideGsm")] == list(map(outside_gsm, TEXTS))


FORM = """
<form id="writing">
  <label>Text <textarea id="words" name="text" data-sms-length data-sms-way="channel" data-sms-after=" 2026-10023"
    data-sms-said="{n} characters · {m} SMS" data-sms-longer="Longer because of {c}"></textarea></label>
  <label><input type="radio" name="channel" value="email" checked>E-mail</label>
  <label><input type="radio" name="channel" value="sms">SMS</label>
</form>
"""


def test_the_writer_is_told_the_length_while_sms_is_chosen(browser_page: Page) -> None:
    page = browser_page
    page.goto("/")
    page.evaluate("(form) => { document.querySelector('main').innerHTML = form; }", FORM)
    page.evaluate("() => import('/static/sms_length.js')")
    shown, spoken = page.locator("#writing .counter"), page.locator("#writing [role=status]")
    page.fill("#words", "Vi kommer på måndag – säkert…")
    assert shown.text_content() == ""
    page.check("input[value=sms]")
    assert shown.text_content() == "42 characters · 1 SMS"
    assert spoken.text_content() == ""
    page.fill("#words", "Vi kommer 🫐 $& " + "x" * 60)
    assert re.fullmatch(r"8\d characters · 2 SMS. Longer because of 🫐", shown.text_content() or "")
    page.wait_for_timeout(1200)  # a voice speaks when the typing rests
    assert spoken.text_content() == shown.text_content()
    page.check("input[value=email]")
    assert shown.text_content() == ""
