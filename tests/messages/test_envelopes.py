"""The window of an envelope, carried over to the sheet inside it."""

from typing import Any

import pytest

from caseflow.messages.envelopes import Box, Envelope

pytestmark = pytest.mark.no_app

# By hand, from the drawing: a C5 is 229 x 162, the sheet in it 210 x 148.5; a C65 is 229 x 114, the sheet 210 x 99.
PLACES = [
    (Envelope(), Box(113, 40, 194, 61.5), Box(94, 26.5, 210, 75)),
    (Envelope(name="C65 H2", format="C65"), Box(113, 40, 194, 60), Box(94, 25, 210, 75)),
    (Envelope(name="C5 V2", side="left"), Box(16, 40, 97, 61.5), Box(0, 26.5, 116, 75)),
    (Envelope(name="Swiss", width=80, height=31.5, edge=20, top=52), Box(129, 52, 190, 70), Box(110, 38.5, 209, 83.5)),
]


@pytest.mark.parametrize(("envelope", "safe", "exposed"), PLACES)
def test_finds_what_the_window_always_shows_and_what_it_can_ever_show(
    envelope: Envelope, safe: Box, exposed: Box
) -> None:
    assert envelope.safe_box == pytest.approx(safe)
    assert envelope.exposed_box == pytest.approx(exposed)


@pytest.mark.parametrize(("envelope", "safe", "exposed"), PLACES)
def test_the_safe_box_lies_in_the_window_wherever_the_sheet_slides(envelope: Envelope, safe: Box, exposed: Box) -> None:
    width, height = (229, 162) if envelope.format == "C5" else (229, 114)
    left = envelope.edge if envelope.side == "left" else width - envelope.edge - envelope.width
    for across in (0, width - 210):
        for down in (0, height - envelope.folds[0]):
            assert left <= safe.left + across and safe.right + across <= left + envelope.width
            assert envelope.top <= safe.top + down and safe.bottom + down <= envelope.top + envelope.height


def test_reads_a_municipalitys_configuration() -> None:
    given = {"name": "Our C65", "format": "C65", "side": "left", "width": 90, "height": 32.5, "edge": 20, "top": 45}
    assert Envelope.from_dict(given) == Envelope("Our C65", "C65", "left", 90, 32.5, 20, 45)
    assert Envelope.from_dict({}) == Envelope()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"format": "C4"}, "format must be one of C5, C65"),
        ({"side": "top"}, "side must be"),
        ({"width": "100"}, "width must be millimetres"),
        ({"top": -1}, "top must be millimetres"),
        ({"height": float("nan")}, "height must be millimetres"),
        ({"edge": True}, "edge must be millimetres"),
        ({"edge": 150}, "reaches outside a C5"),
        ({"format": "C65", "top": 90}, "reaches outside a C65"),
        ({"height": 20}, "81.0 x 6.5 mm is left"),
        ({"right": 16}, "unknown right"),
    ],
)
def test_refuses_an_envelope_that_cannot_be_and_says_why(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Envelope.from_dict(wrong)
