"""`python -m caseflow up`, as `make run` calls it: real processes from start to end."""

from __future__ import annotations

import http.client
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from flask import Flask

from caseflow.data_folder import occupied
from tests import blueprint

pytestmark = pytest.mark.no_app

ROOT = Path(__file__).parent.parent
PATIENCE = 60
PRODUCTION = {
    "CASEFLOW_MODE": "production",
    "CASEFLOW_SECRET_KEY": "kX3v9-qLm2_Zp8RtYw5NcBd7Hs4Jf6Ga",
    "CASEFLOW_BASE_URL": "http://localhost",
}
OURS = ("CASEFLOW_", "DATABASE_URL", "REDIS_URL", "SMTP_URL", "PORT", "LOG_FORMAT")


class Up:
    """The supervisor in a process of its own, and the lines that it has said."""

    def __init__(self, data: Path, port: int, **environ: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        settings = {"CASEFLOW_DATA": str(data), "PORT": str(port), **environ}
        command = [sys.executable, "-m", "caseflow", "up"]
        self.data, self.port, self.said = data, port, [""]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=inherited | settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def until(self, words: str) -> None:
        """Return when a line with these words has been said."""
        while words not in self.said[-1]:
            line = self._lines.get(timeout=PATIENCE)
            assert line is not None, f"ended before it said {words!r}: {''.join(self.said)}"
            self.said.append(line)

    def ended(self) -> tuple[int, str]:
        """Its exit code and all that it said."""
        code = self.process.wait(timeout=PATIENCE)
        while (line := self._lines.get(timeout=PATIENCE)) is not None:
            self.said.append(line)
        return code, "".join(self.said)

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path)
        return connection.getresponse().status

    def family(self) -> dict[int, str]:
        """Every living process that it has to do with, by the data folder in its command, its place or its settings."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                about = (
                    command.encode() + os.fsencode((process / "cwd").readlink()) + (process / "environ").read_bytes()
                )
                if command and os.fsencode(self.data) in about:
                    found[int(process.name)] = command
        return found

    def pid_of(self, words: str) -> int:
        """The first process whose command has these words."""
        return min(pid for pid, command in self.family().items() if words in command)


@pytest.fixture
def up(tmp_path: Path, free_port: int) -> Iterator[Callable[..., Up]]:
    """Start one; what a failed test leaves is killed."""
    started: list[Up] = []

    def start(**environ: str) -> Up:
        started.append(Up(tmp_path / "data", free_port, **environ))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


@pytest.fixture
def free_port() -> int:
    with listening() as port:
        return port


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """Held, so that nobody else gets it, but nobody listens: connections are refused."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@contextmanager
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_house_runs_mends_itself_and_leaves_nothing_behind(up: Callable[..., Up], tmp_path: Path) -> None:
    """What its first start fills is looked at in tests/demo/test_archive.py; here it finds a house with staff."""
    blueprint.lay(tmp_path / "data")
    one = up()
    one.until("Ctrl-C")
    welcome = "".join(one.said)
    assert f"http://127.0.0.1:{one.port}" in welcome
    assert "@example.org" in welcome  # somebody can sign in
    assert one.get("/healthz") == 200
    wait_until(lambda: one.get("/readyz") == 200)  # the workers start after the web: what is killed is a whole house

    for name, words in (("postgres", "postgres -D"), ("valkey", "valkey-server"), ("web", "gunicorn")):
        os.kill(one.pid_of(words), signal.SIGKILL)
        one.until(f"{name} ended (killed by SIGKILL); starting it again")
    assert one.get("/healthz") == 200  # asked for while there was no web: it waited
    wait_until(lambda: one.get("/readyz") == 200)  # the whole round: beat, broker, worker, database

    one.process.send_signal(signal.SIGINT)
    code, said = one.ended()
    assert code == 0
    assert one.family() == {}
    assert "Traceback" not in said


def test_a_named_database_is_used_and_no_other_is_started(
    up: Callable[..., Up], environment: dict[str, str], whole_app: Flask
) -> None:
    one = up(DATABASE_URL=environment["DATABASE_URL"], LOG_FORMAT="json", **PRODUCTION)
    one.until('"event": "ready at')
    assert not (one.data / "postgres").exists()
    assert (one.data / "valkey").exists()
    one.process.terminate()
    code, said = one.ended()
    assert code == 0
    assert all(line.startswith("{") for line in said.splitlines()), said
    assert one.family() == {}


def test_a_database_that_is_not_there_is_named_without_its_password(up: Callable[..., Up], deaf_port: int) -> None:
    code, said = up(DATABASE_URL=f"postgres://me:s3kret-word@127.0.0.1:{deaf_port}/errands").ended()
    assert code == 1
    assert said.startswith(f"The database 127.0.0.1:{deaf_port}/errands (DATABASE_URL) cannot be reached: ")
    assert said.count("\n") == 1
    assert "s3kret" not in said


def test_a_broker_that_is_not_there_is_named_without_its_password(up: Callable[..., Up], deaf_port: int) -> None:
    one = up(REDIS_URL=f"redis://:s3kret-word@127.0.0.1:{deaf_port}/0")
    code, said = one.ended()
    assert code == 1
    assert said.startswith(f"The broker 127.0.0.1:{deaf_port}/0 (REDIS_URL) cannot be reached: ")
    assert said.count("\n") == 1
    assert "s3kret" not in said
    assert one.family() == {}  # the PostgreSQL that was started already has been ended


def test_a_taken_port_is_said_in_one_sentence(up: Callable[..., Up]) -> None:
    with listening() as port:
        code, said = up(PORT=str(port)).ended()
    assert (code, said) == (
        1,
        f"Port {port} on 127.0.0.1 is taken by another program; choose another with PORT.\n",
    )


def test_a_data_folder_in_use_is_said_in_one_sentence(up: Callable[..., Up], tmp_path: Path) -> None:
    with occupied(tmp_path / "data"):
        code, said = up().ended()
    assert (code, said) == (
        1,
        f"The data folder {tmp_path / 'data'} is in use by another caseflow (process {os.getpid()}).\n",
    )


def test_an_unsafe_setting_is_said_in_one_sentence(up: Callable[..., Up]) -> None:
    code, said = up(CASEFLOW_MODE="production", CASEFLOW_BASE_URL="https://arende.example.org").ended()
    assert code == 1
    assert said.startswith("CASEFLOW_SECRET_KEY is missing")
    assert said.count("\n") == 1
