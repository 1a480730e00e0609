"""A stranger's file made safe to keep, or refused in words: looked at by the scanner, then by a program of its own."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from flask_babel import gettext as _

from caseflow import scanner
from caseflow.cases.files.attachments import clean_name
from caseflow.messages import cleaning

ENDINGS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
ALSO = {"image/jpeg": (".jpg", ".jpeg"), "application/pdf": (".pdf",), "image/png": (".png",)}
PATIENCE = cleaning.SECONDS + 5
# One picture at a time is unpacked by each of our processes: fifty million pixels need some hundred megabytes.
_ONE_BY_ONE = threading.Semaphore(1)


def made_safe(name: str, content: bytes, config: Mapping[str, Any]) -> tuple[str, str, bytes]:
    """Its name, media type and content to keep. ValueError, in words for the person who chose it."""
    scanned(name, content, config)
    verdict, made = _cleaned(content)
    if verdict not in ENDINGS:
        raise ValueError(_why(verdict, name))
    return _named(name, verdict), verdict, made


def scanned(name: str, content: bytes, config: Mapping[str, Any]) -> None:
    """Nothing where the virus scanner finds nothing; else ValueError, likewise."""
    try:
        found = scanner.finding(content, config)
    except scanner.Away:
        told = _("We cannot check files just now. Send without “%(name)s” and add it later.", name=name)
        raise ValueError(told) from None
    if found:
        raise ValueError(_("“%(name)s” is refused: our virus scanner found something in it.", name=name))


def _cleaned(content: bytes) -> tuple[str, bytes]:
    """By a process of its own with an empty environment; `broken` when it fails or takes too long."""
    argv = [sys.executable, "-I", str(Path(cleaning.__file__))]
    try:
        with _ONE_BY_ONE:
            done = subprocess.run(argv, input=content, capture_output=True, timeout=PATIENCE, env={}, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return "broken", b""
    verdict, _line, made = done.stdout.partition(b"\n")
    return (verdict.decode(), made) if done.returncode == 0 else ("broken", b"")


def _named(name: str, media_type: str) -> str:
    """With the ending of what it now is: a HEIC has become a JPEG."""
    path = PurePath(name)
    fits = path.suffix.lower() in ALSO[media_type]
    return name if fits else clean_name(path.stem + ENDINGS[media_type])


def _why(verdict: str, name: str) -> str:
    if verdict == "kind":
        return _("“%(name)s” is no photo (JPEG, PNG or HEIC) and no PDF. Save it as one of these first.", name=name)
    if verdict == "pixels":
        return _("“%(name)s” has too many pixels. Choose a smaller picture.", name=name)
    if verdict == "locked":
        return _("“%(name)s” is locked by a password. Remove it first, so that we can read the file.", name=name)
    if verdict == "program":
        return _("“%(name)s” contains a program. Print it to a new PDF and choose that one.", name=name)
    return _("“%(name)s” is damaged: we cannot open it. Choose another file, or a screenshot of it.", name=name)
