"""A mail server in a process of its own: `python -m tests.chaos.sink <port> <control port> <log> <seed>`.

It writes when it accepted which Message-ID, one a line, to a file that it only appends to, and takes a random while
before and after, so that a sender can die on either side of the moment of acceptance. Some mails it treats as
`fates.fate` says. To the control port one says a line: where it is to hold every mail from now on (`rcpt`: before it is
taken; `answer`: once it is taken, before it says so; `nowhere`). It answers in JSON which mails it holds, by address
and the sender's port, and how many it has had in hand at the same time at most.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from email import message_from_bytes
from typing import cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.chaos.fates import fate

# Seconds, at most, before and after the mail is accepted; and for how long a silent server is silent.
DAWDLING, SILENCE = 0.03, 30.0
CLOSING = "421 hanging up"

Control = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Sink:
    def __init__(self, log: str, seed: int) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._seed, self._random = seed, random.Random(seed)
        self._tries: Counter[str] = Counter()
        self._where, self._released = "nowhere", asyncio.Event()
        self._held: dict[int, str] = {}
        self.in_hand: set[int] = set()
        self._most = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._take_in_hand(session)
        await self._hold_at("rcpt", session, address)
        self._tries[address] += 1
        answer = await self._welcome(server, fate(self._seed, address), self._tries[address])
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        else:
            self.let_go(session)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        address = envelope.rcpt_tos[0]
        kind = fate(self._seed, address)
        await asyncio.sleep(self._random.uniform(0, DAWDLING))
        if kind == "refused_late":
            self.let_go(session)
            return "554 5.7.1 this looks like spam"
        self._accept(envelope)
        if kind == "silent_late":
            await asyncio.sleep(SILENCE)
        await self._hold_at("answer", session, address)
        await asyncio.sleep(self._random.uniform(0, DAWDLING))
        self.let_go(session)
        return _hang_up(server) if kind in ("cut_late", "silent_late") else "250 OK"

    async def handle_RSET(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.let_go(session)
        return "250 OK"

    async def obey(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One question of whoever commands: where to hold; or nothing new."""
        where = (await reader.readline()).decode().strip()
        if where:
            self._where = where
            self._released.set()  # who is held elsewhere goes on
            self._released = asyncio.Event()
        answer = {"held": [[port, address] for port, address in self._held.items()], "most": self._most}
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
        writer.close()

    def let_go(self, session: Session) -> None:
        """The mail of this line is settled, or the line is gone."""
        self.in_hand.discard(_port(session))

    async def _welcome(self, server: SMTP, kind: str, tries: int) -> str:
        match kind, tries:
            case "refused", _:
                return "550 5.1.1 nobody of this name"
            case ("never", _) | ("later", 1):
                return "451 4.7.1 come again"
            case "cut_early", 1:
                return _hang_up(server)
            case "silent_early", _:
                await asyncio.sleep(SILENCE)
                return _hang_up(server)
        return "250 OK"

    def _take_in_hand(self, session: Session) -> None:
        self.in_hand.add(_port(session))
        self._most = max(self._most, len(self.in_hand))

    def _accept(self, envelope: Envelope) -> None:
        message_id = message_from_bytes(cast(bytes, envelope.content))["Message-ID"]
        os.write(self._log, f"{time.time():.3f} {message_id}\n".encode())

    async def _hold_at(self, where: str, session: Session, address: str) -> None:
        if self._where != where:
            return
        self._held[_port(session)] = address
        try:
            await self._released.wait()
        finally:
            del self._held[_port(session)]


class Line(SMTP):
    """One connection; a sender that dies has nothing in hand any more."""

    def connection_lost(self, error: Exception | None) -> None:
        if self.session is not None:
            cast(Sink, self.event_handler).let_go(self.session)
        super().connection_lost(error)


def _hang_up(server: SMTP) -> str:
    cast(asyncio.WriteTransport, server.transport).abort()
    return CLOSING


def _port(session: Session) -> int:
    return int(cast(tuple[str, int], session.peer)[1])


async def main() -> None:
    port, control, log, seed = sys.argv[1:]
    sink = Sink(log, int(seed))
    loop = asyncio.get_running_loop()
    await asyncio.start_server(sink.obey, "127.0.0.1", int(control))
    server = await loop.create_server(lambda: Line(sink, hostname="sink.example.org"), "127.0.0.1", int(port))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
