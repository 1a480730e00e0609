"""What lies in the envelope besides the letter, as pages for the printer."""

from io import BytesIO
from typing import Any

import pikepdf
import pytest
from PIL import Image
from pypdf import PdfReader

from caseflow.messages.enclosures import PAGE_LIMIT, Refused, printable
from tests.messages.printed import AT, assert_conforms, pages_of, printed

pytestmark = pytest.mark.no_app

PPI = 36
RED, GREY = (200, 30, 30), (150, 150, 150)


def made(content: bytes, name: str = "foto.jpg") -> bytes:
    return printable(name, content, language="sv", at=AT)


def photo(kind: str = "JPEG", size: tuple[int, int] = (800, 600), mode: str = "RGB", orientation: int = 1) -> bytes:
    """Grey with a red band along its upper edge as the file has it."""
    picture = Image.new("RGB", size, GREY)
    picture.paste(RED, (0, 0, size[0], size[1] // 4))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = orientation, "taken at home"
    out = BytesIO()
    picture.convert(mode).save(out, kind, exif=exif)
    return out.getvalue()


def one_colour(side: int) -> bytes:
    """A square of one bit a pixel."""
    out = BytesIO()
    Image.new("1", (side, side), 1).save(out, "PNG")
    return out.getvalue()


def pdf(*sizes: tuple[float, float], rotate: int = 0, **how: Any) -> bytes:
    """Pages of these sizes in millimetres, each black all over."""
    out, file = BytesIO(), pikepdf.new()
    for width, height in sizes:
        points = (width / 25.4 * 72, height / 25.4 * 72)
        page = file.add_blank_page(page_size=points)
        page.contents_add(b"0 g 0 0 %f %f re f" % points)
        page.rotate(rotate, relative=False)
    file.save(out, **how)
    return out.getvalue()


def form(value: str) -> bytes:
    """A PDF whose only text stands in a filled-in field, without an appearance."""
    out, file = BytesIO(), pikepdf.new()
    page = file.add_blank_page(page_size=(595, 842))
    helvetica = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    field = file.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name.Tx,
            T="name",
            V=value,
            F=4,
            DA="/Helv 12 Tf 0 g",
            Rect=[100, 600, 300, 620],
        )
    )
    page.obj.Annots = pikepdf.Array([field])
    resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(Helv=helvetica))
    file.Root.AcroForm = pikepdf.Dictionary(Fields=[field], DR=resources, NeedAppearances=True)
    file.save(out)
    return out.getvalue()


def ink(content: bytes) -> list[tuple[float, float, float, float]]:
    """The box of what is printed on each page: millimetres from its upper left corner."""
    boxes = [page.point(lambda value: 255 - value).getbbox() for page in pages_of(content, PPI)]
    return [tuple(round(place / PPI * 25.4, 1) for place in box) for box in boxes if box]


def sizes(content: bytes) -> list[tuple[int, int]]:
    return [
        tuple(round(float(edge) / 72 * 25.4) for edge in page.mediabox[2:])
        for page in PdfReader(BytesIO(content)).pages
    ]


@pytest.mark.parametrize(
    ("width", "height", "rotate", "box"),
    [
        (210, 297, 0, (10, 14.1, 200, 282.9)),  # A4: 190 mm across
        (297, 210, 0, (10, 14.1, 200, 282.9)),  # broad: turned
        (297, 210, 90, (10, 14.1, 200, 282.9)),  # broad, and turned by its own maker
        (420, 594, 0, (10, 14.1, 200, 282.9)),  # A2: smaller
        (105, 148, 0, (52.5, 74.5, 157.5, 222.5)),  # A6: as large as it is
        (50, 2000, 0, (101.5, 10, 108.5, 287)),  # a till receipt
    ],
)
def test_every_foreign_page_stands_upright_on_a4_at_least_10_mm_from_the_edges(
    width: float, height: float, rotate: int, box: tuple[float, ...]
) -> None:
    pages = made(pdf((width, height), rotate=rotate))
    assert sizes(pages) == [(210, 297)]
    assert ink(pages)[0] == pytest.approx(box, abs=1)


def test_all_pages_of_a_pdf_come_along_in_their_order() -> None:
    pages = made(pdf((210, 297), (100, 50), (50, 100)))
    assert sizes(pages) == [(210, 297)] * 3
    heights = [round(bottom - top) for _, top, _, bottom in ink(pages)]
    assert heights == pytest.approx([269, 100, 100], abs=1)


def test_the_words_of_a_pdf_stay_words_and_its_box_is_what_its_maker_cropped_it_to() -> None:
    assert "Idén om ett café" in PdfReader(BytesIO(made(printed()))).pages[0].extract_text()
    with pikepdf.open(BytesIO(pdf((210, 297)))) as file:
        file.pages[0].cropbox = (0, 0, 72, 72)
        out = BytesIO()
        file.save(out)
    left, top, right, bottom = ink(made(out.getvalue()))[0]
    assert (right - left, bottom - top) == pytest.approx((25.4, 25.4), abs=1)


def test_what_somebody_filled_into_a_form_is_printed() -> None:
    page = PdfReader(BytesIO(made(form("Karin Ek")))).pages[0]
    assert "Karin Ek" in page.extract_text() or ink(made(form("Karin Ek"))) != []
    assert "/Annots" not in page
    assert ink(made(form(""))) == []


@pytest.mark.parametrize(
    "content", [photo(), photo("PNG"), photo("PNG", mode="RGBA"), photo("PNG", mode="P"), pdf((90, 90))]
)
def test_the_same_file_makes_the_same_pages(content: bytes) -> None:
    assert made(content) == made(content)


@pytest.mark.parametrize(
    "content",
    [
        photo(),
        photo("PNG"),
        photo("PNG", mode="LA"),
        photo("PNG", mode="1"),
        photo(mode="CMYK"),
        photo(mode="L"),
        photo(size=(3, 900)),
    ],
)
def test_a_picture_becomes_an_accessible_page_with_its_name(content: bytes) -> None:
    page = made(content, "Lyktstolpen #1 vid Övre torget.jpg")
    assert_conforms(page)
    reader = PdfReader(BytesIO(page))
    assert "Lyktstolpen #1 vid Övre torget.jpg" in reader.pages[0].extract_text()
    assert reader.metadata is not None and reader.metadata.title == "Lyktstolpen #1 vid Övre torget.jpg"
    left, top, right, bottom = ink(page)[0]
    assert left >= 10 and top >= 10 and right <= 200 and bottom <= 287


@pytest.mark.parametrize(("orientation", "side"), [(1, "top"), (3, "bottom"), (6, "right"), (8, "left")])
def test_a_photo_stands_as_the_camera_says_that_it_was_held(orientation: int, side: str) -> None:
    page = pages_of(made(photo(orientation=orientation)), PPI)[0]
    # 180 x 135 mm, or 152 x 203 mm, in the middle and 15 mm from the top.
    left, top, right, bottom = (15, 15, 195, 150) if orientation in (1, 3) else (29, 15, 181, 218)
    across, down = (left + right) / 2, (top + bottom) / 2
    places = {
        "top": (across, top + 9),
        "bottom": (across, bottom - 9),
        "left": (left + 9, down),
        "right": (right - 9, down),
    }
    greys = {name: page.getpixel((round(x / 25.4 * PPI), round(y / 25.4 * PPI))) for name, (x, y) in places.items()}
    assert [name for name, grey in greys.items() if grey < 110] == [side], greys


def test_what_the_camera_wrote_into_a_photo_stays_in_the_house() -> None:
    content = photo()
    assert b"taken at home" in content and b"taken at home" not in made(content)


def test_a_large_photo_is_sent_no_finer_than_paper_shows_and_a_small_one_is_not_blown_up() -> None:
    assert len(made(photo("PNG", size=(4800, 3600)))) < 400_000
    left, _, right, _ = ink(made(photo(size=(200, 100))))[0]
    assert right - left == pytest.approx(51, abs=2)


def without_its_end(content: bytes) -> bytes:
    return content[: len(content) // 2]


LOCKED = pikepdf.Encryption(owner="o", user="u")
NOT_TO_BE_PRINTED = pikepdf.Encryption(
    owner="o", user="", allow=pikepdf.Permissions(print_lowres=False, print_highres=False)
)


@pytest.mark.parametrize(
    ("content", "code", "why"),
    [
        (b"", "kind", "only PDF, JPEG and PNG"),
        (b"MZ\x90\x00", "kind", "only PDF, JPEG and PNG"),
        (b"GIF89a", "kind", "only PDF, JPEG and PNG"),
        (pdf((90, 90), encryption=LOCKED), "locked", "locked by a password"),
        (pdf((90, 90), encryption=NOT_TO_BE_PRINTED), "locked", "locked against printing"),
        (b"%PDF-1.7\n%%EOF", "broken", "damaged"),
        (b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF", "broken", "damaged|0 pages"),
        (pdf(), "pages", "has 0 pages; 1 to 40"),
        (pdf(*[(90, 90)] * (PAGE_LIMIT + 1)), "pages", "has 41 pages; 1 to 40"),
        (without_its_end(photo()), "broken", "cannot be read"),
        (without_its_end(photo("PNG")), "broken", "cannot be read"),
    ],
)
def test_refuses_in_plain_words_what_cannot_be_printed(content: bytes, code: str, why: str) -> None:
    refused(content, code, why)


def test_refuses_a_picture_that_would_fill_the_memory() -> None:
    # Made here and not above: drawing it takes seconds, which every collection of the tests would pay.
    refused(one_colour(20_000), "broken", "cannot be read")


def refused(content: bytes, code: str, why: str) -> None:
    with pytest.raises(Refused, match=why) as refusal:
        made(content)
    assert refusal.value.code == code and isinstance(refusal.value, ValueError)


def test_a_pdf_that_only_its_owner_may_change_can_be_printed() -> None:
    assert ink(made(pdf((90, 90), encryption=pikepdf.Encryption(owner="o", user="")))) != []


def test_a_pdf_whose_end_was_lost_is_printed_as_far_as_it_can_be_read_or_refused() -> None:
    content = pdf((90, 90), (90, 90))
    assert len(sizes(made(content[:-40]))) == 2
