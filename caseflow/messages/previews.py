"""Small pictures of files, made anew from their pixels and kept by their content; never the file itself.

What cannot be drawn (a broken file, a bomb, a PDF under a password) is remembered as an empty picture.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from caseflow import files
from caseflow.messages import drawing
from caseflow.messages.models import Attachment

WIDTHS = {"small": 240, "large": 1400}
DRAWN = ("application/pdf", "image/jpeg", "image/png")
PATIENCE = drawing.SECONDS + 5


def of(row: Attachment, size: str, config: Mapping[str, Any]) -> bytes | None:
    """A JPEG; None where there is none to be had. FileNotFoundError: the content is gone."""
    if row.media_type not in DRAWN:
        return None
    kept = _path(row.sha256, size, config)
    if not kept.exists():
        files.write_whole(kept, _draw(files.read(row.sha256, config), row.media_type, WIDTHS[size]), durable=False)
    return kept.read_bytes() or None


def _draw(content: bytes, media_type: str, width: int) -> bytes:
    """By a process of its own with an empty environment; nothing when it fails or takes too long."""
    argv = [sys.executable, "-I", str(Path(drawing.__file__)), media_type, str(width)]
    try:
        done = subprocess.run(argv, input=content, capture_output=True, timeout=PATIENCE, env={}, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return b""
    return done.stdout if done.returncode == 0 else b""


def _path(sha256: str, size: str, config: Mapping[str, Any]) -> Path:
    return Path(config["DATA"]) / "previews" / sha256[:2] / f"{sha256}-{size}.jpg"
