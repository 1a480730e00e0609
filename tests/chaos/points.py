"""Where a message can be on its way when something dies, and how it is made to wait exactly there.

Nothing of ours is changed for it. A trigger in the test's own database waits for a lock before `calling` and `accepted`
are committed; the mail server holds a mail before it takes it, or before it says that it has; a broker that is frozen
acknowledges nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from caseflow.messages.models import CHANNELS
from caseflow.processes import wait_until
from tests.chaos import replies
from tests.chaos.house import House
from tests.crew import Crew

PATIENCE = 30.0
WHO = 471100  # the first half of the lock that says which message a session has come with

TRIGGER = f"""
CREATE FUNCTION wait_at_the_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared({WHO}, NEW.id::int);
  PERFORM pg_advisory_xact_lock_shared(hashtext(NEW.status), hashtext(NEW.channel));
  RETURN NULL;
END $$;
CREATE TRIGGER wait_at_the_gate AFTER UPDATE ON message FOR EACH ROW
  WHEN (NEW.status <> OLD.status AND NEW.status IN ('calling', 'accepted')) EXECUTE FUNCTION wait_at_the_gate();
"""
CLOSE = "SELECT pg_advisory_lock(hashtext(%s), hashtext(%s))"
WAITING = f"""
SELECT come.objid, session.client_port FROM pg_locks AS waits
JOIN pg_locks AS come ON come.pid = waits.pid AND come.locktype = 'advisory' AND come.classid = {WHO}
JOIN pg_stat_activity AS session ON session.pid = waits.pid
WHERE waits.locktype = 'advisory' AND NOT waits.granted
"""


@dataclass(frozen=True)
class Stalled:
    """A message that waits at a point, and the worker's process that has it in hand."""

    message_id: int
    pid: int


class Points:
    """Each is a context in which messages wait there, and yields the first that does; None when none comes."""

    def __init__(self, house: House, crew: Crew) -> None:
        self._house, self._crew = house, crew
        with psycopg.connect(house.postgres.url, autocommit=True) as connection:
            connection.execute(TRIGGER)
        mail_server = int(house.sink.url.rpartition(":")[2])
        self.all: dict[str, tuple[str, Callable[[], AbstractContextManager[Stalled | None]]]] = {
            "claimed": (
                "claimed, `calling` not committed",
                lambda: self._gate("calling", CHANNELS),
            ),
            "calling": (
                "`calling` committed, the provider has not got it",
                lambda: self._server("rcpt", mail_server),
            ),
            "taken": (
                "the provider has it, its answer not read",
                lambda: self._server("answer", mail_server),
            ),
            "answered": (
                "its answer read, our record not committed",
                lambda: self._gate("accepted", CHANNELS),
            ),
            "recorded": (
                "our record committed, the ring not acknowledged",
                self._unacknowledged,
            ),
        }

    @contextmanager
    def _gate(self, status: str, channels: tuple[str, ...]) -> Iterator[Stalled | None]:
        """Before the commit of the status. A database that dies opens the gate with it."""
        with ExitStack() as stack:
            gate = psycopg.connect(self._house.postgres.url, autocommit=True)
            stack.callback(_open, gate)
            for channel in channels:
                gate.execute(CLOSE, (status, channel))
            yield self._first(lambda: gate.execute(WAITING).fetchall(), self._house.postgres.port)

    @contextmanager
    def _server(self, where: str, port: int) -> Iterator[Stalled | None]:
        sink = self._house.sink
        sink.hold(where)
        try:
            yield self._first(lambda: [(replies.mail_to(to), ours) for ours, to in sink.held()], port)
        finally:
            sink.hold("nowhere")

    @contextmanager
    def _unacknowledged(self) -> Iterator[Stalled | None]:
        """Of mails alone: who has sent one rings for the next, and so is still at work while the broker is frozen."""
        broker = self._house.broker
        try:
            with self._gate("accepted", ("email",)) as stalled:
                broker.freeze()
            if stalled is not None:
                wait_until(lambda: replies.status(stalled.message_id) == "accepted", PATIENCE)
            yield stalled
        finally:
            broker.thaw()

    def _first(self, waiting: Callable[[], list[tuple[int, int]]], server: int) -> Stalled | None:
        """The first that comes whose process is one of ours and lives."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for message_id, port in waiting():
                pid = self._process_of(port, server)
                if pid is not None:
                    return Stalled(message_id, pid)
            time.sleep(0.01)
            self._crew.revive()
        return None

    def _process_of(self, port: int, server: int) -> int | None:
        """The worker's process that speaks to the server from this port."""
        inode = _inode(port, server)
        everybody = [pid for worker in self._crew.workers for pid in self._crew.children(worker)]
        return next((pid for pid in everybody if inode and _has_open(pid, inode)), None)


def _open(gate: psycopg.Connection[tuple[object, ...]]) -> None:
    with suppress(psycopg.Error):
        gate.close()


def _inode(port: int, server: int) -> str | None:
    """Linux's number of the socket of this connection, as seen from the port."""
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if fields[1].endswith(f":{port:04X}") and fields[2].endswith(f":{server:04X}"):
            return fields[9]
    return None


def _has_open(pid: int, inode: str) -> bool:
    try:
        return any(str(link.readlink()) == f"socket:[{inode}]" for link in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False
