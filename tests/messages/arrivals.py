"""In which order files get their names in a folder, as the kernel tells it (inotify, Linux)."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MOVED_TO = 0x80
EVENT = struct.Struct("iIII")


@contextmanager
def arrivals(folder: Path) -> Iterator[Callable[[], list[str]]]:
    """A function that gives the names which files were moved to since the block began."""
    if sys.platform != "linux":
        pytest.skip("no inotify here: THE ORDER OF THE FILES NOT TESTED")
    libc = ctypes.CDLL(None)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    libc.inotify_add_watch(watch, os.fsencode(folder), MOVED_TO)
    try:
        yield lambda: list(_names(os.read(watch, 65536)))
    finally:
        os.close(watch)


def _names(events: bytes) -> Iterator[str]:
    while events:
        *_what, length = EVENT.unpack_from(events)
        end = EVENT.size + length
        yield events[EVENT.size : end].rstrip(b"\0").decode()
        events = events[end:]
