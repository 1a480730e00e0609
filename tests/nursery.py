"""A process that has loaded what ours load, and divides itself as often as wanted: `python -m tests.nursery <path>`.

Loading takes seconds of a processor, and tests start workers by the dozen. What a child then does is what
`python -m <module> …` does: the app is made anew, of the child's own environment. One is enough for a run of the tests:
it listens at the path, takes a line of JSON from whoever connects (see `Newborn`) and answers with a process number.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import resource
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from caseflow import ROOT
from caseflow.processes import die_with_parent, dying_with_parent, wait_until

ADDRESS = "CASEFLOW_TESTS_NURSERY"
PATIENCE = 60.0
ROOMS = ("administration", "cases", "demo", "health", "importing", "intake", "mailroom", "people", "statistics")
WARM = (
    "config",
    *(f"caseflow.{room}" for room in ROOMS),
    *("caseflow.logs", "caseflow.mailroom.imap", "caseflow.cases.watch.waking", "caseflow.cases.watch.covering"),
    *("celery.bin.celery", "celery.apps.worker", "celery.apps.beat", "kombu.transport.redis", "valkey", "imapclient"),
    *("flask_security.cli", "passlib.handlers.argon2", "logging.config", "jinja2.ext"),
)


class Newborn:
    """`python -m <module>` with these words, in a process group of its own, that dies when the tests do.

    It is used as a `processes.Child`. `log` takes its output; `memory` is how many MiB of data it may have.
    """

    def __init__(
        self, module: str, *words: str, environ: Mapping[str, str], log: Path, memory: int | None = None
    ) -> None:
        wish = {"module": module, "words": words, "environ": dict(environ), "log": str(log), "memory": memory}
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PATIENCE)
            line.connect(address())
            line.sendall(json.dumps(wish).encode() + b"\n")
            self.pid = int(line.makefile().readline())

    def alive(self) -> bool:
        return lives(self.pid)

    def kill(self) -> None:
        """End it and whatever it left in its process group, now."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        wait_until(lambda: not self.alive(), PATIENCE)


def lives(pid: int) -> bool:
    """Whether there is such a process that is not dead and not yet buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def address() -> str:
    """Where it listens: that of whoever started us, or else one of our own, which is started now and loads later."""
    if ADDRESS not in os.environ:
        folder = tempfile.mkdtemp(prefix="nursery-")
        path = f"{folder}/socket"
        nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.nursery", path],
            cwd=ROOT,
            start_new_session=True,
            preexec_fn=dying_with_parent(signal.SIGKILL),
        )
        atexit.register(shutil.rmtree, folder)
        atexit.register(nursery.kill)
        assert wait_until(Path(path).exists, PATIENCE)
        os.environ[ADDRESS] = path
    return os.environ[ADDRESS]


def folder(name: str) -> Path:
    """A place that all processes of this run share."""
    found = Path(address()).with_name(name)
    found.mkdir(exist_ok=True)
    return found


def main() -> None:
    signal.signal(signal.SIGCHLD, lambda number, frame: _bury())
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(f"{sys.argv[1]}.new")
        door.listen(64)
        Path(f"{sys.argv[1]}.new").rename(sys.argv[1])  # who finds it is heard
        while True:
            line, _ = door.accept()
            with line:
                wish = json.loads(line.makefile().readline())
                _load()
                pid = os.fork()
                if not pid:
                    break
                line.sendall(f"{pid}\n".encode())
    _become(wish)


def _load() -> None:
    """The first time; those that come with it wait."""
    gc.disable()
    for name in WARM:
        importlib.import_module(name)
    gc.freeze()


def _bury() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become(wish: dict[str, Any]) -> None:
    """The child's whole life."""
    die_with_parent(signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    gc.enable()
    os.setsid()
    log = os.open(wish["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for descriptor, target in ((os.open(os.devnull, os.O_RDONLY), 0), (log, 1), (log, 2)):
        os.dup2(descriptor, target)
    sys.stdout.reconfigure(write_through=True)  # type: ignore[union-attr]
    if wish["memory"] is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (wish["memory"] << 20,) * 2)
    os.environ.clear()
    os.environ.update(wish["environ"])
    time.tzset()
    sys.argv = ["", *wish["words"]]
    runpy.run_module(wish["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
