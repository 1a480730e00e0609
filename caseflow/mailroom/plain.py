"""Any text part of a mail as plain text: bytes in any encoding, flowed lines, HTML."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from html import unescape

from caseflow.mailroom.headers import clean

# Characters of one part that are read; what is longer is in the mail as it came.
LENGTH = 400_000
# Codecs of Python's that are no encodings of mail, and slow ones among them.
_NO_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"}
# As browsers do (WHATWG Encoding): who says Latin 1 writes what Windows writes. ASCII with other bytes says nothing.
_MEANT = {"iso8859-1": "windows-1252", "ascii": None}

_UNSEEN = {"head", "script", "style", "title", "template", "noscript", "svg", "object", "select"}
_BLOCK = re.compile(
    "address|article|aside|blockquote|body|center|d[dlt]|div|fieldset|figure|footer|form|h[1-6r]|header|html|li|main|nav"
    "|ol|p|pre|section|table|tbody|tfoot|thead|tr|ul"
)
_APART = re.compile("p|h[1-6]|ul|ol|dl|pre|table")
_TAG = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9:]*)")
_HREF = re.compile(r"""\shref\s*=\s*(?:"([^"]{0,2000})"|'([^']{0,2000})'|([^\s"'>]{1,2000}))""", re.IGNORECASE)
_ALT = re.compile(r"""\salt\s*=\s*(?:"([^"]{1,200})"|'([^']{1,200})')""", re.IGNORECASE)
_NO_CHARACTER = re.compile(r"&#[xX]?[0-9a-fA-F]{9,};?")
_DECLARATION = re.compile(r"<[!?][^>]*>?")


def decode(content: bytes, charset: str | None) -> str:
    """The bytes as text: in the charset that the mail names, else UTF-8, else what Windows writes; never fails."""
    for name in filter(None, (_known(charset), "utf-8-sig")):
        try:
            return clean(content.decode(name))
        except (UnicodeError, ValueError):
            continue
    return clean(content.decode("windows-1252", "replace"))


def unflow(text: str, *, delete_space: bool) -> str:
    """Join the lines that `format=flowed` has broken (RFC 3676); the sign of a signature stays a line."""
    lines: list[str] = []
    flowing = False
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        said = line[depth:].removeprefix(" ")
        if flowing and said != "-- " and depth == _depth(lines[-1]):
            lines[-1] += said
        else:
            lines.append((">" * depth + " " if depth else "") + said)
        flowing = said.endswith(" ") and said != "-- "
        if flowing and delete_space:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)


def from_html(html: str) -> str:
    """What a reader of the page would read, with quotations marked by `>`; links stand as text, nothing is fetched.

    Python's html.parser needs a time that grows with the square of some mails' length; this reads each sign once.
    """
    lines = _Lines()
    unseen: str | None = None
    for sort, name, inside in _pieces(html[:LENGTH]):
        if unseen:
            unseen = None if (sort, name) == ("close", unseen) else unseen
        elif sort == "text":
            lines.write(_unescaped(inside))
        elif sort == "open" and name in _UNSEEN:
            unseen = name
        else:
            lines.mark(sort, name, inside)
    return clean("\n".join(lines.all())).strip()


def _pieces(html: str) -> Iterator[tuple[str, str, str]]:
    """The page as ("text", "", words), ("open", tag, attributes) and ("close", tag, "")."""
    before, *rest = _DECLARATION.sub("", _without_comments(html)).split("<")
    yield "text", "", before
    for piece in rest:
        inside, closed, after = piece.partition(">")
        tag = _TAG.match(inside)
        if tag is None:
            yield "text", "", f"<{piece}"
            continue
        yield "close" if tag[1] else "open", tag[2].lower(), inside[tag.end() :] if closed else ""
        yield "text", "", after


def _without_comments(html: str) -> str:
    before, *rest = html.split("<!--")
    return before + "".join(piece.partition("-->")[2] for piece in rest)


class _Lines:
    """The text while it is being written: one entry a line, without the signs of quotation of the open line."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._line: list[str] = []
        self._quoted = 0
        self._as_typed = 0
        self._link: tuple[str, int] | None = None

    def all(self) -> list[str]:
        self._end()
        return self._done

    def write(self, words: str) -> None:
        first, *more = words.split("\n") if self._as_typed else [words]
        self._line.append(first)
        for line in more:
            self._break()
            self._line.append(line)

    def mark(self, sort: str, name: str, attributes: str) -> None:
        """What a tag does to the text around it."""
        match sort, name:
            case "open", "br":
                self._break()
            case _, "td" | "th":
                self.write(" " if sort == "open" else "")
            case "open", "img":
                self.write(_said(_ALT, attributes))
            case "open", "a":
                self._link = (_said(_HREF, attributes), len(self._line))
            case "close", "a" if self._link:
                self._show_link(*self._link)
            case _, _ if _BLOCK.fullmatch(name):
                self._block(sort, name)

    def _block(self, sort: str, name: str) -> None:
        self._end()
        if _APART.fullmatch(name) and self._done and self._done[-1].strip("> "):
            self._done.append("> " * self._quoted)
        deeper = 1 if sort == "open" else -1
        self._quoted = max(0, self._quoted + deeper * (name == "blockquote"))
        self._as_typed = max(0, self._as_typed + deeper * (name == "pre"))
        if (sort, name) == ("open", "li"):
            self.write("- ")

    def _show_link(self, target: str, begins: int) -> None:
        """The address after the link's words, when it is another one: no word may hide where it leads."""
        self._link = None
        shown = "".join(self._line[begins:]).strip().rstrip("/")
        bare = target.removeprefix("mailto:").rstrip("/")
        leads_somewhere = bare.startswith(("http://", "https://")) or target.startswith("mailto:")
        if leads_somewhere and bare not in (shown, f"http://{shown}", f"https://{shown}"):
            self._line.append(f" <{bare}>")

    def _end(self) -> None:
        """A block begins or ends: what stands on the open line is a line."""
        if "".join(self._line).strip():
            self._break()
        self._line.clear()

    def _break(self) -> None:
        words = " ".join("".join(self._line).split())
        self._done.append("> " * min(self._quoted, 10) + words)
        self._line.clear()


def _said(attribute: re.Pattern[str], attributes: str) -> str:
    found = attribute.search(attributes)
    return _unescaped(next((group for group in found.groups() if group), "")).strip() if found else ""


def _unescaped(words: str) -> str:
    """Without the numbers that are no characters: Python refuses to read very long ones."""
    return unescape(_NO_CHARACTER.sub("\ufffd", words))


def _known(charset: str | None) -> str | None:
    try:
        name = codecs.lookup(charset or "").name
        "".encode(name)  # LookupError for a codec that is none of text
    except (LookupError, ValueError):
        return None
    return None if name in _NO_CHARSETS else _MEANT.get(name, name)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(">"))
