"""Addresses before a letter is sent to them."""

import pytest

from caseflow.messages.envelopes import PROFILES, Envelope
from caseflow.messages.postal import Code, Problem, problems
from tests.messages.printed import C5, LETTER, printed

pytestmark = pytest.mark.no_app

STREET = "Kungliga Järnvägsstyrelsens gamla allé 114 lgh 1101 uppgång C"


@pytest.mark.parametrize(
    "lines",
    [
        LETTER.recipient,
        ("Åsa", "612 30  FINSPÅNG"),
        ("Åsa", "61230 FINSPÅNG"),
        ("Åsa", "c/o Järnvägsgruppen", "Box 12", "612 30  Ö"),
        ("Aino", "Mannerheimintie 1 A 2", "FI-00100  HELSINGFORS"),
        ("John", "1 High Street", "GB-SW1A 1AA  LONDON"),
    ],
)
@pytest.mark.parametrize("envelope", PROFILES.values(), ids=PROFILES)
def test_finds_nothing_wrong_with_an_address_that_may_be_sent(lines: tuple[str, ...], envelope: Envelope) -> None:
    assert problems(lines, envelope) == []


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (("Åsa",), [Problem("few"), Problem("postcode", 0, "Åsa")]),
        ((), [Problem("few")]),
        (("", " "), [Problem("few"), Problem("empty", 0), Problem("empty", 1)]),
        (("Åsa", "", "Storgatan 1", "612 30  X"), [Problem("empty", 1)]),
        (("a", "b", "c", "d", "e", "612 30  X"), [Problem("many")]),
        (("Åsa", "Storgatan 1", "612 3 X"), [Problem("postcode", 2, "612 3 X")]),
        (("Åsa", "Storgatan 1", "612 300  X"), [Problem("postcode", 2, "612 300  X")]),
        (("Åsa", "Storgatan 1", "612 30"), [Problem("postcode", 2, "612 30")]),
        (("Åsa", "Storgatan 1", "FINSPÅNG"), [Problem("postcode", 2, "FINSPÅNG")]),
        (("Åsa", "(bakgården)", "612 30  X"), [Problem("leading", 1, "(bakgården)")]),
        (("Åsa", "<Storgatan 1", "612 30  X"), [Problem("leading", 1, "<Storgatan 1")]),
        (("Åsa 😀", "漢 1", "612 30  X"), [Problem("unprintable", text="😀漢")]),
        (("Åsa", STREET, "612 30  X"), [Problem("wide", 1, STREET)]),
        (("Å" * 900, "612 30  X"), [Problem("no_room"), Problem("wide", 0, "Å" * 900)]),
    ],
)
def test_says_what_is_wrong_and_in_which_line(lines: tuple[str, ...], found: list[Problem]) -> None:
    assert problems(lines, C5) == found


def test_abroad_the_country_comes_last_and_the_place_is_written_as_there() -> None:
    lines = ("Åsa", "1 Main Street", "SPRINGFIELD IL 62701", "USA")
    assert [problem.code for problem in problems(lines, C5)] == ["postcode"]
    assert problems(lines, C5, abroad=True) == []


def test_a_narrower_window_has_room_for_shorter_lines() -> None:
    line, narrow = "Kungliga Järnvägsstyrelsens gamla allé 11", Envelope(width=80)
    lines = ("Åsa", line, "612 30  FINSPÅNG")
    assert problems(lines, C5) == []
    assert problems(lines, narrow) == [Problem("wide", 1, line)]


@pytest.mark.parametrize("code", ["few", "many", "no_room"])
def test_what_blocks_a_letter_is_what_the_letter_would_refuse(code: Code) -> None:
    wrong = {"few": ("Åsa",), "many": ("x",) * 6, "no_room": ("Å" * 900, "612 30  X")}[str(code)]
    assert code in {problem.code for problem in problems(wrong, C5) if problem.blocks}
    with pytest.raises(ValueError, match=r"2 to 5 lines|too long"):
        printed(recipient=wrong)


def test_what_does_not_block_a_letter_is_printed() -> None:
    lines = ("(Åsa)", STREET, "Finspång")
    assert {problem.code for problem in problems(lines, C5)} == {"leading", "wide", "postcode"}
    assert not any(problem.blocks for problem in problems(lines, C5))
    assert printed(recipient=lines).startswith(b"%PDF")
