"""Real Celery workers and real beats, as processes of their own."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path

from caseflow.processes import wait_until
from tests.nursery import Newborn, lives

# What a process needs of our own environment; a developer's SMTP_URL is not among it.
KEPT = ("PATH", "HOME", "LANG", "TZ", "PG_BIN", "VALKEY_BIN")
CELERY = ("celery", "--quiet", "--app", "tests.hurried")


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
        self._folder, self._processes, self._memory = folder, processes, memory
        times = {"HURRIED_LEASE": str(lease), "HURRIED_SWEEP": str(sweep)}
        if ladder is not None:
            times["HURRIED_LADDER"] = str(ladder)
        ours = {name: os.environ[name] for name in KEPT if name in os.environ}
        self._environ = {**ours, **environ, **times, "PYTHONUNBUFFERED": "1", "LOG_FORMAT": "json"}
        self.workers = [self._start_worker(number) for number in range(workers)]
        self.beats = [self._start_beat(number) for number in range(beats if beat else 0)]

    @property
    def worker(self) -> Newborn:
        """The first of the workers."""
        return self.workers[0]

    def revive(self) -> None:
        """Start again whoever has died."""
        for children, start in ((self.workers, self._start_worker), (self.beats, self._start_beat)):
            for number, child in enumerate(children):
                if not child.alive():
                    child.kill()
                    children[number] = start(number)

    def children(self, worker: Newborn | None = None) -> list[int]:
        """The processes of a worker (of the first, where none is named) that run tasks; without those that are dead
        and not yet buried."""
        pid = (worker or self.worker).pid
        return [child for child in offspring(pid) if lives(child)]

    def worker_of(self, pid: int) -> Newborn | None:
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

    def _start_worker(self, number: int) -> Newborn:
        words = ("--concurrency", str(self._processes), "--hostname", f"worker{number}@%h")
        return self._start("worker", number, *words, "--without-gossip", "--without-mingle")

    def _start_beat(self, number: int) -> Newborn:
        return self._start("beat", number, "--schedule", str(self._folder / f"beat{number}"), "--pidfile", "")

    def _start(self, name: str, number: int, *words: str) -> Newborn:
        log = self._folder / f"{name}{number or ''}.log"
        memory = self._memory if name == "worker" else None
        return Newborn(*CELERY, name, "--loglevel", "WARNING", *words, environ=self._environ, log=log, memory=memory)


def offspring(pid: int) -> list[int]:
    """The processes that this one has started, as Linux says."""
    try:
        numbers = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return []
    return [int(number) for number in numbers]
