"""Many letters in one file for the printer."""

from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from caseflow.messages.binding import Binding, bind
from caseflow.messages.enclosures import printable
from tests.messages.printed import AT, printed

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


def test_enclosures_follow_their_letter_and_share_its_sheets() -> None:
    enclosed = {"a": [letter(2), letter(2)], "c": [letter(1)]}
    binding = bind([("a", letter(1)), ("b", letter(1)), ("c", letter(1))], enclosed=enclosed)
    assert widths(binding) == [501, 502, 502, 502, 502, 595, 501, 595, 501, 501]
    assert places(binding) == [("a", 1, 5), ("b", 7, 1), ("c", 9, 2)]
    assert binding.entries[0].sha256 == sha256(letter(1)).hexdigest()


def test_real_enclosures_are_bound_with_a_real_letter_on_a4() -> None:
    photo = BytesIO()
    Image.new("RGB", (300, 200), "red").save(photo, "JPEG")
    made = [
        printable(name, content, language="sv", at=AT)
        for name, content in (("a.jpg", photo.getvalue()), ("b.pdf", printed()))
    ]
    binding = bind([("a", printed(attachments=("a.jpg", "b.pdf"))), ("b", printed())], enclosed={"a": made})
    assert places(binding) == [("a", 1, 3), ("b", 5, 1)]
    reader = PdfReader(BytesIO(binding.pdf))
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in reader.pages} == {(595, 842)}
    texts = [page.extract_text() for page in reader.pages]
    assert "Bilagor:" in texts[0] and "a.jpg" in texts[1] and "Hej Åsa" in texts[2] and texts[3] == ""


@pytest.mark.parametrize(
    ("enclosed", "why"),
    [({"b": [letter(1)]}, "enclosures of b, which is not in the batch"), ({"a": [b"x"]}, "an enclosure of letter a")],
)
def test_refuses_enclosures_that_cannot_be_printed(enclosed: dict[str, list[bytes]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        bind([("a", letter(1))], enclosed=enclosed)
