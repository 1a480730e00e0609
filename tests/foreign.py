"""Programs of others that tests talk to: found, or the test skips aloud; with CASEFLOW_REQUIRE_SERVERS=1 it fails."""

from __future__ import annotations

import os
import shutil
import socket

import pytest

from caseflow.processes import Child, wait_until

# Debian keeps servers where an ordinary user's PATH does not look.
PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
PATIENCE = 10


def program(name: str, package: str) -> str:
    """Where it is installed. `package` is Debian's name for what brings it."""
    if found := shutil.which(name, path=PLACES):
        return found
    missing = f"no {name} (Debian package {package}): NOT TESTED AGAINST A REAL SERVER"
    if os.environ.get("CASEFLOW_REQUIRE_SERVERS") == "1":
        pytest.fail(missing)
    pytest.skip(missing)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def listening(child: Child, port: int) -> None:
    """Wait until the server takes connections; fails with its log where it does not."""

    def answers() -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return not child.alive() or probe.connect_ex(("127.0.0.1", port)) == 0

    if not (wait_until(answers, PATIENCE) and child.alive()):
        log = child.command.log.read_text(errors="replace") if child.command.log else ""
        child.kill()
        pytest.fail(f"{child.command.name} does not start: {log[-1000:]}")
