"""A line to the broker that can become a black hole: `python -m tests.chaos.hole <port> <socket>`.

SIGUSR1: whatever is sent is swallowed, new connections are taken and never answered. SIGUSR2: it passes things on
again, but has forgotten the connections that it swallowed from, as a firewall does that was restarted.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress

CHUNK = 65536


class Line:
    def __init__(self, path: str) -> None:
        self._path = path
        self._swallows = False
        self._robbed: set[asyncio.StreamWriter] = set()

    def swallow(self) -> None:
        self._swallows = True

    def forget(self) -> None:
        self._swallows = False
        for writer in self._robbed:
            writer.transport.abort()
        self._robbed.clear()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, both ways, until either side hangs up."""
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(self._path)
        except OSError:
            writer.transport.abort()
            return
        ways = (self._pump(reader, far_writer, writer), self._pump(far_reader, writer, writer))
        await asyncio.gather(*ways)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, near: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                if self._swallows:
                    self._robbed.add(near)
                elif near not in self._robbed:
                    writer.write(data)
                    await writer.drain()
        writer.close()


async def main() -> None:
    port, path = sys.argv[1:]
    line = Line(path)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, line.swallow)
    loop.add_signal_handler(signal.SIGUSR2, line.forget)
    server = await asyncio.start_server(line.carry, "127.0.0.1", int(port))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
