"""A fake clamd: a server of its own on a TCP port or a socket file, that speaks zINSTREAM as clamd(8) says.

It finds whatever contains VIRUS; what is larger than `limit` it refuses as clamd does, by hanging up with a word.
"""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VIRUS = b"X5O!P%@AP-NOT-EICAR-BUT-FOUND"


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
            if len(content) > self.server.limit:  # type: ignore[attr-defined]
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.wfile.write(b"stream: Eicar-Signature FOUND\0" if VIRUS in content else b"stream: OK\0")


@contextmanager
def clamd(socket_file: Path | None = None, *, limit: int = 25_000_000) -> Iterator[str]:
    """Its address, as CLAMD_URL takes it."""
    server: socketserver.BaseServer
    if socket_file:
        server, url = socketserver.ThreadingUnixStreamServer(str(socket_file), _Talk), f"unix://{socket_file}"
    else:
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk)
        url = f"tcp://127.0.0.1:{server.server_address[1]}"
    server.limit = limit  # type: ignore[attr-defined]
    with server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield url
        server.shutdown()
