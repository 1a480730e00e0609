"""The Typst of a process: templates and data in, PDF, PNG or an answer out; no Flask and no database.

Found by trial on 0.15.2: Typst takes one compilation at a time in a `Compiler`, can no longer be forked after the
first one, and PDF/A refuses a document with a single character that its one font lacks (see `glyphs.py`).
"""

import json
import os
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from caseflow.messages.glyphs import FONTS

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "messages"
STANDARDS = ["a-2a", "ua-1"]
# What Typst says of data rather than of our templates, and what we say instead.
COMPLAINTS = {
    "too long for its place": "the address or the sender's lines are too long for their place on the letter",
    "failed to parse SVG": "a picture is no readable SVG",
    "failed to load linked image": "a picture may not fetch another",
    "failed to decode image": "a picture cannot be read",
}


def pdf(template: str, data: Mapping[str, object], *, at: datetime) -> bytes:
    """The template (its file's name) as PDF/A-2a and PDF/UA-1 in one; the same bytes for the same input.

    `at` (with a time zone) becomes the document's date. ValueError: `at` has none, or the data cannot be printed.
    """
    if at.tzinfo is None:
        raise ValueError("at needs a time zone")
    return _press.compile(template, data, format="pdf", pdf_standards=STANDARDS, timestamp=int(at.timestamp()))


def png(template: str, data: Mapping[str, object], *, ppi: int) -> bytes:
    """The first page as a picture. ValueError: the data cannot be printed."""
    return _press.compile(template, data, format="png", ppi=ppi)


def answer(template: str, data: Mapping[str, object]) -> Any:
    """What the template says in its metadata labelled <answer>: for measuring, less than a millisecond."""
    return _press.ask(template, data)


class _Press:
    """One compiler for each template, made when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fonts: typst.Fonts | None = None
        self._compilers: dict[str, typst.Compiler] = {}
        self._forked = False

    def compile(self, template: str, data: Mapping[str, object], **how: Any) -> bytes:
        with self._lock:
            if template not in self._compilers:
                self._compilers[template] = self._make(template)
            made = _checked(self._compilers[template].compile, sys_inputs=inputs(data), **how)
        first = made[0] if isinstance(made, list) else made  # a picture of several pages is a list
        assert isinstance(first, bytes)  # no output file was named
        return first

    def ask(self, template: str, data: Mapping[str, object]) -> Any:
        with self._lock:
            compiler = self._make(template, sys_inputs=inputs(data))  # `query` itself takes no inputs
            return json.loads(_checked(compiler.query, selector="<answer>", field="value", one=True))

    def _make(self, template: str, **how: Any) -> typst.Compiler:
        if self._forked:
            raise RuntimeError("letters were set before this process was forked: Typst would wait for ever")
        self._fonts = self._fonts or typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
        )
        return typst.Compiler(str(TEMPLATES / template), root=str(TEMPLATES), font_paths=self._fonts, **how)

    def notice_fork(self) -> None:
        """In a forked child Typst's threads are gone, and any compilation there waits for ever (tried on 0.15.2)."""
        self._lock = threading.Lock()
        self._forked = self._fonts is not None
        self._compilers = {}


def inputs(data: Mapping[str, object]) -> dict[str, str]:
    """The data as a template finds it in sys.inputs."""
    return {"data": json.dumps(data, ensure_ascii=False)}


def _checked(act: Any, **how: Any) -> Any:
    try:
        return act(**how)
    except typst.TypstError as error:
        for complaint, meaning in COMPLAINTS.items():
            if complaint in str(error):
                raise ValueError(meaning) from error
        raise


_press = _Press()
os.register_at_fork(after_in_child=_press.notice_fork)
