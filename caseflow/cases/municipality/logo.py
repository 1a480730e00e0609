"""The municipality's logo: whatever picture was chosen becomes an SVG that does nothing but stand there."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from typing import Any

import py_svg_hush
from flask_babel import gettext as _

from caseflow.cases.files.made_safe import made_safe
from caseflow.messages import pictures

LARGEST_ON_PAGES = 100_000  # octets; a larger one heads letters only
LONGEST = 1200  # pixels: the widest letterhead at 300 to the inch
PICTURES = {"image": ["png", "jpeg"]}
NONE = "?"  # in the place of a picture that cannot be used, to be refused where it is checked


@lru_cache(maxsize=8)
def cleaned(svg: str) -> str:
    """Without scripts, links, and what would be fetched from elsewhere; once cleaned it stays as it is."""
    try:
        return str(py_svg_hush.filter_svg(svg.encode(), PICTURES).decode())
    except ValueError as error:
        raise ValueError(_("Choose an SVG, a PNG or a JPEG of at most 500 kB.")) from error


def from_file(content: bytes, config: Mapping[str, Any]) -> str:
    """A chosen file as SVG: a PNG or JPEG is drawn anew from its pixels, as strangers' pictures are."""
    if not content.startswith((b"\x89PNG", b"\xff\xd8\xff")):
        return content.decode("utf-8-sig", errors="replace").replace("\x00", "")
    try:
        _name, _kind, made = made_safe("logo", content, config)
        image = pictures.opened(made)
        image.thumbnail((LONGEST, LONGEST))
        drawn = BytesIO()
        image.save(drawn, "PNG", optimize=True)
        return pictures.framed(drawn.getvalue())
    except ValueError:
        return NONE


def check(svg: str) -> None:
    """ValueError in words for what is no logo; where nothing was chosen there is nothing to say."""
    if svg and (svg == NONE or len(cleaned(svg).encode()) > pictures.LOGO_LIMIT):
        raise ValueError(_("Choose an SVG, a PNG or a JPEG of at most 500 kB."))


def as_address(svg: str) -> str:
    """For a page that shows it before it is saved."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}" if svg else ""
