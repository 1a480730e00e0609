"""The data folder of a machine that runs everything itself: what lies where, and that one caseflow at a time uses it.

postgres  valkey  mail  letters  secret-key   what must not be lost
run                                           sockets (a folder in /tmp where this path is too long for a socket)
log                                           the servers' own logs
lock                                          held by whoever runs the servers
servers.lock                                  held by the servers: free only when the last of them has ended
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from caseflow.processes import CannotStart, wait_until

PG_SOCKET, VALKEY_SOCKET = ".s.PGSQL.5432", "valkey.sock"
# A unix socket's path has room for 107 bytes on Linux and 103 on macOS.
SOCKET_PATH_LIMIT = 100
# Paths with nothing in them that an address (URL) would have to escape.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/_.+-]+")
TEMPORARY = Path("/") / "tmp"  # not the environment's: a command in another shell must find the same place
PROC = Path("/proc")
LEFTOVER_PATIENCE = 5.0
LOG_LIMIT = 5_000_000


def sockets(data: Path) -> Path:
    """The folder of the sockets; the same for the servers and for a command that is run beside them."""
    near = data / "run"
    if len(os.fsencode(near / PG_SOCKET)) <= SOCKET_PATH_LIMIT and PLAIN_PATH.fullmatch(str(near)):
        return near
    return TEMPORARY / f"caseflow-{os.geteuid()}-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"


def log_file(data: Path, name: str) -> Path:
    """The server's log; a long one of earlier runs is put aside, and the one before that dropped."""
    path = data / "log" / f"{name}.log"
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    return path


def private_folder(folder: Path) -> None:
    """Make the folder, for us alone. Raises CannotStart where it is somebody else's.

    Root takes over what another user made in its data folder, but not under /tmp, where a stranger may lie in wait.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        foreign = found.st_uid != os.geteuid() and (os.geteuid() != 0 or folder.parent == TEMPORARY)
        if foreign or not stat.S_ISDIR(found.st_mode):
            raise CannotStart(f"{folder} belongs to somebody else; remove it, or set CASEFLOW_DATA to another folder.")
        folder.chmod(0o700)
    except OSError as error:
        raise CannotStart(f"The folder {folder} cannot be used: {error.strerror}.") from error


@contextmanager
def occupied(data: Path) -> Iterator[int]:
    """The data folder is ours alone. Yields a descriptor that the servers must inherit.

    Its file stays locked while any server lives that inherited it, so none of a former run is overlooked. One that
    does not end by itself is asked to. Raises CannotStart.
    """
    with _open(data, "lock") as ours, _open(data, "servers.lock") as theirs:
        if not _lock(ours.fileno()):
            ours.seek(0)
            raise CannotStart(f"The data folder {data} is in use by another caseflow (process {ours.read().strip()}).")
        ours.truncate(0)
        ours.write(str(os.getpid()))
        ours.flush()
        _await_leftovers(data, theirs.fileno())
        _clear_stale(data)
        private_folder(data / "log")
        yield theirs.fileno()
        if sockets(data).parent == TEMPORARY:
            with suppress(OSError):
                sockets(data).rmdir()


def _open(data: Path, name: str) -> IO[str]:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return (data / name).open("a+", encoding="utf-8")
    except OSError as error:
        raise CannotStart(f"The data folder {data} cannot be used: {error.strerror}.") from error


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _await_leftovers(data: Path, servers_lock: int) -> None:
    """Servers whose caseflow was killed are ending, or (where no kernel tells them, as on macOS) have to be told."""
    if wait_until(lambda: _lock(servers_lock), LEFTOVER_PATIENCE):
        return
    for pid_file, farewell in (("postgres/postmaster.pid", signal.SIGINT), ("valkey/valkey.pid", signal.SIGTERM)):
        pid = _pid_in(data / pid_file)
        if pid and _works_in(pid, (data / pid_file).parent):
            with suppress(ProcessLookupError):
                os.kill(pid, farewell)
    if not wait_until(lambda: _lock(servers_lock), LEFTOVER_PATIENCE):
        raise CannotStart(f"A PostgreSQL or Valkey of a former run still uses {data} and does not stop.")


def _clear_stale(data: Path) -> None:
    """After `kill -9` PostgreSQL's pid file names a number that may be another process by now; then it would not start.

    All servers of ours have ended (the lock says so), so only one started by hand can still be there.
    """
    pid_file = data / "postgres/postmaster.pid"
    pid = _pid_in(pid_file)
    if pid is None or not PROC.exists():
        return
    if _works_in(pid, pid_file.parent):
        raise CannotStart(f"A PostgreSQL that caseflow did not start (process {pid}) uses {pid_file.parent}.")
    pid_file.unlink()
    (sockets(data) / f"{PG_SOCKET}.lock").unlink(missing_ok=True)


def _pid_in(path: Path) -> int | None:
    try:
        pid = int(path.read_text(encoding="utf-8").split("\n")[0])
    except (OSError, ValueError):
        return None
    return pid if pid > 1 else None


def _works_in(pid: int, folder: Path) -> bool:
    """Whether the process has this working folder, as both servers do; without /proc (macOS) we believe it."""
    try:
        return not PROC.exists() or (PROC / str(pid) / "cwd").readlink() == folder
    except OSError:
        return False
