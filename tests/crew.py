"""Real Celery workers and real beats, as processes."""

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
CELERY = (sys.executable, "-m", "celery", "--quiet", "--app", "tests.hurried")
LIMITED = ("sh", "-c", 'ulimit -d "$0" && exec "$@"')


class Crew:
    """So many workers, each with so many processes for tasks, and so many beats. Logs go to `folder`.

    `lease`, `sweep` and each rung of the `ladder` are seconds (None: the product's own ladder); `memory` is how many
    MiB of data a worker's process may have.
    """

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str],
        *,
        lease: float = 100,
        sweep: float = 10,
        ladder: float | None = None,
        beat: bool = True,
        workers: int = 1,
        processes: int = 2,
        beats: int = 1,
        memory: int | None = None,
    ) -> None:
        self._folder, self._processes = folder, processes
        self._before = (*LIMITED, str(memory * 1024)) if memory else ()
        times = {"HURRIED_LEASE": str(lease), "HURRIED_SWEEP": str(sweep)}
        if ladder is not None:
            times["HURRIED_LADDER"] = str(ladder)
        ours = {name: os.environ[name] for name in KEPT if name in os.environ}
        self._environ = {**ours, **environ, **times, "PYTHONUNBUFFERED": "1", "LOG_FORMAT": "json"}
        self.workers = [self._start_worker(number) for number in range(workers)]
        self.beats = [self._start_beat(number) for number in range(beats if beat else 0)]

    @property
    def worker(self) -> Child:
        """The first of the workers."""
        return self.workers[0]

    def revive(self) -> None:
        """Start again whoever has died."""
        for children, start in ((self.workers, self._start_worker), (self.beats, self._start_beat)):
            for number, child in enumerate(children):
                if not child.alive():
                    child.kill()
                    children[number] = start(number)

    def children(self, worker: Child | None = None) -> list[int]:
        """The processes of a worker (of the first, where none is named) that run tasks; without those that are dead
        and not yet buried."""
        pid = (worker or self.worker).pid
        return [child for child in offspring(pid) if _lives(child)]

    def worker_of(self, pid: int) -> Child | None:
        """The worker whose process this is."""
        return next((worker for worker in self.workers if pid in self.children(worker)), None)

    def kill_children(self) -> None:
        for pid in self.children():
            os.kill(pid, signal.SIGKILL)

    def working(self, patience: float = 30) -> bool:
        """Whether every worker's processes are there, in time."""
        return wait_until(
            lambda: all(len(self.children(worker)) == self._processes for worker in self.workers), patience
        )

    def kill(self) -> None:
        for child in (*self.beats, *self.workers):
            child.kill()

    def _start_worker(self, number: int) -> Child:
        words = ("--concurrency", str(self._processes), "--hostname", f"worker{number}@%h")
        return self._start("worker", number, *words, "--without-gossip", "--without-mingle")

    def _start_beat(self, number: int) -> Child:
        return self._start("beat", number, "--schedule", str(self._folder / f"beat{number}"), "--pidfile", "")

    def _start(self, name: str, number: int, *words: str) -> Child:
        before = self._before if name == "worker" else ()
        argv = (*before, *CELERY, name, "--loglevel", "WARNING", *words)
        log = self._folder / f"{name}{number or ''}.log"
        return Child(Command(name=name, argv=argv, environ=self._environ, folder=ROOT, log=log))


def offspring(pid: int) -> list[int]:
    """The processes that this one has started, as Linux says."""
    try:
        numbers = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return []
    return [int(number) for number in numbers]


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
