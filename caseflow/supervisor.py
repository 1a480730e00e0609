"""Looks after a few processes: passes on what they say, starts again what dies, ends all in order. Knows no name."""

from __future__ import annotations

import json
import os
import selectors
import signal
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType, TracebackType

from caseflow import clock
from caseflow.processes import CannotStart, Child, Command

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# A process that lived shorter than this died "at once"; so many times in a row, and it will not do better.
AT_ONCE, TOO_OFTEN = 10.0, 5
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
LAST_LINES = 15
# A closed terminal, say, brings two signals that mean one thing.
SAME_WISH = 0.3
# How long the parts of a tier get to end. Celery needs 3 to 4 s, even with nothing to do.
PATIENCE = 6.0
CHUNK = 65536


class Stopped(Exception):
    """We were asked to stop."""


@dataclass
class Part:
    """A process that we look after.

    `tier`: parts of a lower one are needed by those of a higher one, so they are ended later;
    `again`: whether it is started again when it ends; `hear`: takes each line that it says, and else we print it.
    """

    command: Command
    tier: int
    child: Child
    again: bool = True
    hear: Callable[[bytes], None] | None = None
    deaths: int = 0
    due: float | None = None
    unfinished: bytes = b""
    said: deque[bytes] = field(default_factory=lambda: deque(maxlen=LAST_LINES))


class Supervisor:
    """One thread and one selector: the parts' output, their deaths and our signals all end its waiting."""

    def __init__(self, *, json_lines: bool) -> None:
        self._json = json_lines
        self._parts: list[Part] = []
        self._endings, self._ended_at = 0, 0.0
        self._selector = selectors.DefaultSelector()
        self._woken, self._waker = os.pipe()

    def __enter__(self) -> Supervisor:
        for descriptor in (self._woken, self._waker):
            os.set_blocking(descriptor, False)
        self._selector.register(self._woken, selectors.EVENT_READ)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)  # so that a death wakes the selector
        for ending in ENDINGS:
            if ending != signal.SIGHUP or signal.getsignal(ending) != signal.SIG_IGN:  # ignored means nohup
                signal.signal(ending, self._on_ending)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def run(
        self, command: Command, tier: int, *, again: bool = True, hear: Callable[[bytes], None] | None = None
    ) -> Part:
        """Start it and look after it (see Part). Raises CannotStart."""
        part = Part(command, tier, Child(command), again, hear)
        self._parts.append(part)
        self._listen(part)
        return part

    def run_to_its_end(self, command: Command, patience: float) -> tuple[bool, str]:
        """Whether it succeeded, and all that it said. Raises Stopped, CannotStart."""
        said: list[bytes] = []
        part = self.run(command, max((part.tier for part in self._parts), default=0), again=False, hear=said.append)
        if not self.until(lambda: not part.child.alive(), patience):
            raise CannotStart(f"{command.name} did not end within {patience:.0f} s.")
        self._parts.remove(part)
        self._finish(part)
        return part.child.succeeded(), b"".join(said).decode(errors="replace")

    def until(self, condition: Callable[[], bool], patience: float, step: float = 0.02) -> bool:
        """Whether the condition came true in time, with all duties done meanwhile. Raises Stopped, CannotStart."""
        deadline = time.monotonic() + patience
        while not condition():
            if time.monotonic() > deadline:
                return False
            self.turn(step)
        return True

    def turn(self, seconds: float) -> None:
        """Wait for at most so long for something to happen, and see to it. Raises Stopped, CannotStart."""
        dues = [part.due - time.monotonic() for part in self._parts if part.due is not None]
        self._hear(max(0.0, min([seconds, *dues])))
        if self._endings:
            raise Stopped
        now = time.monotonic()
        for part in self._parts:
            if part.again and part.due is None and not part.child.alive():
                self._bury(part, now)
            elif part.due is not None and now >= part.due:
                part.due, part.child = None, Child(part.command)
                self._listen(part)

    def stop(self) -> None:
        """End all, the newest first, tier by tier; who takes too long, or is left after a second signal, is killed."""
        for tier in sorted({part.tier for part in self._parts}, reverse=True):
            parts = [part for part in reversed(self._parts) if part.tier == tier]
            for part in parts:
                part.child.ask_to_stop()
            deadline = time.monotonic() + PATIENCE
            while any(part.child.alive() for part in parts) and time.monotonic() < deadline and self._endings < 2:
                self._hear(0.05)
            for part in parts:
                self._parts.remove(part)
                self._finish(part)

    def say(self, level: str, event: str, *, logger: str = "caseflow.up") -> None:
        """A line of our own, in the form of the app's log."""
        at = clock.now().isoformat(timespec="microseconds").replace("+00:00", "Z")
        line = f"{at} [{level:<9}] {event:<30} [{logger}]"
        if self._json:
            line = json.dumps({"event": event, "level": level, "logger": logger, "timestamp": at})
        self.write(line.encode() + b"\n")

    def write(self, text: bytes) -> None:
        """To our standard output. Where nobody reads it any more (a closed terminal, `| head`) we stop."""
        try:
            sys.stdout.buffer.write(text)
            sys.stdout.buffer.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self._endings = max(self._endings, 1)

    def _on_ending(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if not self._endings or now - self._ended_at > SAME_WISH:
            self._endings += 1
        self._ended_at = now

    def _listen(self, part: Part) -> None:
        if part.child.output is not None:
            os.set_blocking(part.child.output.fileno(), False)
            self._selector.register(part.child.output, selectors.EVENT_READ, part)

    def _hear(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                os.read(self._woken, CHUNK)
            else:
                self._pass_on(key.data)

    def _pass_on(self, part: Part) -> bool:
        """What the part has said so far, in whole lines. False when it will say no more."""
        output = part.child.output
        if output is None:
            return False
        try:
            heard = os.read(output.fileno(), CHUNK)
        except BlockingIOError:
            return False
        if not heard:
            self._selector.unregister(output)
            return False
        *lines, part.unfinished = (part.unfinished + heard).split(b"\n")
        for line in lines:
            self._take(part, line)
        return True

    def _take(self, part: Part, line: bytes) -> None:
        if part.hear is not None:
            part.hear(line + b"\n")
            return
        if not line.strip():
            return
        part.said.append(line)
        if self._json and not line.startswith(b"{"):
            self.say("info", line.decode(errors="replace"), logger=part.command.name)  # a banner, a traceback
        else:
            self.write(line + b"\n")

    def _finish(self, part: Part) -> None:
        """Its last words, then the end of its whole process group."""
        output = part.child.output
        if output is not None and not output.closed:
            while output in self._selector.get_map() and self._pass_on(part):
                pass
            if output in self._selector.get_map():
                self._selector.unregister(output)
            if part.unfinished:
                self._take(part, part.unfinished)
                part.unfinished = b""
        part.child.kill()

    def _bury(self, part: Part, now: float) -> None:
        """Plan its next life, unless it has had too many short ones."""
        self._finish(part)
        name, ended = part.command.name, part.child.ended()
        # SIGKILL comes from outside: from a person, or from a system that is short of memory.
        at_once = now - part.child.started < AT_ONCE and not part.child.was_killed()
        part.deaths = part.deaths + 1 if at_once else 1
        if part.deaths >= TOO_OFTEN:
            words = "\n".join(f"    {line}" for line in self._last_words(part))
            raise CannotStart(f"{name} ended {TOO_OFTEN} times in a row ({ended}). Its last words:\n{words}")
        pause = min(FIRST_PAUSE * 2 ** (part.deaths - 1), LONGEST_PAUSE)
        part.due = now + pause
        self.say("warning", f"{name} ended ({ended}); starting it again in {pause:.1f} s")

    def _last_words(self, part: Part) -> list[str]:
        lines: list[bytes] = list(part.said)
        if part.command.log is not None:
            lines = part.command.log.read_bytes().splitlines()[-LAST_LINES:]
        return [line.decode(errors="replace") for line in lines]
