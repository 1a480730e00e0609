"""Brokers that do not answer, in the ways in which they do not."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from caseflow import broker, embedded
from caseflow.data_folder import occupied
from caseflow.processes import Child, wait_until

Point = Callable[[str], None]


class OwnBroker:
    """A real Valkey of the test's own, to be stopped, frozen and started again."""

    def __init__(self, data: Path, lock: int) -> None:
        self.url = embedded.redis_url(data)
        self._server = embedded.valkey(data, lock, durable=False)
        self.start()

    def start(self) -> None:
        self._child = Child(self._server.command)
        assert wait_until(lambda: self._server.ready(self._child.pid), 10)

    def kill(self) -> None:
        self._child.kill()

    def freeze(self) -> None:
        os.kill(self._child.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on, if it was not killed meanwhile."""
        if self._child.alive():
            os.kill(self._child.pid, signal.SIGCONT)


@pytest.fixture
def point_at(app: Flask) -> Iterator[Point]:
    """Have the app ring at another broker until the test ends."""

    def point(url: str) -> None:
        broker.celery.conf.broker_url = broker._kombu_url(url)
        broker.celery._after_fork()  # Celery's own way to forget its connections

    yield point
    point(app.config["REDIS_URL"])


@pytest.fixture
def own_broker(point_at: Point, tmp_path: Path) -> Iterator[OwnBroker]:
    """A broker of the test's own, at which the app rings."""
    with occupied(tmp_path) as lock:
        own = OwnBroker(tmp_path, lock)
        point_at(own.url)
        yield own
        own.kill()


@pytest.fixture
def black_hole() -> Iterator[str]:
    """The address of a broker that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as hole:
        yield f"redis://127.0.0.1:{hole.getsockname()[1]}/0"


@pytest.fixture
def closed_port() -> str:
    """The address of a broker that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"redis://127.0.0.1:{free.getsockname()[1]}/0"
