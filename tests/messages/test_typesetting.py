"""The letter, read back from its PDF."""

import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from time import monotonic
from typing import Any

import pytest
from pypdf import PdfReader

from caseflow.messages.typesetting import picture, typeset, unprintable
from tests.messages.printed import (
    AT,
    BODY,
    C5,
    LETTER,
    QR,
    SWEDISH,
    WITH_ALL,
    assert_conforms,
    printed,
    runs_of,
    squeezed,
    text_of,
)

pytestmark = pytest.mark.no_app


def test_the_text_begins_at_100_mm_under_its_subject() -> None:
    runs = runs_of(printed())
    subject = next(run for run in runs if run.text == LETTER.subject)
    assert subject.bottom - 0.25 * subject.size * 25.4 / 72 == pytest.approx(103.3, abs=1)
    assert next(run for run in runs if run.text == "Hej Åsa,").top > subject.bottom


def test_swedish_and_finnish_letters_come_out_whole() -> None:
    swedish, finnish = text_of(printed()), "Käsittelemme asianne tällä viikolla. Åbo, Hämeenlinna, šakki, žiletti."
    for part in ("Idén om ett café vid Övre torget", "– Hållplatsen flyttas 80 meter.", "Med vänlig hälsning"):
        assert part in swedish
    assert finnish in text_of(printed(language="fi", body=finnish))


def test_single_line_breaks_stay_and_blank_lines_part_paragraphs() -> None:
    tops = {run.text: run.top for run in runs_of(printed(body="Ett\r\nTvå\n \n\nTre"))}
    assert tops["Två"] - tops["Ett"] < tops["Tre"] - tops["Två"]


@pytest.mark.parametrize("language", ["sv", "en", "fi"])
def test_the_file_says_what_it_is(language: Any) -> None:
    reader = PdfReader(BytesIO(printed(language=language)))
    root: Any = reader.trailer["/Root"]
    xmp = root["/Metadata"].get_data().decode()
    assert root["/Lang"] == language and root["/MarkInfo"]["/Marked"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Trasig gatlykta vid Bergslagsvägen – KC-26110042"
    assert reader.metadata.author == "Finspångs kommun" and reader.metadata.creation_date == AT
    for claim in ("pdfaid:part>2<", "pdfaid:conformance>A<", "pdfuaid:part>1<"):
        assert claim in xmp


@pytest.mark.parametrize("body", [BODY, "\n\n".join([BODY] * 9), "😀 https://example.org/" + "x" * 300])
def test_two_validators_agree_that_it_is_pdf_a_2a_and_pdf_ua_1(body: str) -> None:
    assert_conforms(printed(body=body))
    assert_conforms(printed(body=body, **WITH_ALL))


def test_every_page_says_which_it_is_and_later_ones_whose_case() -> None:
    for count, body in ((1, BODY), (2, "\n\n".join([BODY] * 3)), (4, "\n\n".join([BODY] * 13))):
        texts = [page.extract_text() for page in PdfReader(BytesIO(printed(body=body))).pages]
        assert len(texts) == count
        for number, text in enumerate(texts, 1):
            assert f"Sida {number} ({count})" in text and "612 80 Finspång" in text
        assert all("Ärende KC-26110042" in text for text in texts[1:])


HOSTILE = [
    '#read("/etc/passwd")',
    '#import "@preview/x:1.0.0"',
    "#panic()",
    "#sys.inputs",
    "*bold* _it_ `raw`",
    "$x$ $",
    "a \\ b \\",
    "<a> @ref",
    "#{ ] [ \" ')",
    "// c /* d",
    "= Title",
    "- item",
    "~ -- ---",
    "\\u{41}",
    "%(page)s",
]


def test_what_people_wrote_is_printed_as_they_wrote_it() -> None:
    body = "\n\n".join(HOSTILE)
    runs = [run.text.strip() for run in runs_of(printed(body=body))]
    assert [text for text in runs if text in HOSTILE] == HOSTILE


@pytest.mark.parametrize("text", HOSTILE)
def test_neither_enclosures_nor_a_logos_words_can_become_markup(text: str) -> None:
    words = replace(SWEDISH, enclosures=f"e: {text}", qr=f"q: {text}")
    letter = squeezed(text_of(printed(**WITH_ALL | {"attachments": (f"a: {text}", text)}, words=words)))
    assert squeezed(f"e: {text}") in letter and squeezed(f"a: {text}") in letter


def test_the_enclosures_are_named_one_by_one_under_the_signature() -> None:
    tops = {run.text.strip(): run.top for run in runs_of(printed(attachments=("Karta.pdf", "Ett foto 😀.jpg")))}
    assert (
        tops["Samhällsbyggnad"]
        < tops["Bilagor:"]
        < tops["Karta.pdf"]
        < tops["Ett foto □.jpg"]
        < tops["7KQ2 M9XD 4TFA H3WN"]
    )
    assert "Bilagor" not in text_of(printed())
    assert unprintable(replace(LETTER, attachments=("😀.jpg",))) == "😀"


FIELDS = (
    "sender_name", "case_number", "date", "subject", "closing", "signature_name", "signature_department", "link_note",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_no_field_can_become_markup(text: str) -> None:
    changes: dict[str, Any] = {field: f"{field}: {text}" for field in FIELDS}
    letter = squeezed(text_of(typeset(replace(LETTER, **changes), C5, at=AT)))
    for field in FIELDS:
        assert squeezed(f"{field}: {text}") in letter


def test_neither_address_nor_words_can_become_markup() -> None:
    words = replace(SWEDISH, case='#read("x")', date="*d*", page="$%(page)s$ #%(pages)s")
    text = text_of(printed(words=words, recipient=("#panic()", "]"), sender_lines=("#{",), sender_contact=("\\",)))
    for part in ('#read("x")', "*d*", "$1$ #1", "#panic()", "]", "#{", "\\"):
        assert part in text


def test_the_same_letter_is_the_same_file_and_another_time_another() -> None:
    assert printed() == printed()
    assert typeset(LETTER, C5, at=AT + timedelta(seconds=1)) != printed()
    with pytest.raises(ValueError, match="time zone"):
        typeset(LETTER, C5, at=AT.replace(tzinfo=None))


def test_a_letter_of_20_000_characters_has_many_pages_and_loses_none() -> None:
    body = "\n\n".join(f"Stycke {number}: {BODY[:300]}" for number in range(60))[:20_000]
    pages = [page.extract_text() for page in PdfReader(BytesIO(printed(body=body))).pages]
    assert len(pages) >= 8
    assert re.findall(r"Stycke (\d+):", "\n".join(pages)) == [str(number) for number in range(60)]


@pytest.mark.parametrize("body", ["x" * 20_000, "https://e.org/" + "a-/b.c?d=e&f" * 1_600, "ord " * 5_000])
def test_20_000_characters_without_a_paragraph_take_no_minute(body: str) -> None:
    started = monotonic()
    assert printed(body=body).startswith(b"%PDF-1.7")
    assert monotonic() - started < 10


def test_characters_that_no_font_has_are_printed_as_boxes_and_told_of() -> None:
    name, body = "محمد علي 漢字", "Hej 😀👨‍👩‍👧 \u202eabc\x00\ue000\ufeff שלום"
    pdf = printed(recipient=(name, "Storgatan 1", "612 30  FINSPÅNG"), subject=body, body=body)
    assert "□□□□ □□□ □□" in text_of(pdf) and "Hej □□□□ abc□ □□□□" in text_of(pdf)
    lost = unprintable(replace(LETTER, recipient=(name, "612 30"), body=body))
    assert set(lost) == set(name.replace(" ", "") + "😀👨👩👧\ue000שלום")
    assert unprintable(LETTER) == ""


@pytest.mark.parametrize(
    ("first", "last"),
    [*((1_500, last) for last in range(600, 2_100, 300)), *((n, 150) for n in range(1_600, 2_500, 300))],
)
def test_the_signature_never_stands_alone_on_a_page(first: int, last: int) -> None:
    filler = "Vi har varit på platsen och sett att armaturen är trasig. " * 50
    runs = runs_of(printed(body=f"{filler[:first]}\n\n{filler[:last]}", link=""))
    texts = [run.text for run in runs]
    closing, department = texts.index("Med vänlig hälsning"), texts.index("Samhällsbyggnad")
    before = runs[closing - 1]
    assert before.text.strip() in filler and before.size == 11, "no line of the text stands over the signature"
    assert before.page == runs[closing].page == runs[department].page


def test_the_link_leads_to_the_page_that_it_names() -> None:
    for given in ("https://arende.example.org/case", "arende.example.org/case"):
        page = PdfReader(BytesIO(printed(link=given))).pages[0]
        link: Any = page["/Annots"]
        assert link[0]["/A"]["/URI"] == "https://arende.example.org/case"
        assert "7KQ2 M9XD 4TFA H3WN" in page.extract_text()


def test_a_letter_without_link_signature_or_closing_prints_neither() -> None:
    pdf = printed(link="", closing="", signature_name="", signature_department="")
    assert "/Annots" not in PdfReader(BytesIO(pdf)).pages[0]
    assert not {"Handläggare", "7KQ2"} & set(text_of(pdf).split())


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"subject": " "}, "needs its subject"),
        ({"body": "\n"}, "needs its body"),
        ({"case_number": ""}, "needs its case number"),
        ({"recipient": ("Åsa", " ")}, "2 to 5 lines"),
        ({"recipient": tuple("abcdef")}, "2 to 5 lines"),
        ({"link": "javascript://x"}, "web address"),
        ({"qr": "arende.example.org"}, "QR code of a letter must hold a web address"),
        ({"qr": QR, "words": replace(SWEDISH, qr="")}, "with qr needs the word"),
        ({"attachments": ("a.pdf",), "words": replace(SWEDISH, enclosures=" ")}, "with attachments needs the word"),
    ],
)
def test_refuses_a_letter_that_cannot_be_sent(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        replace(LETTER, **changes)


def test_the_picture_shows_the_first_page() -> None:
    png = picture(LETTER, C5)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (298, 421)
    assert picture(replace(LETTER, body="\n\n".join([BODY] * 6)), C5)[:8] == png[:8]
    with pytest.raises(ValueError, match="too long"):
        picture(replace(LETTER, recipient=("Å" * 900, "612 30  FINSPÅNG")), C5)


def test_refuses_a_page_word_without_its_numbers() -> None:
    with pytest.raises(ValueError, match="pages"):
        replace(SWEDISH, page="Sida %(page)s")


def test_threads_may_set_letters_at_the_same_time() -> None:
    numbers = [f"KC-{number}" for number in range(12)]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda number: printed(case_number=number), numbers))
    assert together == [printed(case_number=number) for number in numbers]


def test_a_process_forked_after_a_letter_says_so_instead_of_waiting_for_ever() -> None:
    printed()
    child = os.fork()
    if child == 0:
        signal.alarm(5)
        try:
            printed()
        except RuntimeError:
            os._exit(0)
        os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
