"""Files that somebody has chosen and not yet sent: kept apart for a day, and in all no more than fits.

Only what is sent goes to the files that are kept (files.py). What is left behind here is swept away.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from caseflow import files

KEPT_FOR = timedelta(days=1)
ROOM = 2 * 1024**3  # bytes of all that is staged at the same time


class Full(OSError):
    """There is no room for more just now."""


def stage(content: bytes, config: Mapping[str, Any], *, now: datetime) -> str:
    """Keep the content for a day; returns its SHA-256. Raises `Full`, or OSError where the disk does not take it."""
    sha256 = hashlib.sha256(content).hexdigest()
    if is_there(sha256, config, now=now):
        return sha256
    if len(content) + _used(config) > ROOM:
        sweep(config, now=now)
        if len(content) + _used(config) > ROOM:
            raise Full
    files.write_whole(_path(sha256, config), content, durable=False)
    _touch(_path(sha256, config), now)
    return sha256


def is_there(sha256: str, config: Mapping[str, Any], *, now: datetime) -> bool:
    """Whether it is still here; who asks still needs it, so that its day begins anew."""
    try:
        _touch(_path(sha256, config), now)
    except FileNotFoundError:
        return False
    return True


def settle(sha256: str, config: Mapping[str, Any]) -> None:
    """It was sent: keep it for good. Its place here is left to the sweep, since the sending may yet fail."""
    files.keep(_path(sha256, config).read_bytes(), config)


def sweep(config: Mapping[str, Any], *, now: datetime) -> int:
    """Remove what nobody has sent for a day; returns how many."""
    old = [path for path, stat in _all(config) if stat.st_mtime < (now - KEPT_FOR).timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _used(config: Mapping[str, Any]) -> int:
    return sum(stat.st_size for _path, stat in _all(config))


def _all(config: Mapping[str, Any]) -> Iterator[tuple[Path, os.stat_result]]:
    for path in _folder(config).glob("*"):
        try:
            yield path, path.stat()
        except FileNotFoundError:  # swept by somebody else in this moment
            continue


def _touch(path: Path, now: datetime) -> None:
    os.utime(path, (now.timestamp(), now.timestamp()))


def _folder(config: Mapping[str, Any]) -> Path:
    return Path(config["DATA"]) / "staged"


def _path(sha256: str, config: Mapping[str, Any]) -> Path:
    """ValueError when that is no SHA-256."""
    if not files.SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256")
    return _folder(config) / sha256
