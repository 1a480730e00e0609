"""Composing in several processes at once; what they give comes in the order of the chunks.

The processes are forked, as gunicorn and Celery fork theirs: they have the app, its settings and all that the composer
has read, none of which would go through a pipe. A connection must not be shared, so none is held while they are born
and each opens its own. Where nothing can be forked, or for one process, this one composes.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from caseflow.database import db, unit_of_work
from caseflow.demo.rows import Load
from caseflow.processes import die_with_parent


class Chunk(NamedTuple):
    """The cases from `begin` up to `end` (not included) of all, and the numbers that are kept for them."""

    begin: int
    end: int
    numbers: dict[str, list[int]]


class Composed(NamedTuple):
    """Rows, and up to which case they reach."""

    end: int
    loads: list[Load]


Compose = Callable[[Chunk], Composed]
_composes: list[Compose] = []  # in a process of the crew: what it does


@contextmanager
def crew(compose: Compose, processes: int) -> Iterator[Callable[[Iterable[Chunk]], Iterator[Composed]]]:
    """What composes chunk after chunk. To be entered outside a unit of work."""
    if processes < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield partial(map, compose)
        return
    with unit_of_work():
        pass  # what was read until now was read in a transaction, whose end gives the connection back
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), _begin, (compose,))
    try:
        pool.submit(int).result()  # all are born at the first task, before the pool's own threads
        yield partial(_in_order, pool, processes + 1)
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(compose: Compose) -> None:
    """Ctrl-C is for who waits for us; who is gone waits no longer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    die_with_parent(signal.SIGTERM)
    db.engine.dispose(close=False)
    _composes.append(compose)


def _in_order(pool: ProcessPoolExecutor, ahead: int, chunks: Iterable[Chunk]) -> Iterator[Composed]:
    """No further ahead than that: what waits to be written waits in memory."""
    waiting: deque[Future[Composed]] = deque()
    for chunk in chunks:
        waiting.append(pool.submit(_compose, chunk))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _compose(chunk: Chunk) -> Composed:
    return _composes[-1](chunk)
