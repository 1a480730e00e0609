"""Lines that go wrong: silent servers, and a wire in front of a real one that is cut, clogged or struck dumb."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

Fault = Literal["none", "cut", "clogged", "dumb"]


@contextmanager
def silent(greeting: bytes = b"", drip: float | None = None) -> Iterator[int]:
    """The port of a server that takes connections and says only its greeting, or a byte of it each `drip` seconds."""
    over = threading.Event()
    kept: list[socket.socket] = []

    def talk(line: socket.socket) -> None:
        with suppress(OSError):
            if drip is None:
                line.sendall(greeting)
                return
            for byte in greeting:
                line.sendall(bytes([byte]))
                if over.wait(drip):
                    return

    def listen() -> None:
        with suppress(OSError):
            while True:
                line, _ = server.accept()
                kept.append(line)
                threading.Thread(target=talk, args=(line,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=listen, daemon=True).start()
        yield int(server.getsockname()[1])
        over.set()
        server.shutdown(socket.SHUT_RDWR)
    for line in kept:
        line.close()


class Wire:
    """A wire to a server's port. After `after` bytes of the client: cut; clogged (open, nothing goes through any more);
    or dumb: the server hears all, but at its next word the line is cut. `passed` counts the client's bytes.
    """

    def __init__(self, to: int, *, after: int = 0, fault: Fault = "none") -> None:
        self.passed = 0
        self._to, self._after, self._fault = to, after, fault
        self._server = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self.port = int(self._server.getsockname()[1])

    def __enter__(self) -> Wire:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for end in self._ends:
            _hang_up(end)
            end.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
                for end in (client, server):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._ends += [client, server]
                threading.Thread(target=self._up, args=(client, server), daemon=True).start()
                threading.Thread(target=self._down, args=(client, server), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while piece := client.recv(65536):
                room = self._after - self.passed
                self.passed += len(piece)
                if self._fault in ("none", "dumb") or len(piece) <= room:
                    server.sendall(piece)
                elif self._fault == "cut":
                    server.sendall(piece[: max(room, 0)])
                    break
        if self._fault == "cut":
            _hang_up(client)
        _hang_up(server)

    def _down(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while piece := server.recv(65536):
                if self._fault == "dumb" and self.passed > self._after:
                    break
                client.sendall(piece)
        _hang_up(client)


def _hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
