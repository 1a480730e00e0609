"""A mail server in a process of its own: `python -m tests.chaos.sink <port> <log> <seed>`.

It writes the Message-ID of every mail that it accepts, one a line, to a file that it only appends to, and takes a
random while before and after, so that a sender can die on either side of the moment of acceptance.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from email import message_from_bytes
from typing import cast

from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import SMTP, Envelope, Session

# Seconds, at most, before and after the mail is accepted.
DAWDLING = 0.05


class Sink:
    def __init__(self, log: str, seed: int) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._random = random.Random(seed)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        message_id = message_from_bytes(cast(bytes, envelope.content))["Message-ID"]
        await asyncio.sleep(self._random.uniform(0, DAWDLING))
        os.write(self._log, f"{message_id}\n".encode())
        await asyncio.sleep(self._random.uniform(0, DAWDLING))
        return "250 OK"


def main() -> None:
    port, log, seed = sys.argv[1:]
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    UnthreadedController(Sink(log, int(seed)), hostname="127.0.0.1", port=int(port), loop=loop).begin()
    loop.run_forever()


if __name__ == "__main__":
    main()
