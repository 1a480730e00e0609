"""Pictures for Typst, each as the text of an SVG: a logo, a photo, a QR code. No file is named, none is read."""

from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO

import segno
from PIL import Image, UnidentifiedImageError

QR_LIMIT = 200  # octets of an address; a longer one makes modules under 0.4 mm at the letter's 24 mm
LOGO_LIMIT = 500_000  # octets
PIXEL_LIMIT = 60_000_000  # a camera's photo has up to 50 million; more is a bomb
KINDS = {"PNG": "png", "JPEG": "jpeg"}


@dataclass(frozen=True)
class Logo:
    """The municipality's logo as a letterhead: an SVG or a PNG, and in `alt` what it says to who cannot see it.

    `names` says that the logo itself shows the sender's name; otherwise the name is printed beside it. An SVG's texts
    should be outlines: only the letter's own font is there to draw them. ValueError: no alt text, or no such picture.
    """

    image: bytes
    alt: str
    names: bool = False

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise ValueError("a logo needs a text for those who cannot see it")
        if len(self.image) > LOGO_LIMIT:
            raise ValueError(f"a logo may have at most {LOGO_LIMIT // 1000} kB")
        if not self.svg:
            raise ValueError("a logo must be an SVG or a PNG")

    @property
    def svg(self) -> str:
        if self.image.startswith(b"\x89PNG"):
            return framed(self.image)
        text = self.image.decode("utf-8-sig", errors="ignore")
        return text if "<svg" in text else ""


def framed(image: bytes) -> str:
    """A PNG or JPEG as an SVG of as many units as it has pixels. ValueError: it is neither, or too large to print."""
    width, height = opened(image).size
    data = f"data:image/{KINDS[str(opened(image).format)]};base64,{b64encode(image).decode()}"
    size = f'width="{width}" height="{height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><image {size} href="{data}"/></svg>'


def opened(image: bytes) -> Image.Image:
    """The picture, its pixels not yet read. ValueError: it is no PNG or JPEG, or too large to print."""
    try:
        picture = Image.open(BytesIO(image), formats=tuple(KINDS))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as error:
        raise ValueError("the picture is no readable JPEG or PNG") from error
    if picture.width * picture.height > PIXEL_LIMIT:
        raise ValueError(f"the picture has more than {PIXEL_LIMIT // 1_000_000} million pixels")
    return picture


def qr_code(url: str) -> str:
    """The address as a QR code without its quiet zone: one filled outline, so that no renderer leaves gaps in it.

    ValueError: the address is longer than QR_LIMIT octets, or not ASCII (readers guess at other encodings).
    """
    if not url.isascii():
        raise ValueError("the address of a QR code must be ASCII")
    if len(url) > QR_LIMIT:
        raise ValueError(f"an address of more than {QR_LIMIT} octets makes a QR code too fine to print")
    rows = segno.make_qr(url, error="m").matrix
    size = f"0 0 {len(rows)} {len(rows)}"
    runs = [f"M{x} {y}h{width}v1h-{width}z" for y, row in enumerate(rows) for x, width in _dark_runs(row)]
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}"><path d="{"".join(runs)}"/></svg>'


def _dark_runs(row: bytearray) -> list[tuple[int, int]]:
    """Where the dark modules of a row begin, and how many follow each other."""
    runs: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if dark and runs and sum(runs[-1]) == x:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((x, 1))
    return runs
