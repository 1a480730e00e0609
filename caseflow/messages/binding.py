"""Many letters in one PDF for the printer, with a manifest that says which pages are whose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from types import MappingProxyType

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

A4 = (595.276, 841.89)  # points


@dataclass(frozen=True)
class Entry:
    """One letter of a batch: `first_page` counts the bound file's pages from 1; `pages` are the letter's and its
    enclosures', without the blank page.

    `sha256` is the hexadecimal digest of the letter's own file, as it was before binding.
    """

    reference: str
    first_page: int
    pages: int
    sha256: str


@dataclass(frozen=True)
class Binding:
    """A batch for the printer, and only for it: the letters' tags and their conformance do not survive binding.

    The letter's own file is the copy for the archive: PDF/A-2a, so that it can be read in a hundred years, and
    PDF/UA-1, so that everybody can read it. Paper needs neither, and enclosures from elsewhere have neither.
    """

    pdf: bytes
    entries: tuple[Entry, ...]


def bind(
    letters: Sequence[tuple[str, bytes]],
    *,
    duplex: bool = True,
    enclosed: Mapping[str, Sequence[bytes]] = MappingProxyType({}),
) -> Binding:
    """The letters, (reference, PDF) each, one after another, in the order given.

    After each come the A4 pages that are `enclosed` under its reference, as `enclosures.printable` makes them; each
    enclosure begins on a new page. With `duplex` every letter begins on a new sheet: one that has an odd number of
    pages with its enclosures gets a blank page after it.
    ValueError: no letters, a reference twice (one reply would be posted twice), a file that is no PDF, or an enclosure
    of a letter that is not here.
    """
    if not letters:
        raise ValueError("there is no letter to bind")
    references = {reference for reference, _ in letters}
    if len(references) < len(letters):
        raise ValueError("a letter stands twice in the batch")
    if strays := sorted(set(enclosed) - references):
        raise ValueError(f"enclosures of {', '.join(strays)}, which is not in the batch")
    writer = PdfWriter()
    entries = tuple(_add(writer, one, pdf, enclosed.get(one, ()), duplex=duplex) for one, pdf in letters)
    return Binding(_written(writer), entries)


def _add(writer: PdfWriter, reference: str, pdf: bytes, enclosed: Sequence[bytes], *, duplex: bool) -> Entry:
    before = len(writer.pages)
    for file in (pdf, *enclosed):
        try:
            writer.append(PdfReader(BytesIO(file)), import_outline=False)
        except PyPdfError as error:
            what = "letter" if file is pdf else "an enclosure of letter"
            raise ValueError(f"{what} {reference} is not a readable PDF") from error
    pages = len(writer.pages) - before
    if duplex and pages % 2:
        writer.add_blank_page(*A4)
    return Entry(reference, before + 1, pages, sha256(pdf).hexdigest())


def _written(writer: PdfWriter) -> bytes:
    writer.compress_identical_objects(remove_unreferenced=True)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
