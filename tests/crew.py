"""A real Celery worker and a real beat, as processes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from caseflow import ROOT
from caseflow.processes import Child, Command, wait_until

# What a process needs of our own environment; a developer's SMTP_URL is not among it.
KEPT = ("PATH", "HOME", "LANG", "TZ", "PG_BIN", "VALKEY_BIN")


class Crew:
    """A worker with two processes for tasks, and a beat; `lease` and `sweep` are seconds. Logs go to `folder`."""

    def __init__(
        self, folder: Path, environ: Mapping[str, str], *, lease: float = 100, sweep: float = 10, beat: bool = True
    ) -> None:
        self._folder = folder
        times = {"HURRIED_LEASE": str(lease), "HURRIED_SWEEP": str(sweep)}
        ours = {name: os.environ[name] for name in KEPT if name in os.environ}
        self._environ = {**ours, **environ, **times, "PYTHONUNBUFFERED": "1", "LOG_FORMAT": "json"}
        self.worker = self._start_worker()
        self.beat = self._start_beat() if beat else None

    def revive(self) -> None:
        """Start again whoever has died."""
        if not self.worker.alive():
            self.worker.kill()
            self.worker = self._start_worker()
        if self.beat and not self.beat.alive():
            self.beat.kill()
            self.beat = self._start_beat()

    def children(self) -> list[int]:
        """The processes that run tasks, without those that are dead and not yet buried."""
        pid = self.worker.pid
        try:
            numbers = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        except OSError:
            return []
        return [int(number) for number in numbers if _lives(int(number))]

    def kill_children(self) -> None:
        for pid in self.children():
            os.kill(pid, signal.SIGKILL)

    def working(self, patience: float = 30) -> bool:
        """Whether the worker's processes are there, in time."""
        return wait_until(lambda: len(self.children()) == 2, patience)

    def kill(self) -> None:
        for child in (self.beat, self.worker):
            if child:
                child.kill()

    def _start_worker(self) -> Child:
        return self._start("worker", "--concurrency", "2", "--without-gossip", "--without-mingle")

    def _start_beat(self) -> Child:
        return self._start("beat", "--schedule", str(self._folder / "beat"), "--pidfile", "")

    def _start(self, name: str, *words: str) -> Child:
        celery = (sys.executable, "-m", "celery", "--quiet", "--app", "tests.hurried", name, "--loglevel", "WARNING")
        log = self._folder / f"{name}.log"
        return Child(Command(name=name, argv=(*celery, *words), environ=self._environ, folder=ROOT, log=log))


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
