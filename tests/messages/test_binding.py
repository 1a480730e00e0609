"""Many letters in one file for the printer."""

from hashlib import sha256
from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter

from caseflow.messages.binding import Binding, bind

pytestmark = pytest.mark.no_app


def letter(pages: int) -> bytes:
    """A PDF of that many pages, each as wide as the letter is long, to be told apart."""
    writer, out = PdfWriter(), BytesIO()
    for _ in range(pages):
        writer.add_blank_page(500 + pages, 800)
    writer.write(out)
    return out.getvalue()


def widths(binding: Binding) -> list[int]:
    return [round(page.mediabox.width) for page in PdfReader(BytesIO(binding.pdf)).pages]


def places(binding: Binding) -> list[tuple[str, int, int]]:
    return [(entry.reference, entry.first_page, entry.pages) for entry in binding.entries]


def test_every_letter_begins_on_a_sheet_of_its_own() -> None:
    binding = bind([("a", letter(1)), ("b", letter(2)), ("c", letter(3))])
    assert widths(binding) == [501, 595, 502, 502, 503, 503, 503, 595]
    assert places(binding) == [("a", 1, 1), ("b", 3, 2), ("c", 5, 3)]


def test_printed_on_one_side_the_letters_need_no_blank_pages() -> None:
    binding = bind([("a", letter(1)), ("b", letter(2)), ("c", letter(1))], duplex=False)
    assert widths(binding) == [501, 502, 502, 501]
    assert places(binding) == [("a", 1, 1), ("b", 2, 2), ("c", 4, 1)]


def test_the_blank_page_is_a4() -> None:
    box = PdfReader(BytesIO(bind([("a", letter(1))]).pdf)).pages[1].mediabox
    assert (float(box.width) * 25.4 / 72, float(box.height) * 25.4 / 72) == pytest.approx((210, 297), abs=0.01)


def test_the_manifest_holds_the_digest_of_each_letter_as_it_came() -> None:
    letters = [("a", letter(1)), ("b", letter(2))]
    assert [entry.sha256 for entry in bind(letters).entries] == [sha256(pdf).hexdigest() for _, pdf in letters]


def test_the_same_letters_make_the_same_file() -> None:
    letters = [("a", letter(1)), ("b", letter(2))]
    assert bind(letters) == bind(letters)


@pytest.mark.parametrize(
    ("letters", "why"),
    [
        ([], "no letter"),
        ([("a", letter(1)), ("a", letter(2))], "twice"),
        ([("a", letter(1)), ("KC-1", b"not a PDF")], "KC-1 is not a readable PDF"),
        ([("KC-2", b"")], "KC-2 is not a readable PDF"),
    ],
)
def test_refuses_a_batch_that_cannot_be_printed(letters: list[tuple[str, bytes]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        bind(letters)
