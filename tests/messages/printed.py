"""A letter to change and print, and its PDF read back: each run of text with the place of its ink in millimetres."""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from typing import Any

import page
import pdfua
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ContentStream

from caseflow.messages.typesetting import Envelope, Language, Letter, Logo, Words, typeset
from tests.foreign import program

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
SWEDISH = Words("Ärende", "Datum", "Handläggare", "Sida %(page)s (%(pages)s)", "Bilagor:", "QR-kod till din sida")
ENGLISH = Words("Case", "Date", "Caseworker", "Page %(page)s (%(pages)s)", "Enclosures:", "QR code to your page")
FINNISH = Words("Asia", "Päivämäärä", "Käsittelijä", "Sivu %(page)s (%(pages)s)", "Liitteet:", "QR-koodi sivullesi")
WORDS: dict[Language, Words] = {"sv": SWEDISH, "en": ENGLISH, "fi": FINNISH}
BODY = """Hej Åsa,

tack för att du hörde av dig om gatlyktan. Felet ligger i kabeln, så vi behöver gräva för att laga den.

Det här behöver du veta:
– Gatan är öppen för bilar.
– Hållplatsen flyttas 80 meter.

Idén om ett café vid Övre torget har vi också läst."""
LETTER = Letter(
    language="sv",
    sender_name="Finspångs kommun",
    sender_lines=("Bergslagsvägen 13–15", "612 80 Finspång"),
    sender_contact=("08-465 004 00", "kommun@example.org", "www.example.org"),
    recipient=("Åsa Öström-Lindqvist", "Storgatan 14 lgh 1101", "612 30  FINSPÅNG"),
    case_number="KC-26110042",
    date="måndag 23 november 2026",
    subject="Trasig gatlykta vid Bergslagsvägen",
    body=BODY,
    closing="Med vänlig hälsning",
    signature_name="Anna Ekström",
    signature_department="Samhällsbyggnad",
    words=SWEDISH,
    link="https://arende.example.org/case",
    code="7KQ2 M9XD 4TFA H3WN",
    link_note="Följ ärendet på webben. Skriv in koden:",
)
C5 = Envelope()
QR = "https://arende.example.org/case/7KQ2M9XD4TFAH3WNP2VB9RCT4XYZ"
SHIELD = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 72">
<path d="M2 2h56v38c0 18-14 26-28 30C16 66 2 58 2 40z" fill="#0b5d52"/>
<path d="M30 14l14 26H16z" fill="#f2c46d"/></svg>"""
LOGO = Logo(SHIELD, "Finspångs kommuns vapen")
WITH_ALL: dict[str, Any] = {"qr": QR, "logo": LOGO, "attachments": ("Karta över gatan.pdf", "lyktstolpe.jpg")}

POINT = 25.4 / 72
RISE, FALL = 0.89, 0.25  # of the type size: the ring of Å, the tail of g


@dataclass(frozen=True)
class Run:
    page: int
    text: str
    size: float  # points
    left: float
    top: float
    right: float
    bottom: float


def printed(envelope: Envelope = C5, **changes: Any) -> bytes:
    return typeset(replace(LETTER, **changes), envelope, at=AT)


def pages_of(pdf: bytes, ppi: int) -> list[Image.Image]:
    """Its pages in grey, drawn by Poppler."""
    drawn = subprocess.run(
        [program("pdftoppm", "poppler-utils"), "-gray", "-r", str(ppi), "-"], input=pdf, capture_output=True, check=True
    )
    pages, rest = [], drawn.stdout
    while rest:
        header = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", rest)
        assert header is not None
        (width, height), rest = map(int, header.groups()), rest[header.end() :]
        pages.append(Image.frombytes("L", (width, height), rest[: width * height]))
        rest = rest[width * height :]
    return pages


def squeezed(text: str) -> str:
    return "".join(text.split()).replace("\u00ad", "")


def assert_conforms(pdf: bytes) -> None:
    """It is the PDF/A-2a and PDF/UA-1 that it says it is, to a validator with veraPDF's rules and to a second one."""
    failures = [one for profile in ("2a", "ua1") for one in page.validate_pdf_bytes(pdf, profile=profile).failures]
    # page-validation 0.11.0 miscounts a stream whose last octet is a carriage return, so these are counted here.
    found = {(one.rule_id, one.message) for one in failures if not one.rule_id.endswith("STREAM-LENGTH-001")}
    assert found == set()
    for stream in re.finditer(rb"/Length (\d+)[^>]*>>\s*stream\n", pdf):
        assert pdf[stream.end() + int(stream[1]) :].startswith(b"\nendstream")
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        assert list(pdfua.validate(file.name).findings) == []


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


@lru_cache(maxsize=64)
def runs_of(pdf: bytes, most: int | None = None) -> list[Run]:
    """Every run of text of the first `most` pages; the text area's own transformations are those that Typst writes."""
    reader = PdfReader(BytesIO(pdf))
    return [run for number, page in enumerate(reader.pages[:most], 1) for run in _runs(reader, page, number)]


def _runs(reader: PdfReader, page: Any, number: int) -> Iterator[Run]:
    fonts = {name: _Font(font) for name, font in page["/Resources"]["/Font"].items()}
    height = float(page.mediabox.height)
    saved: list[tuple[float, float, bool]] = []
    x, y, to_scale = 0.0, 0.0, True  # a picture is drawn in units of its own
    for operands, operator in ContentStream(page.get_contents(), reader).operations:
        match operator:
            case b"q":
                saved.append((x, y, to_scale))
            case b"Q":
                x, y, to_scale = saved.pop()
            case b"cm":
                to_scale = to_scale and [abs(part) for part in operands[:4]] == [1, 0, 0, 1]
                x, y = x + float(operands[4]), y + float(operands[5])
            case b"Tf":
                font, size = fonts[operands[0]], float(operands[1])
            case b"Tm":
                shift = float(operands[4])
            case b"TJ" | b"Tj":
                assert to_scale, "only shifts and a flipped y are read here"
                text, width = font.read(operands[0] if operator == b"TJ" else operands)
                left, base = x + shift, height - y
                ink = (left, base - RISE * size, left + width * size / 1000, base + FALL * size)
                yield Run(number, text, size, *(POINT * place for place in ink))
            case b"Td" | b"TD" | b"T*" | b"'" | b'"' | b"Ts":
                raise AssertionError(f"{operator!r} is not read here: the places would be wrong")


class _Font:
    """The widths (thousandths of the size) and characters of a font whose codes are two bytes."""

    def __init__(self, font: Any) -> None:
        self.widths: dict[int, float] = {}
        ranges = list(font["/DescendantFonts"][0]["/W"])
        for first, last, width in zip(ranges[::3], ranges[1::3], ranges[2::3], strict=True):
            self.widths |= dict.fromkeys(range(int(first), int(last) + 1), float(width))
        pairs = re.findall(r"^<(\w{4})> <(\w+)>$", font["/ToUnicode"].get_data().decode(), re.MULTILINE)
        self.characters = {int(code, 16): bytes.fromhex(text).decode("utf-16-be") for code, text in pairs}

    def read(self, parts: list[Any]) -> tuple[str, float]:
        text, width = "", 0.0
        for part in parts:
            if isinstance(part, int | float):
                width -= float(part)
                continue
            raw = part.original_bytes
            codes = [int.from_bytes(raw[i : i + 2], "big") for i in range(0, len(raw), 2)]
            text += "".join(self.characters[code] for code in codes)
            width += sum(self.widths[code] for code in codes)
        return text, width
