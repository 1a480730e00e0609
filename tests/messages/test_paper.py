"""Every envelope, language, address, length and equipment of a letter: what stands where on the paper, as pixels."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from itertools import groupby, product

import pytest
import typst
import zxingcpp
from PIL import Image, ImageChops, ImageFilter
from pypdf import PdfReader

from caseflow.messages import press, typesetting
from caseflow.messages.binding import bind
from caseflow.messages.envelopes import PROFILES, Envelope
from caseflow.messages.glyphs import FONTS
from tests.messages.printed import (
    BODY,
    LETTER,
    LOGO,
    QR,
    WITH_ALL,
    WORDS,
    Run,
    assert_conforms,
    pages_of,
    printed,
    runs_of,
    squeezed,
    text_of,
)

pytestmark = pytest.mark.no_app

PPI = 36
MARGIN = 5.0  # millimetres that office printers leave blank
ENVELOPES = [*PROFILES.values(), Envelope("C65 V2, moved", "C65", "left", offset_x=3.5, offset_y=-4)]
FINNISH_BODY = """Hei Åsa,

kiitos yhteydenotostasi. Katuvalon vika on kaapelissa, joten meidän on kaivettava katua sen korjaamiseksi.

Luimme myös ajatuksesi kahvilasta."""
TEXTS = {"sv": BODY, "en": "Dear Åsa,\n\nthank you for telling us about the street light.", "fi": FINNISH_BODY}
SHORT = LETTER.recipient
LONG = ("Maximiliana Konstantinopel-Österberg", "c/o Järnvägsgruppen", "Storgatan 14 lgh 1101", "612 30  FINSPÅNG")
# Of each language two letters: long address, five times the text, everything beside it. Every two of all these meet.
PAIRS = (
    {(False, False, False), (True, True, True)},
    {(False, True, True), (True, False, False)},
    {(True, False, True), (False, True, False)},
)
each_envelope = pytest.mark.parametrize("envelope", ENVELOPES, ids=lambda envelope: envelope.name)


@dataclass(frozen=True)
class Printed:
    what: str
    recipient: tuple[str, ...]
    pdf: bytes
    pages: list[Image.Image]
    first: list[Run]  # the text of the first page


@cache
def letters(envelope: Envelope) -> list[Printed]:
    """One of each kind in the envelope, drawn together, because starting Poppler is most of the work."""
    kinds = product(enumerate(WORDS.items()), enumerate((SHORT, LONG)), (1, 5), ({}, WITH_ALL))
    pdfs = {}
    for (place, (language, words)), (long, recipient), times, more in kinds:
        if (long, times > 1, bool(more)) not in PAIRS[place]:
            continue
        body = "\n\n".join([TEXTS[language]] * times)
        what = f"{language}, {recipient[0][:4]}, {times} times, {'all' if more else 'bare'}"
        pdfs[what] = (
            recipient,
            printed(envelope, language=language, words=words, recipient=recipient, body=body, **more),
        )
    bound = bind([(what, pdf) for what, (_, pdf) in pdfs.items()], duplex=False)
    pages = pages_of(bound.pdf, PPI)
    spans = {entry.reference: pages[entry.first_page - 1 :][: entry.pages] for entry in bound.entries}
    return [Printed(what, recipient, pdf, spans[what], runs_of(pdf, most=1)) for what, (recipient, pdf) in pdfs.items()]


def pixels(*millimetres: float) -> tuple[int, ...]:
    return tuple(round(length / 25.4 * PPI) for length in millimetres)


def is_white(page: Image.Image) -> bool:
    return page.getextrema() == (255, 255)


@each_envelope
def test_the_grid_has_letters_of_one_page_and_of_several(envelope: Envelope) -> None:
    assert len(letters(envelope)) == 6
    assert {len(letter.pages) > 1 for letter in letters(envelope)} == {True, False}


@each_envelope
def test_nothing_is_printed_where_printers_cannot(envelope: Envelope) -> None:
    for letter in letters(envelope):
        for number, page in enumerate(letter.pages, 1):
            margins = page.copy()
            left, top = pixels(MARGIN, MARGIN)
            margins.paste(255, (left, top, page.width - left, page.height - top))
            assert is_white(margins), f"page {number} of {letter.what}"
            assert not is_white(page)


@each_envelope
def test_the_window_can_show_nothing_but_the_address(envelope: Envelope) -> None:
    safe, exposed = pixels(*envelope.safe_box), pixels(*envelope.exposed_box)
    for letter in letters(envelope):
        window = letter.pages[0].copy()
        assert not is_white(window.crop(safe)), letter.what
        window.paste(255, safe)
        # A pixel at the edge may hold ink of either side.
        inside = (exposed[0] + 1, exposed[1] + 1, exposed[2] - 1, exposed[3] - 1)
        assert is_white(window.crop(inside)), letter.what


@each_envelope
def test_the_address_stands_where_it_should_to_half_a_millimetre(envelope: Envelope) -> None:
    safe = envelope.safe_box
    for letter in letters(envelope):
        seen = list(address_runs(letter, envelope))
        lines = [list(runs) for _, runs in groupby(seen, key=lambda run: run.top)]
        texts = [squeezed("".join(run.text for run in line)) for line in lines]
        assert texts == [squeezed(line) for line in letter.recipient], letter.what
        assert [line[0].left for line in lines] == pytest.approx([safe.left + 2] * len(lines), abs=0.5)
        middle = (seen[0].top + seen[-1].bottom) / 2
        assert middle == pytest.approx((safe.top + safe.bottom) / 2, abs=0.5), letter.what
        assert {run.size for run in seen} <= {10, 10.5, 11}, "21grams: 10 to 12 points"


def address_runs(letter: Printed, envelope: Envelope) -> Iterator[Run]:
    box = envelope.exposed_box
    for run in letter.first:
        if box.left < run.left < box.right and box.top < run.top < box.bottom:
            yield run


@each_envelope
def test_no_crease_runs_through_the_heading_or_what_stands_above_it(envelope: Envelope) -> None:
    for letter in letters(envelope):
        heading = next(number for number, run in enumerate(letter.first) if run.size == 15)
        above = [run for run in letter.first[: heading + 1] if run.size > 8.5 or run.top < 250]
        for fold in envelope.folds:
            assert not [run for run in above if run.top < fold < run.bottom], letter.what


@pytest.mark.parametrize("envelope", [PROFILES["C5 H2"], PROFILES["C65 V2"]], ids=lambda envelope: envelope.name)
def test_no_crease_runs_through_the_qr_code_and_every_phone_reads_it(envelope: Envelope) -> None:
    bodies = ["\n\n".join(["Hej"] * lines) for lines in range(1, 24, 2)]
    pdfs = [(str(number), printed(envelope, body=body, qr=QR)) for number, body in enumerate(bodies)]
    codes = [code for page in pages_of(bind(pdfs, duplex=False).pdf, 80) for code in qr_codes(page)]
    with_code = sum(b"/Figure" in pdf for _, pdf in pdfs)
    assert with_code >= 10 and [code.text for code in codes] == [QR] * with_code
    for code in codes:
        top, bottom = (place / 80 * 25.4 for place in (code.position.top_left.y, code.position.bottom_left.y))
        assert bottom - top == pytest.approx(24, abs=1)
        assert not any(top - 1 < fold < bottom + 1 for fold in envelope.folds), (top, bottom)


def test_a_qr_code_costs_no_page_and_leaves_the_last_lines_of_one_to_the_typed_code() -> None:
    told = []
    for lines in range(14, 24):
        bare, coded = (printed(body="\n".join(["Rad"] * lines), qr=qr) for qr in ("", QR))
        assert len(PdfReader(BytesIO(coded)).pages) <= len(PdfReader(BytesIO(bare)).pages)
        assert squeezed(LETTER.code) in squeezed(text_of(coded))
        told.append(b"/Figure" in coded)
    assert True in told and False in told


def qr_codes(page: Image.Image) -> list[zxingcpp.Barcode]:
    return zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode, try_rotate=False, try_invert=False)


def test_the_qr_code_is_read_even_from_a_poor_copy() -> None:
    page = pages_of(printed(qr=QR), 120)[0].point(lambda value: 90 + value // 3)
    copy = page.filter(ImageFilter.GaussianBlur(1)).rotate(7, fillcolor=255)
    assert [code.text for code in zxingcpp.read_barcodes(copy)] == [QR]


@each_envelope
def test_every_kind_of_letter_conforms_to_pdf_a_2a_and_pdf_ua_1(envelope: Envelope) -> None:
    for letter in letters(envelope)[::3]:
        assert_conforms(letter.pdf)


@pytest.mark.parametrize(
    ("envelope", "names"), [(PROFILES["C5 H2"], True), (PROFILES["C65 V2"], False)], ids=["C5 H2", "C65 V2"]
)
def test_a_logo_stands_at_the_top_with_or_without_the_name(envelope: Envelope, names: bool) -> None:
    pdf = printed(envelope, logo=replace(LOGO, names=names))
    large = [run for run in runs_of(pdf) if run.text == "Finspångs kommun" and run.size > 10]
    assert len(large) == (0 if names else 1)
    page = pages_of(pdf, PPI)[0]
    assert not is_white(page.crop(pixels(25, 10, 35, envelope.exposed_box.top)))
    bare = pages_of(printed(envelope), PPI)[0]
    assert ImageChops.difference(page, bare).getbbox() is not None
    below = pixels(0, 80, 210, 297)
    assert ImageChops.difference(page.crop(below), bare.crop(below)).getbbox() is None


def test_the_template_settles_whatever_the_length() -> None:
    """Typst gives up after five rounds, with a warning that is easily missed, and then things stand anywhere."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    compiler = typst.Compiler(str(press.TEMPLATES / "letter.typ"), root=str(press.TEMPLATES), font_paths=fonts)
    for lines in range(1, 60, 7):
        letter = replace(LETTER, body="\n".join(["Rad"] * lines), **WITH_ALL)
        for envelope in (PROFILES["C5 V2"], PROFILES["C65 H2"]):
            inputs = press.inputs(typesetting.contents(letter, envelope))
            _, warnings = compiler.compile_with_warnings(format="pdf", sys_inputs=inputs)
            assert [warning.message for warning in warnings] == []
