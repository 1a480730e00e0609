"""ClamAV's verdict on a file, asked of `clamd` by its INSTREAM command (clamd(8)); without one, no verdict.

A scanner that is configured and does not answer lets nothing through: `Away` is for who must say so in words.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog

log = structlog.get_logger(__name__)

PORT = 3310
SECONDS = 20.0  # for each step of the talk
CHUNK = 64 * 1024


class Away(Exception):
    """The scanner could not be asked, or gave no verdict."""


def finding(content: bytes, config: Mapping[str, Any]) -> str | None:
    """The name of what ClamAV found in it, or None where it found nothing. Raises `Away`."""
    url = config.get("CLAMD_URL")
    if not url:
        return None
    try:
        with _line(url) as line:
            answer = _asked(line, content)
    except OSError as error:
        log.error("scanner_away", error=type(error).__name__)
        raise Away from error
    if answer.endswith(" FOUND"):
        name = answer.removeprefix("stream: ").removesuffix(" FOUND")
        log.warning("virus_refused", name=name, size=len(content))
        return name
    if answer != "stream: OK":
        log.error("scanner_without_verdict", answer=answer[:200])
        raise Away
    return None


def check(url: str) -> str:
    """The address as it is; ValueError where it is none: `tcp://host:3310` or `unix:///run/clamav/clamd.ctl`."""
    parts = urlsplit(url)
    known = {"tcp": bool(parts.hostname) and not parts.path.strip("/"), "unix": bool(parts.path) and not parts.netloc}
    if not known.get(parts.scheme) or (parts.scheme == "tcp" and parts.port == 0):
        raise ValueError("CLAMD_URL must look like tcp://host:3310 or unix:///run/clamav/clamd.ctl.")
    return url


@contextmanager
def _line(url: str) -> Iterator[socket.socket]:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(SECONDS)
            line.connect(unquote(parts.path))
            yield line
    else:
        with socket.create_connection((str(parts.hostname), parts.port or PORT), SECONDS) as line:
            yield line


def _asked(line: socket.socket, content: bytes) -> str:
    """clamd stops reading where a file is beyond its own limit: then its answer says more than the broken line."""
    try:
        line.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), CHUNK):
            part = content[start : start + CHUNK]
            line.sendall(struct.pack("!L", len(part)) + part)
        line.sendall(struct.pack("!L", 0))
    except BrokenPipeError:
        log.warning("scanner_hung_up", size=len(content))
    answer = b""
    while not answer.endswith(b"\0") and (more := line.recv(4096)):
        answer += more
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")
