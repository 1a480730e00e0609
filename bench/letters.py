"""How many letters one worker process sets in a second, as ratios of a bare Typst page: `python -m bench.letters`."""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import NamedTuple

import typst
from PIL import Image
from rich.console import Console
from rich.table import Table

from caseflow.messages.binding import bind
from caseflow.messages.enclosures import printable
from caseflow.messages.envelopes import PROFILES
from caseflow.messages.glyphs import FONTS
from caseflow.messages.typesetting import Letter, Logo, Words, typeset

WARM_UP, TARGET = 5, 30
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
BARE = '#set document(title: "x")\n#set text(font: "Source Sans 3", lang: "sv")\n#sys.inputs.number'
PARAGRAPH = "Tack för att du hörde av dig om gatlyktan {0}. Felet ligger i kabel {0}, så vi gräver för att laga den. "
LETTER = Letter(
    language="sv",
    sender_name="Finspångs kommun",
    sender_lines=("Bergslagsvägen 13–15", "612 80 Finspång"),
    sender_contact=("08-465 004 00", "kommun@example.org"),
    recipient=("Åsa Öström-Lindqvist", "Storgatan 14 lgh 1101", "612 30  FINSPÅNG"),
    case_number="2026-10023",
    date="måndag 23 november 2026",
    subject="Trasig gatlykta",
    body=PARAGRAPH,
    closing="Med vänlig hälsning",
    signature_name="Anna Ekström",
    signature_department="Samhällsbyggnad",
    words=Words("Ärende", "Datum", "Handläggare", "Sida %(page)s (%(pages)s)", "Bilagor:", "QR-kod till din sida"),
    link="https://arende.example.org/case/",
    code="7KQ2 M9XD 4TFA H3WN P2VB 9RCT 4XYZ",
    link_note="Läs och skriv i ditt ärende på den här adressen:",
)
SHIELD = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 72">
<path d="M2 2h56v38c0 18-14 26-28 30C16 66 2 58 2 40z" fill="#0b5d52"/></svg>"""
_numbers = itertools.count()


class Times(NamedTuple):
    """Medians in seconds: by the clock, and of the processor's time, which other work on the machine hardly changes."""

    clock: float
    processor: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=90, help="of each kind, every one with its own text")
    count = parser.parse_args().letters
    _print(_measure(count), count)


def _measure(count: int) -> dict[str, Times]:
    """Median times of each thing, in the order of the table; the first is the measure of the others."""
    bare = _bare()
    photo = _photo()
    bound, long = [(str(number), _set(1)) for number in range(60)], _set(40)
    return {
        "a bare page": _median(bare, count),
        "a letter of one page": _median(lambda: _set(2), count),
        "with QR code and logo": _median(lambda: _set(2, whole=True), count),
        "of three pages, the same": _median(lambda: _set(40, whole=True), count),
        "an attached photo of 12 MP": _median(lambda: printable("a.jpg", photo, language="sv", at=AT), 9),
        "an attached PDF, three pages": _median(lambda: printable("a.pdf", long, language="sv", at=AT), 30),
        "binding 60 letters": _median(lambda: bind(bound), 5),
    }


def _bare() -> Callable[[], object]:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])

    def page() -> object:
        compiler = typst.Compiler(BARE.encode(), font_paths=fonts, sys_inputs={"number": str(next(_numbers))})
        return compiler.compile(format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=int(AT.timestamp()))

    return page


def _set(paragraphs: int, *, whole: bool = False) -> bytes:
    """A letter that was never set before: its number stands in every sentence, so that nothing can be remembered."""
    number = next(_numbers)
    body = "\n\n".join(PARAGRAPH.format(f"{number}-{place}") * 3 for place in range(paragraphs))
    letter = replace(LETTER, case_number=f"2026-{number:05}", subject=f"Trasig gatlykta {number}", body=body)
    if whole:
        qr = f"{letter.link}7KQ2M9XD4TFAH3WNP2VB9{number:07}"
        logo, names = Logo(SHIELD, "Finspångs kommuns vapen"), ("Karta.pdf", "lyktstolpe.jpg")
        letter = replace(letter, qr=qr, logo=logo, attachments=names)
    return typeset(letter, PROFILES["C5 H2"], at=AT)


def _photo() -> bytes:
    out = BytesIO()
    Image.effect_noise((4000, 3000), 40).convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue()


def _median(act: Callable[[], object], count: int) -> Times:
    for _ in range(min(WARM_UP, count)):
        act()
    rounds = [_timed(act) for _ in range(count)]
    return Times(*(statistics.median(times) for times in zip(*rounds, strict=True)))


def _timed(act: Callable[[], object]) -> Times:
    clock, processor = time.perf_counter(), time.process_time()
    act()
    return Times(time.perf_counter() - clock, time.process_time() - processor)


def _print(medians: dict[str, Times], count: int) -> None:
    table = Table(title=f"Medians of {count} distinct letters of a kind in one process; aim: {TARGET} a second")
    for heading in ("what", "ms", "a second", "CPU ms", "times the bare page"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    unit = next(iter(medians.values())).processor
    for what, (clock, processor) in medians.items():
        table.add_row(
            what, f"{clock * 1000:.1f}", f"{1 / clock:.0f}", f"{processor * 1000:.1f}", f"{processor / unit:.1f}"
        )
    Console().print(table)


if __name__ == "__main__":
    main()
