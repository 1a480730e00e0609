"""Files that people send and receive, kept once under the SHA-256 of their content, outside the web root."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SHA256 = re.compile(r"[0-9a-f]{64}")


def keep(content: bytes, config: Mapping[str, Any]) -> str:
    """Store the content, or find that it is there already; returns its SHA-256. It survives a power cut.

    Kept before the row that names it is committed: a file without a row is harmless, a row without a file is not.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(sha256, config)
    if path.exists() and path.stat().st_size == len(content):
        return sha256
    write_whole(path, content)
    return sha256


def write_whole(path: Path, content: bytes, *, durable: bool = True) -> None:
    """A whole file under its name, or none, whoever else writes it at the same time; `durable`: even after a power cut,
    which costs a wait for the disk and is needless for what can be made again."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}.part")
    with part.open("wb") as file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    part.replace(path)


def read(sha256: str, config: Mapping[str, Any]) -> bytes:
    """The content; FileNotFoundError when it is missing or is no longer what its name says."""
    content = path_of(sha256, config).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FileNotFoundError("the file's content has changed")
    return content


def path_of(sha256: str, config: Mapping[str, Any]) -> Path:
    """Where the content lies; ValueError when that is no SHA-256."""
    if not SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256")
    return Path(config["DATA"]) / "files" / sha256[:2] / sha256
