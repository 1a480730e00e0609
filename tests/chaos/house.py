"""The servers around the workers, to be killed and started again: database, broker and the line to it, providers."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import redis

from caseflow import ROOT, embedded
from caseflow.data_folder import VALKEY_SOCKET, occupied, sockets
from caseflow.processes import Child, Command, wait_until
from tests import blueprint, elks
from tests.brokers import OwnBroker
from tests.crew import offspring

PATIENCE = 30.0


class OwnPostgres:
    """A real PostgreSQL with fsync, as in production; on a port as well, whose other end says which process speaks."""

    def __init__(self, data: Path, lock: int) -> None:
        server = embedded.postgres(data, lock, durable=True)
        self.port = free_port()
        argv = (*server.command.argv, "--listen_addresses=127.0.0.1", f"--port={self.port}")
        self._server = replace(server, command=replace(server.command, argv=argv))
        self.url = f"postgresql://{embedded.OWNER}@127.0.0.1:{self.port}/{embedded.DATABASE}"
        self.start()

    def start(self) -> None:
        self._child = Child(self._server.command)
        wait_until(lambda: embedded.settled(self._server, self._child), PATIENCE)
        embedded.refuse_unready(self._server, self._child)

    def kill(self) -> None:
        """SIGKILL for all its processes at once; each session's has a process group of its own."""
        everybody = [self._child.pid, *offspring(self._child.pid)]
        for pid in everybody:
            os.kill(pid, signal.SIGKILL)
        self._child.kill()
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in everybody), PATIENCE)

    def stop(self) -> None:
        self._child.stop(PATIENCE)


class Line:
    """The line to the broker (see `hole`)."""

    def __init__(self, folder: Path, path: Path) -> None:
        port = free_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        self._child = _start("hole", folder, str(port), str(path))
        assert wait_until(lambda: _takes_connections(port), PATIENCE), "the line to the broker does not start"

    def swallow(self) -> None:
        os.kill(self._child.pid, signal.SIGUSR1)

    def forget(self) -> None:
        os.kill(self._child.pid, signal.SIGUSR2)

    def stop(self) -> None:
        self._child.kill()


class Sink:
    """The mail server's process, its log as it grows, and what it is told (see `sink`)."""

    def __init__(self, folder: Path, seed: int) -> None:
        port, self._control = free_port(), free_port()
        self.url = f"smtp://127.0.0.1:{port}"
        self._log = folder / "accepted.log"
        self._child = _start("sink", folder, str(port), str(self._control), str(self._log), str(seed))
        assert wait_until(lambda: _takes_connections(port), PATIENCE), "the mail server does not start"

    def accepted(self) -> list[tuple[float, str]]:
        """When it accepted which Message-ID, in order."""
        lines = self._log.read_text(encoding="ascii").splitlines()
        return [(float(at), header) for at, header in (line.split(" ", 1) for line in lines)]

    def hold(self, where: str) -> None:
        """Hold every mail that comes to this point from now on; `nowhere` lets all go on."""
        self._ask(where)

    def held(self) -> list[tuple[int, str]]:
        """The sender's port and the address of each mail that is held."""
        return [(int(port), str(address)) for port, address in self._ask()["held"]]

    def most(self) -> int:
        """How many mails it has had in hand at the same time, at most."""
        return int(self._ask()["most"])

    def stop(self) -> None:
        self._child.kill()

    def _ask(self, order: str = "") -> dict[str, Any]:
        with socket.create_connection(("127.0.0.1", self._control), timeout=5) as line, line.makefile("rw") as words:
            words.write(f"{order}\n")
            words.flush()
            return dict(json.loads(words.readline()))


@dataclass(frozen=True)
class House:
    folder: Path
    postgres: OwnPostgres
    broker: OwnBroker
    line: Line
    sink: Sink
    elks: elks.Elks
    sms_log: Path
    mails_at_once: int

    @property
    def environ(self) -> dict[str, str]:
        """For the app and its workers. The mail server would take more at once than they are allowed to send."""
        return {
            "CASEFLOW_DATA": str(self.folder),
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.line.url,
            "SMTP_URL": self.sink.url,
            "SMS_URL": self.elks.url,
            "CASEFLOW_LIMITS": f"email={self.mails_at_once} sms=2",
        }

    def rings(self) -> int:
        """How many rings for messages the broker holds, asked without the line."""
        found: Any = self._broker.llen("work")
        return int(found)

    def flush(self) -> None:
        self._broker.flushall()

    @property
    def _broker(self) -> redis.Redis:
        return redis.Redis.from_url(self.broker.url)

    def sms(self) -> list[str]:
        """The number of each SMS that the provider has taken."""
        if not self.sms_log.exists():
            return []
        return [json.loads(line)["to"] for line in self.sms_log.read_text(encoding="utf-8").splitlines()]


@contextmanager
def house(folder: Path, *, seed: int, mails_at_once: int) -> Iterator[House]:
    """All servers, until the block ends."""
    servers = folder / "servers"
    with ExitStack() as stack:
        lock = stack.enter_context(occupied(servers))
        if blueprint.ordered():
            blueprint.lay(servers)
        postgres = OwnPostgres(servers, lock)
        stack.callback(postgres.stop)
        broker = OwnBroker(servers, lock)
        stack.callback(broker.kill)
        line = Line(folder, sockets(servers) / VALKEY_SOCKET)
        stack.callback(line.stop)
        sink = Sink(folder, seed)
        stack.callback(sink.stop)
        log = folder / "sms.log"
        provider = stack.enter_context(elks.running("--log", str(log)))
        yield House(folder, postgres, broker, line, sink, provider, log, mails_at_once)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _start(name: str, folder: Path, *words: str) -> Child:
    argv = (sys.executable, "-m", f"tests.chaos.{name}", *words)
    return Child(Command(name=name, argv=argv, environ=os.environ, folder=ROOT, log=folder / f"{name}.log"))


def _takes_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
