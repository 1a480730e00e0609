"""Kill the workers while they send, make the broker forget, and count: `python -m tests.chaos`."""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from flask_migrate import upgrade
from rich.console import Console
from rich.table import Table

from caseflow import ROOT, create_app, embedded
from caseflow.processes import Child, Command, wait_until
from config import Config
from tests.chaos import replies
from tests.chaos.replies import Verdict
from tests.crew import Crew

LEASE, SWEEP = 5.0, 1.0  # seconds; the product's own are 100 and 10
STALLED, FINISH = 60.0, 120.0
LAST_BLOW = 0.85  # of the replies: later ones are too few to be hit

console = Console(highlight=False)


class Sink:
    """The mail server's process, and its log as it grows."""

    def __init__(self, folder: Path, seed: int) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"smtp://127.0.0.1:{port}"
        self._log = folder / "accepted.log"
        argv = (sys.executable, "-m", "tests.chaos.sink", str(port), str(self._log), str(seed))
        self._child = Child(Command(name="sink", argv=argv, environ=os.environ, folder=ROOT, log=folder / "sink.log"))
        assert wait_until(lambda: _answers(port), 20), "the mail server does not start"

    def accepted(self) -> list[str]:
        """The Message-IDs of the mails that it has accepted."""
        return self._log.read_text(encoding="ascii").splitlines()

    def stop(self) -> None:
        self._child.kill()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            return connection.recv(3) == b"220"
    except OSError:
        return False


class Havoc:
    """Blows at moments chosen by the seed: each falls when the mail server has accepted so many mails."""

    def __init__(self, crew: Crew, sink: Sink, redis_url: str, dice: random.Random) -> None:
        self._crew, self._sink, self._dice = crew, sink, dice
        self._broker = redis.Redis.from_url(redis_url)
        self.kills = self.hits = self.flushes = self.rings_lost = 0

    def wreak(self, count: int, kills: int, flushes: int) -> None:
        """Whole workers and single children in turn, and the broker's memory in between."""
        moments = range(1, max(2, int(count * LAST_BLOW)))
        blows = [(self._moment(moments), self.kill) for _ in range(kills)]
        blows += [(self._moment(moments), self.flush) for _ in range(flushes)]
        for moment, blow in sorted(blows, key=lambda planned: planned[0]):
            if not self._await(moment):
                return
            time.sleep(self._dice.uniform(0, 0.1))
            blow()

    def kill(self) -> None:
        """SIGKILL the worker with all its processes, or one of them; the next time the other."""
        if self.kills % 2:
            victims = self._crew.children()
            if victims:
                os.kill(self._dice.choice(victims), signal.SIGKILL)
        else:
            self._crew.worker.kill()
        self.kills += 1
        self.hits += bool(replies.count(*replies.IN_HAND))
        self._crew.revive()
        self._crew.working()

    def flush(self) -> None:
        self.rings_lost += int(self._broker.llen("work"))
        self._broker.flushall()
        self.flushes += 1

    def _moment(self, moments: range) -> int:
        return self._dice.choice(moments)

    def _await(self, moment: int) -> bool:
        """Until so many mails are accepted; False when no more come."""
        seen, since = -1, time.monotonic()
        while seen < moment:
            now = len(self._sink.accepted())
            if now > seen:
                seen, since = now, time.monotonic()
            elif time.monotonic() - since > STALLED:
                return False
            self._crew.revive()
            time.sleep(0.01)
        return True


def main() -> int:
    """0 when every promise was kept, else 1; then what the run left behind stays to be looked at."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--replies", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--flushes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1, help="chooses the blows' moments and victims")
    wanted = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="caseflow-chaos-"))
    began, wrong = time.monotonic(), ["it did not come to its end"]
    try:
        verdict, havoc = _run(wanted, folder)
        _print(verdict, havoc, wanted.seed, time.monotonic() - began)
        wrong = [f"{name}: {times}" for name, times in verdict.broken.items()]
        if (verdict.replies, havoc.kills, havoc.flushes) != (wanted.replies, wanted.kills, wanted.flushes):
            wrong.append("the sending stalled, so that not every blow was struck")
    finally:
        if wrong:
            console.print(f"[red]BROKEN: {'; '.join(wrong)}[/red]\nData and logs: {folder}")
        else:
            shutil.rmtree(folder)
    return 1 if wrong else 0


def _run(wanted: argparse.Namespace, folder: Path) -> tuple[Verdict, Havoc]:
    began = time.monotonic()
    with embedded.servers(folder / "servers", durable=False) as urls, _sink(folder, wanted.seed) as sink:
        environ = {
            "CASEFLOW_DATA": str(folder),
            "DATABASE_URL": urls.database_url,
            "REDIS_URL": urls.redis_url,
            "SMTP_URL": sink.url,
        }
        app = create_app(Config.from_environment(environ))
        with app.app_context():
            upgrade()
            replies.write(wanted.replies)
            console.print(f"{replies.count('queued')} replies wait after {time.monotonic() - began:.0f} s", style="dim")
            crew = Crew(folder, environ, lease=LEASE, sweep=SWEEP)
            havoc = Havoc(crew, sink, urls.redis_url, random.Random(wanted.seed))
            try:
                havoc.wreak(wanted.replies, wanted.kills, wanted.flushes)
                wait_until(lambda: _finished(crew), FINISH)
                time.sleep(2 * SWEEP)  # whatever would be sent once more, is
                return replies.judge(sink.accepted()), havoc
            finally:
                crew.kill()


@contextmanager
def _sink(folder: Path, seed: int) -> Iterator[Sink]:
    sink = Sink(folder, seed)
    try:
        yield sink
    finally:
        sink.stop()


def _finished(crew: Crew) -> bool:
    time.sleep(0.2)
    crew.revive()
    return not replies.count(*replies.UNFINISHED)


def _print(verdict: Verdict, havoc: Havoc, seed: int, seconds: float) -> None:
    table = Table(title=f"chaos, seed {seed}", show_header=False)
    table.add_column(justify="left")
    table.add_column(justify="right")
    rows = [
        ("replies", verdict.replies),
        ("SIGKILLs (whole worker and single process in turn)", havoc.kills),
        ("… that hit a reply between its claim and its record", havoc.hits),
        ("FLUSHALLs of the broker", havoc.flushes),
        ("… rings lost by them", havoc.rings_lost),
        ("accepted", verdict.accepted),
        ("unknown, listed for a person", verdict.unknown),
        ("… of these the mail server has", verdict.unknown_sent),
        ("taken up after a death before sending", verdict.died_before_sending),
        ("lost (must be 0)", verdict.lost),
        ("sent twice (must be 0)", verdict.twice),
        ("sent twice, listed as unknown", verdict.twice_listed),
        ("still under way (must be 0)", verdict.unfinished),
        ("unknown and not listed (must be 0)", verdict.not_listed),
    ]
    for name, number in rows:
        table.add_row(name, f"{number:,}")
    table.add_row("seconds", f"{seconds:.0f}")
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
