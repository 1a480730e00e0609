"""What the window of the envelope shows, and where else on the sheet anything stands."""

from itertools import pairwise

import pytest

from caseflow.messages.envelopes import Box, Envelope
from tests.messages.printed import BODY, C5, LETTER, Run, printed, runs_of, squeezed

pytestmark = pytest.mark.no_app

LONG_NAME = "Maximiliana Alexandra Konstantinopolitanskaja-Österberg von Hohenstauffen-Wittel"
RECIPIENTS = {
    "ordinary": LETTER.recipient,
    "two lines": ("Åsa Öberg", "612 30  FINSPÅNG"),
    "five lines": ("Åsa Öström", "c/o Järnvägsgruppen", "Storgatan 14 lgh 1101", "00100  HELSINGFORS", "FINLAND"),
    "long name": (LONG_NAME, "c/o Järnvägsgruppen", "Storgatan 14 lgh 1101", "00100  HELSINGFORS", "FINLAND"),
    "one long word": ("W" * 80, "Kommunfullmäktigesammanträdesgatan 14", "612 30  FINSPÅNG"),
}
LARGEST = ("five lines", "one long word")
ENVELOPES = [
    C5,
    Envelope(name="C65 H2", format="C65"),
    Envelope(name="C5 V2", side="left"),
    Envelope(name="C65 V2", format="C65", side="left"),
    Envelope(name="small and low", width=80, height=31.5, edge=20, top=60),
    Envelope(name="as wide as the sheet", width=180, edge=20),
    Envelope(name="at the top", width=120, top=18),
    Envelope(name="at the top, as wide as the sheet", width=180, edge=20, top=18),
]


def overlaps(run: Run, box: Box) -> bool:
    return run.left < box.right and run.right > box.left and run.top < box.bottom and run.bottom > box.top


@pytest.mark.parametrize(
    ("envelope", "name"),
    [
        (envelope, name)
        for envelope in ENVELOPES
        for name in (RECIPIENTS if envelope is C5 else ("five lines", "one long word"))
    ],
    ids=lambda it: it if isinstance(it, str) else it.name,
)
def test_the_window_shows_the_whole_address_and_nothing_else(envelope: Envelope, name: str) -> None:
    recipient = RECIPIENTS[name]
    safe, runs = envelope.safe_box, [run for run in runs_of(printed(envelope, recipient=recipient)) if run.page == 1]
    seen = [run for run in runs if overlaps(run, envelope.exposed_box)]
    assert squeezed("".join(run.text for run in seen)) == squeezed("".join(recipient))
    for run in seen:
        assert safe.left <= run.left and run.right <= safe.right, run
        assert safe.top <= run.top and run.bottom <= safe.bottom, run


def test_an_ordinary_address_is_set_large_and_close_with_the_two_spaces_of_the_post() -> None:
    runs = {run.text: run for run in runs_of(printed())}
    lines = [runs[line] for line in LETTER.recipient]
    assert [run.size for run in lines] == [11, 11, 11]
    assert [run.left for run in lines] == pytest.approx([115, 115, 115], abs=0.01)
    assert all(3.5 < below.top - above.top < 5.5 for above, below in pairwise(lines))


def test_a_long_line_of_an_address_gets_a_little_smaller_before_it_is_wrapped() -> None:
    street = "Kungliga Järnvägsstyrelsens gamla allé 114 lgh 1101"
    run = next(run for run in runs_of(printed(recipient=("Åsa", street, "612 30  X"))) if run.text == street)
    assert 10 <= run.size < 11


@pytest.mark.parametrize("envelope", ENVELOPES[:4], ids=lambda envelope: envelope.name)
def test_even_five_lines_of_80_characters_fit_the_windows_that_we_start_from(envelope: Envelope) -> None:
    safe, letters = envelope.safe_box, squeezed(LONG_NAME)
    runs = [run for run in runs_of(printed(envelope, recipient=(LONG_NAME,) * 5)) if overlaps(run, safe)]
    assert squeezed("".join(run.text for run in runs)) == letters * 5
    assert all(safe.top <= run.top and run.bottom <= safe.bottom and run.right <= safe.right for run in runs)


def test_an_address_that_can_fit_in_no_size_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        printed(recipient=("Å" * 900, "612 30  FINSPÅNG"))


@pytest.mark.parametrize("envelope", [C5, ENVELOPES[5], ENVELOPES[7]], ids=lambda envelope: envelope.name)
def test_nothing_runs_out_of_the_margins_or_into_other_text(envelope: Envelope) -> None:
    name = "Räddningstjänstförbundet Mellersta Östergötlands och Södermanlands gemensamma myndighetsförbund"
    long = f"https://example.org/{'å' * 80} {'x' * 120} {'Kommunfullmäktigesammanträdesprotokollsjusterings' * 3}"
    pdf = printed(
        envelope,
        sender_name=name,
        sender_contact=(f"{'a' * 60}@example.org", "b", "c"),
        subject=f"{'Överklagande' * 9} {'W' * 60}",
        body=f"{long}\n\n{BODY}",
        signature_name=name,
        link=f"https://example.org/{'W' * 60}",
    )
    runs = runs_of(pdf)
    inside = [run for run in runs if not overlaps(run, envelope.exposed_box) or run.page > 1]
    for run in inside:
        # A space at a line's end hangs in the margin and has no ink.
        right = run.right - (1.2 if run.text.endswith(" ") else 0)
        assert run.left >= 24.99 and right <= 190.01 and run.top >= 11 and run.bottom <= 286, run
    for one in inside:
        assert not any(other is not one and collides(one, other) for other in inside), one


def collides(one: Run, other: Run) -> bool:
    """Whether two runs lie over each other by more than the air that their boxes contain."""
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return one.page == other.page and across > 1 and down > 0.4 * min(one.bottom - one.top, other.bottom - other.top)
