"""The page with which a municipality fits the letters to its envelopes, read back."""

from dataclasses import asdict, replace
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from caseflow.messages.calibration import Guide, calibration
from caseflow.messages.envelopes import PROFILES, Envelope
from tests.messages.printed import AT, C5, Run, assert_conforms, pages_of, runs_of, squeezed, text_of

pytestmark = pytest.mark.no_app

SWEDISH = Guide(
    language="sv",
    title="Anpassa breven till kuverten",
    intro="Varje skrivare lägger sidan lite olika, och två sorters kuvert är sällan lika.",
    steps=(
        "Skriv ut sidan i 100 %, utan anpassning till pappret. Linjen här under ska vara precis 100 mm.",
        "Vik längs de streckade linjerna med texten utåt och lägg sidan i kuvertet.",
        "Knacka kuvertets vänstra kant och sedan dess underkant i bordet.",
        "Läs av den övre skalan vid fönstrets vänstra kant och den högra vid dess underkant, med minustecken.",
        "Skriv in båda talen i kuvertets inställningar. De ersätter de gamla.",
    ),
    across="Åt höger",
    down="Nedåt",
    ruler="Precis 100 mm, annars har sidan skalats om",
    fold="vik här",
    safe="syns alltid",
    exposed="syns när sidan glider",
    sample=("Åsa Öström-Lindqvist", "c/o Järnvägsgruppen", "Storgatan 14 lgh 1101", "612 30  FINSPÅNG"),
)
each_envelope = pytest.mark.parametrize("envelope", PROFILES.values(), ids=PROFILES)


def page(envelope: Envelope = C5, **changes: Any) -> bytes:
    return calibration(envelope, replace(SWEDISH, **changes), at=AT)


@cache
def runs(envelope: Envelope) -> list[Run]:
    return runs_of(page(envelope))


@each_envelope
def test_the_page_conforms_says_all_its_words_and_is_one(envelope: Envelope) -> None:
    pdf = page(envelope)
    assert_conforms(pdf)
    reader = PdfReader(BytesIO(pdf))
    assert len(reader.pages) == 1
    text = squeezed(text_of(pdf))
    for value in asdict(SWEDISH).values():
        for words in [value] if isinstance(value, str) else value:
            assert words == "sv" or squeezed(words) in text
    assert envelope.name in reader.pages[0].extract_text()


@each_envelope
def test_the_sample_stands_in_the_safe_box_as_in_a_letter(envelope: Envelope) -> None:
    safe = envelope.safe_box
    lines = [run for run in runs(envelope) if run.text in SWEDISH.sample]
    assert len(lines) == 4
    for run in lines:
        assert run.left == pytest.approx(safe.left + 2, abs=0.1)
        assert safe.top <= run.top and run.bottom <= safe.bottom and run.right <= safe.right


def numbers(runs: list[Run], size: float) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    for run in runs:
        if run.size == size and run.text.lstrip("−").isdigit():
            found.setdefault(run.text, []).append(run)
    return found


@each_envelope
def test_the_scales_read_0_where_the_window_should_begin_and_millimetres_from_there(envelope: Envelope) -> None:
    safe, scale = envelope.safe_box, numbers(runs(envelope), 8)
    upper, lower = scale["0"]
    assert (upper.left + upper.right) / 2 == pytest.approx(safe.left, abs=0.3)
    assert (lower.top + lower.bottom) / 2 == pytest.approx(safe.bottom, abs=0.6)
    for text in ("−5", "5", "10"):
        across, down = scale[text]
        value = int(text.replace("−", "-"))
        assert (across.left + across.right) / 2 - safe.left == pytest.approx(value, abs=0.3)
        assert down.top - lower.top == pytest.approx(value, abs=0.05)


@each_envelope
def test_both_scales_are_seen_in_the_window_when_the_page_lies_in_the_lower_left_corner(envelope: Envelope) -> None:
    (_width, height), window = envelope.size, envelope.window
    down = height - envelope.folds[0]
    seen = (window.left, window.top - down, window.right, window.bottom - down)
    upper, lower = numbers(runs(envelope), 8)["0"]
    assert seen[1] <= upper.top and seen[0] - 2 <= upper.left and upper.right <= seen[2]
    assert seen[0] <= lower.left and lower.right <= seen[2]
    assert seen[0] == envelope.safe_box.left and seen[3] == envelope.safe_box.bottom


@each_envelope
def test_the_rulers_count_the_sheets_millimetres(envelope: Envelope) -> None:
    marks = numbers(runs(envelope), 7.5)
    across = {int(text): run for text, runs in marks.items() for run in runs if run.top < 15 and int(text) < 200}
    down = {int(text): run for text, runs in marks.items() for run in runs if run.top > 15}
    assert set(across) == set(range(20, 200, 10)) and set(down) == set(range(20, 290, 10))
    assert all((run.left + run.right) / 2 == pytest.approx(place, abs=0.3) for place, run in across.items())
    assert all((run.top + run.bottom) / 2 == pytest.approx(place, abs=0.7) for place, run in down.items())


@each_envelope
def test_nothing_is_drawn_where_printers_cannot_or_under_a_fold(envelope: Envelope) -> None:
    pdf = page(envelope)
    sheet = pages_of(pdf, 72)[0]
    left, top = (round(5 / 25.4 * 72),) * 2
    sheet.paste(255, (left, top, sheet.width - left, sheet.height - top))
    assert sheet.getextrema() == (255, 255)
    for run in runs(envelope):
        ruler = run.size == 7.5 and run.text.isdigit()
        assert ruler or not any(run.top < fold < run.bottom for fold in envelope.folds), run


def test_the_line_of_100_mm_is_100_mm() -> None:
    sheet = pages_of(page(), 254)[0]  # ten pixels a millimetre
    label = next(run for run in runs(C5) if run.text == SWEDISH.ruler)
    row = round(label.top * 10) - 20
    # From the middle of the line to where it ends on either side; the fold's dashes are lighter and below it.
    strips = [
        sheet.crop((200, y, 1900, y + 1)).point(lambda grey: 255 * (grey < 90)).getbbox() for y in range(row - 30, row)
    ]
    assert max(right - left for left, _, right, _ in filter(None, strips)) == pytest.approx(1000, abs=6)


def test_the_present_offset_changes_nothing_because_the_numbers_replace_it() -> None:
    assert page(Envelope(offset_x=4, offset_y=-3)) == page(Envelope())


def test_what_it_is_told_is_printed_as_it_is_and_refused_where_it_cannot_be() -> None:
    text = squeezed(text_of(page(intro='#read("x") *b*', steps=("#panic()", "= a"), across="$x$")))
    for words in ('#read("x")*b*', "#panic()", "=a", "$x$"):
        assert words in text
    with pytest.raises(ValueError, match="2 to 5 lines"):
        replace(SWEDISH, sample=("Åsa",))
    with pytest.raises(ValueError, match="time zone"):
        calibration(C5, SWEDISH, at=AT.replace(tzinfo=None))
