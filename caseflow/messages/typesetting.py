"""Letters as PDF: one template, one envelope, one font; no Flask and no database."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from caseflow.messages import press
from caseflow.messages.envelopes import Box, Envelope
from caseflow.messages.glyphs import drawable, undrawable
from caseflow.messages.pictures import Logo, qr_code

__all__ = ["Envelope", "Letter", "Logo", "Words", "picture", "typeset", "unprintable"]

Language = Literal["sv", "en", "fi"]


@dataclass(frozen=True)
class Words:
    """The fixed words of a letter, translated by the caller.

    `page` is a pattern with %(page)s and %(pages)s: "Sida %(page)s (%(pages)s)". `enclosures` stands over the list of
    what else lies in the envelope, `qr` is read aloud in place of the QR code; each is needed only where its thing is.
    """

    case: str
    date: str
    caseworker: str
    page: str
    enclosures: str = ""
    qr: str = ""

    def __post_init__(self) -> None:
        if "%(page)s" not in self.page or "%(pages)s" not in self.page:
            raise ValueError("the word for the page needs %(page)s and %(pages)s")


@dataclass(frozen=True)
class Letter:
    """One letter as it shall be read; every string is plain text and is printed as it is.

    `recipient` is 2 to 5 ready lines (name; c/o; street; postcode and town; country); no return address stands in
    the window, so that it shows the address alone. `body` has paragraphs separated by blank lines; single line breaks
    are kept. `link` is the address of the resident's own page (http or https, or without either),
    `code` the code to type there, in groups of four, and `link_note` says what to do with them. `qr` is the whole
    address with the code in it, printed as a QR code only. `attachments` are the names of the enclosures.
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
    qr: str = ""
    attachments: tuple[str, ...] = ()
    logo: Logo | None = None
    accent: str = "#0b5d52"  # the colour of names and links, #rrggbb

    def __post_init__(self) -> None:
        for needed in ("sender_name", "case_number", "date", "subject", "body"):
            if not getattr(self, needed).strip():
                raise ValueError(f"a letter needs its {needed.replace('_', ' ')}")
        if not 2 <= len([line for line in self.recipient if line.strip()]) <= 5:
            raise ValueError("a letter needs a recipient of 2 to 5 lines")
        if "://" in self.link and not self.link.startswith(("https://", "http://")):
            raise ValueError("the link of a letter must be a web address")
        if self.qr and not self.qr.startswith(("https://", "http://")):
            raise ValueError("the QR code of a letter must hold a web address")
        for thing, word in (("qr", self.words.qr), ("attachments", self.words.enclosures)):
            if getattr(self, thing) and not word.strip():
                raise ValueError(f"a letter with {thing} needs the word for it")


def typeset(letter: Letter, envelope: Envelope, *, at: datetime) -> bytes:
    """The letter as PDF/A-2a and PDF/UA-1 in one file; the same bytes for the same input.

    `at` (with a time zone) becomes the document's date. ValueError: `at` has none, the address or the sender's lines
    are too long for their place, the logo cannot be drawn, or the QR code's address is too long. Characters that the
    font cannot draw are printed as □: see `unprintable`.
    """
    return press.pdf("letter.typ", contents(letter, envelope), at=at)


def picture(letter: Letter, envelope: Envelope, *, ppi: int = 36) -> bytes:
    """The letter's first page as PNG; 36 pixels an inch make it 298 x 421. ValueError: as for `typeset`."""
    return press.png("letter.typ", contents(letter, envelope), ppi=ppi)


def unprintable(letter: Letter) -> str:
    """The characters of the letter that will be printed as □, each once, in order: to be shown before it is sent."""
    texts = (letter.sender_name, *letter.recipient, letter.subject, letter.body, letter.closing, letter.signature_name)
    return undrawable("\n".join((*texts, *letter.attachments)))


def contents(letter: Letter, envelope: Envelope) -> dict[str, object]:
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
        "enclosures": _lines(letter.attachments),
        "link": _link(letter),
        "qr": qr_code(letter.qr) if letter.qr else None,
        "logo": _logo(letter.logo),
        "accent": letter.accent,
        **places(envelope),
    }


def places(envelope: Envelope) -> dict[str, object]:
    """Where the window looks and where the sheet is folded, as the templates read it: millimetres."""
    return {
        "safe": place(envelope.safe_box),
        "exposed": place(envelope.exposed_box),
        "folds": envelope.folds,
    }


def place(box: Box) -> dict[str, float]:
    """A box as the templates read it: millimetres."""
    return box._asdict() | {"width": box.width, "height": box.height}


def _logo(logo: Logo | None) -> dict[str, object] | None:
    return {"svg": logo.svg, "alt": drawable(logo.alt), "names": logo.names} if logo else None


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
