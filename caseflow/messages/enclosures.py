"""What lies in the envelope besides the letter: PDFs and pictures that somebody attached, as A4 pages for the printer.

These pages are for paper only. Foreign files claim no conformance that we could keep, so the letter's own PDF alone is
PDF/A-2a and PDF/UA-1: it is the copy for the archive, and the enclosures are kept beside it as they came.
"""

from datetime import datetime
from io import BytesIO
from typing import Literal

import pikepdf
from PIL import Image, ImageOps

from caseflow.messages import press
from caseflow.messages.glyphs import drawable
from caseflow.messages.pictures import framed, opened
from caseflow.messages.typesetting import Language

A4 = (595.276, 841.89)  # points
MARGIN = 10 * 72 / 25.4  # points that every foreign page keeps from the sheet's edges; a letter of our own needs none
PAGE_LIMIT = 40  # pages of one enclosure: 20 sheets, what a C5 envelope takes
FINEST, COARSEST = 300, 100  # pixels an inch: more are not sent to the printer, fewer are not blown up
LARGEST = round(297 / 25.4 * FINEST)  # pixels


class Refused(ValueError):
    """An enclosure that cannot be printed. `code` is for who tells a person in their own language."""

    def __init__(self, code: Literal["kind", "locked", "broken", "pages"], why: str) -> None:
        super().__init__(why)
        self.code = code


def printable(
    name: str, content: bytes, *, language: Language, at: datetime, alt: str = "", margin: float = MARGIN
) -> bytes:
    """A PDF, JPEG or PNG as a PDF of A4 pages, upright and within the margin; the same bytes each time.

    What it is shows in its content; the name is only printed under a picture, and read aloud with it where there is
    no `alt`. Raises `Refused`: it is none of the three, locked by a password or against printing, damaged, or has more
    than PAGE_LIMIT pages.
    """
    if b"%PDF-" in content[:1024]:
        return _fitted(content, margin)
    if content.startswith((b"\x89PNG", b"\xff\xd8\xff")):
        return _page(name, content, language=language, at=at, alt=alt)
    raise Refused("kind", "only PDF, JPEG and PNG files can be printed with a letter")


def _page(name: str, content: bytes, *, language: Language, at: datetime, alt: str) -> bytes:
    title = drawable(name).replace("\n", " ").strip() or "–"
    try:
        picture = _upright(content)
    except (OSError, SyntaxError, ValueError) as error:
        raise Refused("broken", "the picture cannot be read") from error
    width, height = (round(pixels / COARSEST * 25.4, 2) for pixels in opened(picture).size)
    data = {"title": title, "alt": drawable(alt).strip() or title, "language": language, "svg": framed(picture)}
    return press.pdf("enclosure.typ", data | {"width": width, "height": height}, at=at)


def _upright(content: bytes) -> bytes:
    """The picture as it was meant to be seen and no finer than paper shows; without what the camera wrote into it,
    such as the place, because it goes to a printing house."""
    picture = opened(content)
    kind = str(picture.format)
    picture.thumbnail((LARGEST, LARGEST))
    turned = ImageOps.exif_transpose(picture)
    if turned.has_transparency_data:
        paper = Image.new("RGBA", turned.size, "white")
        turned = Image.alpha_composite(paper, turned.convert("RGBA"))
    out = BytesIO()
    turned.convert("RGB").save(out, kind, quality=90)
    return out.getvalue()


def _fitted(content: bytes, margin: float) -> bytes:
    try:
        with pikepdf.open(BytesIO(content)) as source:
            return _on_a4(source, margin)
    except pikepdf.PasswordError as error:
        raise Refused("locked", "the PDF is locked by a password") from error
    except (pikepdf.PdfError, pikepdf.DataDecodingError, RuntimeError, TypeError, KeyError) as error:
        raise Refused("broken", "the PDF is damaged and cannot be read") from error


def _on_a4(source: pikepdf.Pdf, margin: float) -> bytes:
    if source.is_encrypted and not source.allow.print_lowres:
        raise Refused("locked", "the PDF is locked against printing")
    if not 1 <= len(source.pages) <= PAGE_LIMIT:
        raise Refused("pages", f"the PDF has {len(source.pages)} pages; 1 to {PAGE_LIMIT} can be printed with a letter")
    # Only what stands on the page itself comes along, so what is filled in or stamped is drawn onto it first.
    source.generate_appearance_streams()
    source.flatten_annotations("print")
    with pikepdf.new() as target:
        for page in source.pages:
            _add(target, page, margin)
        out = BytesIO()
        target.save(out, deterministic_id=True)
    return out.getvalue()


def _add(target: pikepdf.Pdf, page: pikepdf.Page, margin: float) -> None:
    """The page, a broad one turned, drawn in the middle of a new sheet; smaller where it must be, never larger."""
    if _is_landscape(page):
        page.rotate(90, relative=True)
    sheet = target.add_blank_page(page_size=A4)
    drawing = target.copy_foreign(page.as_form_xobject())
    # `add_overlay` would do this too, but names the drawing at random, and the same file must give the same bytes.
    sheet.add_resource(drawing, pikepdf.Name.XObject, pikepdf.Name("/Enclosure"))
    room = pikepdf.Rectangle(margin, margin, A4[0] - margin, A4[1] - margin)
    place = sheet.calc_form_xobject_placement(
        drawing, pikepdf.Name("/Enclosure"), room, allow_shrink=True, allow_expand=False
    )
    sheet.contents_add(place)


def _is_landscape(page: pikepdf.Page) -> bool:
    left, bottom, right, top = (float(edge) for edge in page.trimbox)
    sideways = int(page.obj.get("/Rotate", 0)) % 180 == 90
    return (right - left > top - bottom) != sideways
