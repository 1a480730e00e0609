"""LETTERS_URL: where batches of letters go."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")
FORMS = "folder:/path, ipp://host/printers/queue, ipps://host/printers/queue or sftp://user@host/path?key=…&host_key=…"
OPTIONS: Mapping[str, frozenset[str]] = {
    "folder": frozenset(),
    "ipp": frozenset(),
    "ipps": frozenset({"ca"}),
    "sftp": frozenset({"key", "host_key"}),
}


@dataclass(frozen=True)
class Target:
    """An address for letters, taken apart. User, password and path are written percent-encoded in the address.

    `key` is the file of our private key, `host_key` the known_hosts file with the server's, `ca` a PEM file of the
    authorities to trust instead of the system's. Its text leaves out what is nobody's business.
    """

    scheme: str
    path: str
    host: str = ""
    port: int = 0
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    host_key: str = field(default="", repr=False)
    ca: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str) -> Target:
        """ValueError: a sentence for the operator, without the address itself, which may hold a password."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ValueError("LETTERS_URL cannot be understood; write its special characters as %XX.") from None
        if parts.scheme not in OPTIONS:
            raise ValueError(f"LETTERS_URL must be one of {FORMS}.")
        path = unquote(parts.path)
        if not path.startswith("/") or re.search(r"[\x00-\x20\x7f]", url) or parts.fragment:
            raise ValueError("LETTERS_URL needs a path that begins with /; write its special characters as %XX.")
        if parts.scheme == "folder":
            return cls._folder(parts, path)
        server: dict[str, Any] = {"host": parts.hostname or "", "port": port, "user": unquote(parts.username or "")}
        server |= {"password": unquote(parts.password or ""), **_options(parts)}
        if not server["host"] or port == 0:
            raise ValueError("LETTERS_URL needs a host, and a port other than 0.")
        return cls._ssh(path, server) if parts.scheme == "sftp" else cls._printer(parts.scheme, path, server)

    @classmethod
    def _folder(cls, parts: SplitResult, path: str) -> Target:
        if parts.netloc:
            raise ValueError("LETTERS_URL names a folder with one slash: folder:/path.")
        _options(parts)
        return cls("folder", path)

    @classmethod
    def _printer(cls, scheme: str, path: str, server: dict[str, Any]) -> Target:
        if path == "/":
            raise ValueError("LETTERS_URL needs the printer's queue: ipp://host/printers/queue.")
        if server["password"] and scheme == "ipp" and server["host"] not in LOOPBACK:
            raise ValueError("LETTERS_URL has a password that anybody on the way could read: write ipps://.")
        return cls(scheme, path, **server | {"port": server["port"] or 631})

    @classmethod
    def _ssh(cls, path: str, server: dict[str, Any]) -> Target:
        if server["password"]:
            raise ValueError("LETTERS_URL has a password, but sftp logs in with a key: ?key=/path/to/key.")
        if not server["user"]:
            raise ValueError("LETTERS_URL needs a user: sftp://user@host/path.")
        if not all(server.get(name, "").startswith("/") for name in ("key", "host_key")):
            raise ValueError("LETTERS_URL needs ?key=/path/to/key&host_key=/path/to/known_hosts for sftp.")
        return cls("sftp", path, **server | {"port": server["port"] or 22})

    @property
    def authority(self) -> str:
        """host:port, as it stands in an address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _options(parts: SplitResult) -> dict[str, str]:
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    if not given.keys() <= OPTIONS[parts.scheme]:
        allowed = " and ".join(sorted(OPTIONS[parts.scheme])) or "none"
        raise ValueError(f"LETTERS_URL has an option that {parts.scheme} does not know (it knows {allowed}).")
    return given
