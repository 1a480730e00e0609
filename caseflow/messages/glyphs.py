"""Which characters the letter's font can draw, and what to print for the others.

PDF/A refuses a document with a single character that its font lacks, so this is settled before Typst sees a text.
"""

import re
import struct
import unicodedata
from functools import cache
from importlib.resources import files
from pathlib import Path

FONTS = Path(str(files("fontpkg_source_sans_3"))) / "files"
REPLACEMENT = "□"  # U+25A1; the font has no U+FFFD


def drawable(text: str) -> str:
    """The text in characters that the font draws, line breaks as \\n; what has no glyph and no plainer form is □."""
    plain = re.sub("\r\n|[\r\v\f\x85\u2028\u2029]", "\n", text).replace("\t", "    ")
    return "".join(map(_drawn, unicodedata.normalize("NFC", plain)))


def undrawable(text: str) -> str:
    """The characters of the text that `drawable` makes □, each once, in order."""
    lost = [ch for ch in unicodedata.normalize("NFC", text) if _drawn(ch) == REPLACEMENT != ch]
    return "".join(dict.fromkeys(lost))


@cache
def _drawn(character: str) -> str:
    """The character as the font can draw it: itself, nothing, a plainer form, or the replacement."""
    if character == "\n" or ord(character) in _glyphs():
        return character
    # Controls, joiners, direction marks and variation selectors have no shape of their own.
    if unicodedata.category(character) in ("Cc", "Cf") or "\ufe00" <= character <= "\ufe0f":
        return ""
    plainer = unicodedata.normalize("NFKC", character)
    return plainer if all(ord(part) in _glyphs() for part in plainer) else REPLACEMENT


@cache
def _glyphs() -> frozenset[int]:
    """The code points that the font draws: its cmap table's full-Unicode part (OpenType, format 12)."""
    font = (FONTS / "SourceSans3[wght].ttf").read_bytes()
    tables = (struct.unpack_from(">4sIII", font, 12 + 16 * i) for i in range(struct.unpack_from(">H", font, 4)[0]))
    start = next(offset for tag, _, offset, _ in tables if tag == b"cmap")
    count = struct.unpack_from(">H", font, start + 2)[0]
    parts = (struct.unpack_from(">HHI", font, start + 4 + 8 * i) for i in range(count))
    part = start + next(offset for platform, encoding, offset in parts if (platform, encoding) == (3, 10))
    groups = (struct.unpack_from(">III", font, part + 16 + 12 * i) for i in range(_count_groups(font, part)))
    # U+FEFF is in the font and yet refused by PDF/A.
    return frozenset(point for first, last, _ in groups for point in range(first, last + 1)) - {0xFEFF}


def _count_groups(font: bytes, part: int) -> int:
    return int(struct.unpack_from(">I", font, part + 12)[0])
