"""Child processes that die with us: started, listened to, asked to stop, and in the end made to."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
POLL = 0.01


class CannotStart(Exception):
    """Something that the product needs cannot be had here; the text is one sentence for the person at the terminal."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """How one process is started and how it is asked to end.

    `farewell` asks it to end; `orphaned` is what the kernel sends it when we are killed (None: the same).
    `log`: the file that takes its output; None hands its output to us as lines (see `Child.output`).
    `descriptors`: open files that it inherits.
    """

    name: str
    argv: tuple[str, ...]
    environ: Mapping[str, str]
    folder: Path
    log: Path | None = None
    farewell: signal.Signals = signal.SIGTERM
    orphaned: signal.Signals | None = None
    descriptors: tuple[int, ...] = ()


class Child:
    """A running process in a process group of its own, so that a terminal's Ctrl-C reaches only us."""

    def __init__(self, command: Command) -> None:
        """Start it. Raises CannotStart where the program cannot be run."""
        self.command = command
        self.started = time.monotonic()
        target: int | IO[bytes] = subprocess.PIPE
        if command.log is not None:
            target = command.log.open("ab")
        try:
            self._process = subprocess.Popen(
                command.argv,
                cwd=command.folder,
                env=dict(command.environ),
                stdin=subprocess.DEVNULL,
                stdout=target,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=command.descriptors,
                preexec_fn=dying_with_parent(command.orphaned or command.farewell),
            )
        except OSError as error:
            raise CannotStart(f"{command.argv[0]} cannot be run: {error.strerror}.") from error
        finally:
            if not isinstance(target, int):
                target.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def output(self) -> IO[bytes] | None:
        """Standard output and error in one, where the command has no log file."""
        return self._process.stdout

    def alive(self) -> bool:
        return self._process.poll() is None

    def ended(self) -> str:
        """How it ended, in words for a log."""
        code = self._process.poll()
        if code is None:
            return "still running"
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def was_killed(self) -> bool:
        return self._process.poll() == -signal.SIGKILL

    def succeeded(self) -> bool:
        return self._process.poll() == 0

    def ask_to_stop(self) -> None:
        if self.alive():
            self._process.send_signal(self.command.farewell)

    def kill(self) -> None:
        """End it and whatever it left in its process group, now."""
        with suppress(ProcessLookupError, PermissionError):  # nobody is left; EPERM is macOS's word for only zombies
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        if self.output is not None:
            self.output.close()

    def stop(self, patience: float) -> None:
        """Ask, wait at most `patience` seconds, then kill."""
        self.ask_to_stop()
        wait_until(lambda: not self.alive(), patience)
        self.kill()


def wait_until(condition: Callable[[], bool], patience: float) -> bool:
    """Whether the condition came true within `patience` seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True


def dying_with_parent(farewell: signal.Signals) -> Callable[[], None] | None:
    """What a new child runs before its program: the kernel sends it `farewell` when we die, even by SIGKILL.

    None where the system has no such thing (macOS); there the next start clears away what stayed.
    """
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()  # loaded here: after the fork as little as possible is done

    def ask_the_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, farewell.value)
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return ask_the_kernel


def die_with_parent(farewell: signal.Signals) -> None:
    """The same for ourselves: the kernel sends us `farewell` when whoever started us dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, farewell.value)
