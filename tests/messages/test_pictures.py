"""Pictures on their way to Typst: logos, photos, QR codes."""

import re
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from caseflow.messages.pictures import Logo, framed, opened, qr_code
from tests.messages.printed import QR, SHIELD, assert_conforms, printed

pytestmark = pytest.mark.no_app


def image(kind: str, mode: str = "RGB", size: tuple[int, int] = (40, 20)) -> bytes:
    out = BytesIO()
    Image.new(mode, size).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("url", [QR, "https://a.se", "https://example.org/" + "x" * 180])
def test_a_qr_code_says_its_address_to_a_reader_that_we_did_not_write(url: str) -> None:
    svg = qr_code(url)
    modules = int(re.findall(r'viewBox="0 0 (\d+) \1"', svg)[0])
    drawn = Image.new("L", (modules * 4 + 32, modules * 4 + 32), 255)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg):
        left, top = int(x) * 4 + 16, int(y) * 4 + 16
        ImageDraw.Draw(drawn).rectangle((left, top, left + int(width) * 4 - 1, top + 3), fill=0)
    assert [code.text for code in zxingcpp.read_barcodes(drawn)] == [url]


def test_refuses_an_address_that_would_be_too_fine_to_print() -> None:
    with pytest.raises(ValueError, match="more than 200 octets"):
        qr_code("https://example.org/" + "x" * 181)


def test_refuses_an_address_that_readers_would_misread() -> None:
    with pytest.raises(ValueError, match="ASCII"):
        qr_code("https://ärende.example.org")


@pytest.mark.parametrize(
    "logo", [SHIELD, b"\xef\xbb\xbf" + SHIELD, image("PNG"), image("PNG", "RGBA"), image("PNG", "P"), image("PNG", "1")]
)
def test_a_logo_is_an_svg_or_a_png_and_the_letter_conforms_with_it(logo: bytes) -> None:
    assert_conforms(printed(logo=Logo(logo, "Finspångs kommun")))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"alt": " "}, "who cannot see it"),
        ({"image": b"GIF89a"}, "must be an SVG or a PNG"),
        ({"image": image("JPEG")}, "must be an SVG or a PNG"),
        ({"image": image("PNG")[:20]}, "no readable"),
        ({"image": SHIELD + b" " * 500_000}, "at most 500 kB"),
    ],
)
def test_refuses_a_logo_that_could_not_be_printed(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Logo(**{"image": SHIELD, "alt": "Finspångs kommun"} | wrong)


@pytest.mark.parametrize("svg", [b"<svg", b"<svg></svg", b"<svg xmlns='x'><g></svg>"])
def test_a_letter_whose_logo_is_broken_inside_is_refused_in_words(svg: bytes) -> None:
    with pytest.raises(ValueError, match="no readable SVG"):
        printed(logo=Logo(svg, "Finspångs kommun"))


@pytest.mark.parametrize("href", ["/etc/hostname", "letter.typ", "../messages/letter.typ", "https://example.org/a.png"])
def test_a_logo_can_fetch_nothing(href: str) -> None:
    image = f'<image href="{href}" width="9" height="9"/>'
    logo = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{image}</svg>'.encode()
    with pytest.raises(ValueError, match="may not fetch another"):
        printed(logo=Logo(logo, "x"))


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG", b"\xff\xd8\xff", b"%PDF-1.7", image("PNG")[:30], image("GIF", "P")]
)
def test_refuses_what_is_no_picture(content: bytes) -> None:
    with pytest.raises(ValueError, match="no readable JPEG or PNG"):
        opened(content)


@pytest.mark.parametrize(("side", "why"), [(8_000, "more than 60 million pixels"), (20_000, "no readable")])
def test_refuses_a_picture_that_would_fill_the_memory(side: int, why: str) -> None:
    bomb = image("PNG", "1", (side, side))
    assert len(bomb) < 100_000
    with pytest.raises(ValueError, match=why):
        framed(bomb)
