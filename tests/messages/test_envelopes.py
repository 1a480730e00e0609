"""The window of an envelope, carried over to the sheet inside it."""

from typing import Any

import pytest

from caseflow.messages.envelopes import PROFILES, Box, Envelope, choose, profiles

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
        ({"offset_x": "2"}, "offset_x must be millimetres from -15 to 15"),
        ({"offset_y": -15.5}, "offset_y must be millimetres from -15 to 15"),
        ({"offset_x": True}, "offset_x must be"),
        ({"offset_x": 13}, "126.0-207.0 mm across .* outside what can be printed"),
        ({"side": "left", "offset_x": -12}, "outside what can be printed"),
        ({"format": "C65", "top": 60}, "into the 150 x 30 mm of PostNord"),
    ],
)
def test_refuses_an_envelope_that_cannot_be_and_says_why(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Envelope.from_dict(wrong)


def test_the_calibrated_offset_moves_the_boxes_and_the_folds_with_the_address() -> None:
    plain, moved = Envelope(), Envelope(offset_x=2.5, offset_y=-3)
    shift = (2.5, -3, 2.5, -3)
    assert moved.safe_box == pytest.approx([a + b for a, b in zip(plain.safe_box, shift, strict=True)])
    assert moved.exposed_box == pytest.approx((96.5, 23.5, 210, 72))
    assert moved.folds == (145.5,)
    assert Envelope.from_dict({"offset_x": 2.5, "offset_y": -3}) == moved


def test_starts_from_four_windows_that_leave_postnords_zone_free() -> None:
    assert list(PROFILES) == ["C5 H2", "C5 V2", "C65 H2", "C65 V2"]
    for name, envelope in PROFILES.items():
        width, height = envelope.size
        assert envelope.name == name == f"{envelope.format} {'H2' if envelope.side == 'right' else 'V2'}"
        assert envelope.window.bottom <= height - 30 or envelope.window.right <= width - 150


def test_reads_a_municipalitys_list_of_envelopes_and_which_one_it_means() -> None:
    known = profiles([{"name": "Big", "top": 45}, {"name": "Small", "format": "C65", "offset_x": 1.5}])
    assert known == {"Big": Envelope("Big", top=45), "Small": Envelope("Small", "C65", offset_x=1.5)}
    assert choose("Small", known) is known["Small"]
    assert choose({"format": "C65"}, known) == Envelope(format="C65")
    assert profiles([]) == {}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": "Big"}, "a list of envelopes"),
        ("Big", "a list of envelopes"),
        ([{"name": "Big"}, "Small"], "number 2 must say name"),
        ([{"format": "C5"}], "number 1 needs a name"),
        ([{"name": " "}], "number 1 needs a name"),
        ([{"name": "Big"}, {"name": "Big"}], "two are named 'Big'"),
        ([{"name": "Big", "top": "40"}], "'Big': top must be"),
    ],
)
def test_refuses_a_list_of_envelopes_that_nobody_could_choose_from(wrong: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        profiles(wrong)


@pytest.mark.parametrize("chosen", ["C4", 5, None])
def test_refuses_an_envelope_that_is_not_known_and_names_those_that_are(chosen: object) -> None:
    with pytest.raises(ValueError, match="none of C5 H2, C5 V2"):
        choose(chosen, PROFILES)
