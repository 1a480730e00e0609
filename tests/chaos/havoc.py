"""The blows: who dies at which point, and what else goes wrong; each at a moment that the seed chooses."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import cycle, islice

from tests.chaos import replies
from tests.chaos.house import House
from tests.chaos.points import Points, Stalled
from tests.chaos.replies import Writer
from tests.crew import Crew

STALLED = 120.0  # seconds without any progress: then something is broken
LAST_BLOW = 0.9  # of the replies: later ones are too few to be hit
DOORBELLS, HELD, FINAL = 50, 6, 12
WORKERS = ("process", "worker")
VICTIMS = (*WORKERS, "beat")
EVERYBODY = "everything at once"
# Seconds for which a server stays away, is frozen or swallows, or answers wrongly.
AWAY, FROZEN, SICK = 0.7, 3.0, 2.0
SICKNESSES = cycle(("take and drop", "take and say 500 oops", "say 503 busy", "take and hang"))


@dataclass(frozen=True)
class Blow:
    """A SIGKILL at `at`, and the message that was at the point just then: in which state it was left."""

    point: str
    victim: str
    message_id: int
    left: str
    at: float


@dataclass
class Havoc:
    """`missed` are kills for which no message came by."""

    house: House
    crew: Crew
    points: Points
    writer: Writer
    dice: random.Random
    hold: timedelta
    blows: list[Blow] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    undone: set[int] = field(default_factory=set)
    missed: int = 0
    rings_lost: int = 0

    def wreak(self, kills: int, faults: int, among: int) -> bool:
        """All of them, spread over so many replies; False when the sending stalled before the last."""
        moments = range(1, max(2, int(among * LAST_BLOW)))
        blows = [(self.dice.choice(moments), blow) for blow in [*self._kills(kills), *self._faults(faults)]]
        for moment, blow in sorted(blows, key=lambda planned: planned[0]):
            if not self._await(moment):
                return False
            blow()
            self.crew.revive()
        return True

    def finish(self) -> None:
        """The last blow: everything dies at once, while a dozen replies are on their way."""
        self.writer.write(FINAL)
        with self.points.all["taken"][1]() as stalled:
            self._note("taken", EVERYBODY, stalled)
            self.house.postgres.kill()
            self.house.broker.kill()
            self.crew.kill()
        self.house.broker.start()
        self.house.postgres.start()
        self.crew.revive()

    def _kills(self, count: int) -> list[Callable[[], None]]:
        """Each victim at each point in turn, so that few kills meet all points and many meet all pairs."""
        names = list(self.points.all)
        turns = [(names[turn % len(names)], turn % len(VICTIMS)) for turn in range(count)]  # 5 and 3 have no divisor
        return [partial(self._kill, point, VICTIMS[whom]) for point, whom in turns]

    def _faults(self, count: int) -> list[Callable[[], None]]:
        databases, brokers = cycle(self.points.all), cycle(reversed(self.points.all))
        kinds = (
            lambda: self._kill_postgres(next(databases)),
            lambda: self._kill_broker(next(brokers)),
            self._ring_often,
            self._undo,
            self._flush,
            self._freeze,
            self._swallow,
            self._sicken,
        )
        return list(islice(cycle(kinds), count))

    def _kill(self, point: str, victim: str) -> None:
        with self.points.all[point][1]() as stalled:
            if stalled is not None:
                self._strike(victim, stalled.pid)
            self._note(point, victim, stalled)

    def _strike(self, victim: str, pid: int) -> None:
        """The process itself, the worker that it belongs to, or whoever rings for the sweep."""
        worker = self.crew.worker_of(pid)
        if victim == "process" or worker is None:
            os.kill(pid, signal.SIGKILL)
            return
        for child in [worker] if victim == "worker" else self.crew.beats:
            child.kill()

    def _kill_postgres(self, point: str) -> None:
        with self.points.all[point][1]() as stalled:
            self.house.postgres.kill()
        time.sleep(AWAY)
        self.house.postgres.start()
        self._note(point, "PostgreSQL", stalled)

    def _kill_broker(self, point: str) -> None:
        with self.points.all[point][1]() as stalled:
            self.house.broker.kill()
            self._note(point, "broker", stalled)
        time.sleep(AWAY)
        self.house.broker.start()

    def _note(self, point: str, victim: str, stalled: Stalled | None) -> None:
        if stalled is None:
            self.missed += 1
            return
        now = time.time()
        self.blows.append(Blow(point, victim, stalled.message_id, replies.status(stalled.message_id), now))

    def _ring_often(self) -> None:
        """Fifty rings for one reply, most of which come while it is in hand or over."""
        self.faults[f"replies rung for {DOORBELLS} times"] += 1
        due = replies.waiting("email")
        if due:
            replies.ring_often(self.dice.choice(due), DOORBELLS)

    def _undo(self) -> None:
        self.faults[f"replies held, rung for {DOORBELLS} times"] += HELD
        undone = self.writer.hold_and_undo(HELD, DOORBELLS, self.hold)
        self.faults["… of these undone"] += len(undone)
        self.undone.update(undone)

    def _flush(self) -> None:
        self.faults["FLUSHALLs of the broker"] += 1
        self.rings_lost += self.house.rings()
        self.house.flush()

    def _freeze(self) -> None:
        self.faults[f"times that the broker was frozen, for {FROZEN:.0f} s"] += 1
        self.house.broker.freeze()
        time.sleep(FROZEN)
        self.house.broker.thaw()

    def _swallow(self) -> None:
        self.faults[f"times that the line to it was a black hole, for {FROZEN:.0f} s"] += 1
        self.house.line.swallow()
        time.sleep(FROZEN)
        self.house.line.forget()

    def _sicken(self) -> None:
        self.faults[f"times that the SMS provider was sick, for {SICK:.0f} s"] += 1
        self.house.elks.mood(sms=next(SICKNESSES))
        time.sleep(SICK)
        self.house.elks.mood()

    def _await(self, moment: int) -> bool:
        """Until so many replies are settled; False when no more are."""
        seen, since = -1, time.monotonic()
        while seen < moment:
            now = self.settled()
            if now > seen:
                seen, since = now, time.monotonic()
            elif time.monotonic() - since > STALLED:
                return False
            self.crew.revive()
            time.sleep(0.03)
        return True

    def settled(self) -> int:
        return len(self.writer.written) - replies.unfinished()
