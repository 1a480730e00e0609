"""Letters as PDF: one Typst template, one envelope, one font; no Flask and no database.

Typst needs three things from us, found by trial on 0.15.2: only strings that its one font can draw (PDF/A refuses
the rest), one compilation at a time in a `Compiler`, and no fork after the first compilation.
"""

import json
import os
import re
import threading
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import typst

from caseflow.messages.envelopes import Box, Envelope
from caseflow.messages.glyphs import FONTS, drawable, undrawable

__all__ = ["Envelope", "Letter", "Words", "picture", "typeset", "unprintable"]

Language = Literal["sv", "en", "fi"]

TEMPLATE = Path(__file__).resolve().parents[2] / "templates" / "messages" / "letter.typ"


@dataclass(frozen=True)
class Words:
    """The fixed words of a letter, translated by the caller.

    `page` is a pattern with %(page)s and %(pages)s: "Sida %(page)s (%(pages)s)".
    """

    case: str
    date: str
    caseworker: str
    page: str

    def __post_init__(self) -> None:
        if "%(page)s" not in self.page or "%(pages)s" not in self.page:
            raise ValueError("the word for the page needs %(page)s and %(pages)s")


@dataclass(frozen=True)
class Letter:
    """One letter as it shall be read; every string is plain text and is printed as it is.

    `recipient` is 2 to 5 ready lines (name; c/o; street; postcode and town; country); no return address stands in
    the window, so that it shows the address alone. `body` has paragraphs separated by blank lines; single line breaks
    are kept. `link` is the address of the resident's own page (http or https, or without either),
    `code` the code to type there, in groups of four, and `link_note` says what to do with them.
    """

    language: Language
    sender_name: str
    sender_lines: tuple[str, ...]
    sender_contact: tuple[str, ...]
    recipient: tuple[str, ...]
    case_number: str
    date: str
    subject: str
    body: str
    closing: str
    signature_name: str
    signature_department: str
    words: Words
    link: str = ""
    code: str = ""
    link_note: str = ""

    def __post_init__(self) -> None:
        for needed in ("sender_name", "case_number", "date", "subject", "body"):
            if not getattr(self, needed).strip():
                raise ValueError(f"a letter needs its {needed.replace('_', ' ')}")
        if not 2 <= len([line for line in self.recipient if line.strip()]) <= 5:
            raise ValueError("a letter needs a recipient of 2 to 5 lines")
        if "://" in self.link and not self.link.startswith(("https://", "http://")):
            raise ValueError("the link of a letter must be a web address")


def typeset(letter: Letter, envelope: Envelope, *, at: datetime) -> bytes:
    """The letter as PDF/A-2a and PDF/UA-1 in one file; the same bytes for the same input.

    `at` (with a time zone) becomes the document's date. ValueError: `at` has none, or the address or the sender's
    lines are too long for their place. Characters that the font cannot draw are printed as □: see `unprintable`.
    """
    if at.tzinfo is None:
        raise ValueError("at needs a time zone")
    data = json.dumps(_data(letter, envelope), ensure_ascii=False)
    return _press.print(data, timestamp=int(at.timestamp()))


def picture(letter: Letter, envelope: Envelope, *, ppi: int = 36) -> bytes:
    """The letter's first page as PNG; 36 pixels an inch make it 298 x 421. ValueError: as for `typeset`."""
    return _press.picture(json.dumps(_data(letter, envelope), ensure_ascii=False), ppi=ppi)


def unprintable(letter: Letter) -> str:
    """The characters of the letter that will be printed as □, each once, in order: to be shown before it is sent."""
    texts = (letter.sender_name, *letter.recipient, letter.subject, letter.body, letter.closing, letter.signature_name)
    return undrawable("\n".join(texts))


def _data(letter: Letter, envelope: Envelope) -> dict[str, object]:
    """What the template reads: the letter in drawable characters, and the places in millimetres."""
    words = {name: _line(word) for name, word in asdict(letter.words).items()}
    subject, number = _line(letter.subject), _line(letter.case_number)
    facts = [(words["date"], _line(letter.date)), (words["case"], number)]
    if letter.signature_name.strip():
        facts.append((words["caseworker"], _line(letter.signature_name)))
    return {
        "language": letter.language,
        "title": f"{subject} – {number}",
        "words": words,
        "sender": {
            "name": _line(letter.sender_name),
            "lines": _lines(letter.sender_lines),
            "contact": _lines(letter.sender_contact),
        },
        # The two spaces between postcode and town are the Post's own convention and stay.
        "recipient": [line for line in map(_address_line, letter.recipient) if line],
        "facts": facts,
        "case_number": number,
        "subject": subject,
        "body": _paragraphs(letter.body),
        "closing": _line(letter.closing),
        "signature": {"name": _line(letter.signature_name), "department": _line(letter.signature_department)},
        "link": _link(letter),
        "safe": _places(envelope.safe_box),
        "exposed": _places(envelope.exposed_box),
        "folds": envelope.folds,
    }


def _places(box: Box) -> dict[str, float]:
    return box._asdict() | {"width": box.width, "height": box.height}


def _link(letter: Letter) -> dict[str, str] | None:
    shown = _line(letter.link)
    if not shown:
        return None
    url = shown if "://" in shown else f"https://{shown}"
    return {"url": url, "shown": url.split("://", 1)[1], "code": _line(letter.code), "note": _line(letter.link_note)}


def _paragraphs(text: str) -> list[list[str]]:
    """Paragraphs as lists of lines."""
    plain = drawable(text).strip("\n ")
    return [paragraph.split("\n") for paragraph in re.split(r"\n(?:[ ]*\n)+", plain)]


def _address_line(text: str) -> str:
    return drawable(text).replace("\n", " ").strip()


def _lines(texts: tuple[str, ...]) -> list[str]:
    return [line for line in map(_line, texts) if line]


def _line(text: str) -> str:
    """One line: runs of spaces and line breaks become one space; those that do not break stay."""
    return re.sub(r"[ \n]+", " ", drawable(text)).strip()


class _Press:
    """The one compiler of a process, made when the first letter is set."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._compiler: typst.Compiler | None = None
        self._forked = False

    def print(self, data: str, *, timestamp: int) -> bytes:
        return self._compile(data, format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=timestamp)

    def picture(self, data: str, *, ppi: int) -> bytes:
        return self._compile(data, format="png", ppi=ppi)

    def _compile(self, data: str, **how: Any) -> bytes:
        with self._lock:
            if self._forked:
                raise RuntimeError("letters were set before this process was forked: Typst would wait for ever")
            self._compiler = self._compiler or _compiler()
            made = _checked(self._compiler, sys_inputs={"letter": data}, **how)
        first = made[0] if isinstance(made, list) else made  # a picture of several pages is a list
        assert isinstance(first, bytes)  # no output file was named
        return first

    def notice_fork(self) -> None:
        """In a forked child Typst's threads are gone, and any compilation there waits for ever (tried on 0.15.2)."""
        self._lock = threading.Lock()
        self._forked = self._compiler is not None


def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    return typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=fonts)


def _checked(compiler: typst.Compiler, **how: Any) -> bytes | list[bytes] | None:
    try:
        return compiler.compile(**how)
    except typst.TypstError as error:
        if "too long for its place" in str(error):
            raise ValueError("the address or the sender's lines are too long for their place on the letter") from error
        raise


_press = _Press()
os.register_at_fork(after_in_child=_press.notice_fork)
