"""What is printed for the characters that people write."""

import pytest

from caseflow.messages.glyphs import REPLACEMENT, drawable, undrawable

pytestmark = pytest.mark.no_app


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Käthe, Đorđe, Łukasz, Ňuřa, Şükrü, Σοφία, Юлия", "Käthe, Đorđe, Łukasz, Ňuřa, Şükrü, Σοφία, Юлия"),
        ("A\u030asa", "Åsa"),
        ("ｆｕｌｌ ㎏ ⑳", "full kg 20"),
        ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
        ("a\tb\x00\x1b\u202e\ufeff\ufe0f\u200fc", "a    bc"),
        ("😀", REPLACEMENT),
        ("سلام", 4 * REPLACEMENT),
        ("\ud83d", REPLACEMENT),
        ("□", "□"),
    ],
)
def test_prints_what_the_font_can_draw(written: str, printed: str) -> None:
    assert drawable(written) == printed


def test_tells_which_characters_are_lost() -> None:
    assert undrawable("Hej 😀 Åsa 漢😀 □\n") == "😀漢"
