"""The resident's code: nobody guesses it, and whoever reads it aloud or types it is understood."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseflow.cases import codes

pytestmark = pytest.mark.no_app

CODES = st.text(codes.ALPHABET, min_size=codes.LENGTH, max_size=codes.LENGTH)


def test_a_code_has_more_than_128_random_bits() -> None:
    assert len(codes.ALPHABET) == len(set(codes.ALPHABET)) == 32
    assert codes.LENGTH * math.log2(len(codes.ALPHABET)) == 140
    made = [codes.new() for _ in range(3_000)]
    assert len(set(made)) == len(made) and {len(code) for code in made} == {codes.LENGTH}
    letters = Counter("".join(made))
    assert set(letters) == set(codes.ALPHABET)
    even = 3_000 * codes.LENGTH / 32
    assert all(0.85 * even < count < 1.15 * even for count in letters.values())


def test_letters_that_look_or_sound_like_others_are_left_out() -> None:
    assert not set("ILOU") & set(codes.ALPHABET)


def test_people_read_it_in_groups_of_four() -> None:
    assert codes.grouped("ABCDEFGHJKMNPQRSTVWXYZ012345") == "ABCD-EFGH-JKMN-PQRS-TVWX-YZ01-2345"


@given(CODES, st.sampled_from(("-", " ", " - ", "–", "\n", "\u00ad", "=\n", "")))
def test_a_code_is_known_again_however_it_was_typed(code: str, between: str) -> None:
    typed = between.join(code[start : start + 4] for start in range(0, len(code), 4))
    for variant in (typed, typed.lower(), f"  {typed}. ", codes.grouped(code)):
        assert codes.normalise(variant) == code


@given(CODES)
def test_look_alikes_are_forgiven(code: str) -> None:
    assert codes.normalise(code.replace("0", "O").replace("1", "l")) == code
    assert codes.normalise(code.replace("0", "o").replace("1", "I")) == code


@pytest.mark.parametrize("typed", ["", "   ", "----", "åäö", "\x00"])
def test_what_is_no_code_becomes_nothing(typed: str) -> None:
    assert codes.normalise(typed) == ""
