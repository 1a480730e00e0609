"""Many letters in one PDF for the printer, with a manifest that says which pages are whose."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

A4 = (595.276, 841.89)  # points


@dataclass(frozen=True)
class Entry:
    """One letter of a batch: `first_page` counts the bound file's pages from 1, `pages` leaves out its blank page.

    `sha256` is the hexadecimal digest of the letter's own file, as it was before binding.
    """

    reference: str
    first_page: int
    pages: int
    sha256: str


@dataclass(frozen=True)
class Binding:
    """A batch for the printer. Only for printing: the letters' tags and their conformance do not survive binding."""

    pdf: bytes
    entries: tuple[Entry, ...]


def bind(letters: Sequence[tuple[str, bytes]], *, duplex: bool = True) -> Binding:
    """The letters, (reference, PDF) each, one after another, in the order given.

    With `duplex` every letter begins on a new sheet: one of an odd number of pages gets a blank page after it.
    ValueError: no letters, a reference twice (one reply would be posted twice), or a file that is no PDF.
    """
    if not letters:
        raise ValueError("there is no letter to bind")
    if len({reference for reference, _ in letters}) < len(letters):
        raise ValueError("a letter stands twice in the batch")
    writer = PdfWriter()
    entries = tuple(_add(writer, reference, pdf, duplex=duplex) for reference, pdf in letters)
    return Binding(_written(writer), entries)


def _add(writer: PdfWriter, reference: str, pdf: bytes, *, duplex: bool) -> Entry:
    before = len(writer.pages)
    try:
        writer.append(PdfReader(BytesIO(pdf)), import_outline=False)
    except PyPdfError as error:
        raise ValueError(f"letter {reference} is not a readable PDF") from error
    pages = len(writer.pages) - before
    if duplex and pages % 2:
        writer.add_blank_page(*A4)
    return Entry(reference, before + 1, pages, sha256(pdf).hexdigest())


def _written(writer: PdfWriter) -> bytes:
    writer.compress_identical_objects(remove_unreferenced=True)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
