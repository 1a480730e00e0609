"""`python -m caseflow up`: the whole product on one machine. Loads no room."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from caseflow import ROOT, embedded
from caseflow.data_folder import occupied
from caseflow.processes import CannotStart, Command, die_with_parent
from caseflow.supervisor import Stopped, Supervisor
from config import Config, ConfigError

REACH_PATIENCE, PREPARE_PATIENCE, READY_PATIENCE = 30.0, 600.0, 60.0
# A former run that was killed lets go of the port within a moment.
PORT_PATIENCE = 2.0
BACKLOG = 512
# Celery's eight lines about root at each start, over and above the user's own wishes.
HUSH = ",".join(filter(None, [os.environ.get("PYTHONWARNINGS"), "ignore:You're running the worker with superuser"]))
SERVERS, APP = 0, 1
REQUEST = b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n"


def main() -> int:
    """0 when it was asked to stop; 1, with a sentence on standard error, when it could not run."""
    started = time.monotonic()
    parser = argparse.ArgumentParser(prog="python -m caseflow", description="caseflow on one machine")
    up = parser.add_subparsers(required=True, metavar="up").add_parser("up", help="start everything; Ctrl-C stops it")
    up.add_argument("--with-parent", action="store_true", help="stop, too, when the process that started this ends")
    if parser.parse_args().with_parent:
        die_with_parent(signal.SIGTERM)
    try:
        config = Config.from_environment(os.environ)
        with Supervisor(json_lines=os.environ.get("LOG_FORMAT") == "json") as supervisor:
            with suppress(Stopped):
                _run(supervisor, config, started)
            supervisor.say("info", "stopped")
    except (ConfigError, CannotStart) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _run(supervisor: Supervisor, config: Config, started: float) -> None:
    """Start all, announce it, and watch over it for ever. Raises Stopped, CannotStart."""
    environ = dict(os.environ) | {"CASEFLOW_DATA": str(config.DATA), "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": HUSH}
    with occupied(config.DATA) as lock, _listening(supervisor, config) as listener:
        try:
            _start_servers(supervisor, config, environ, lock)
            told = _prepare(supervisor, environ)
            _start_web(supervisor, environ, listener)
            _start_workers(supervisor, config, environ)
            supervisor.say("info", f"ready at {config.BASE_URL} after {time.monotonic() - started:.1f} s")
            if environ.get("LOG_FORMAT") != "json":
                supervisor.write(_welcome(config, told).encode())
            while True:
                supervisor.turn(60)
        except Stopped:
            supervisor.say("info", "stopping")
            raise
        finally:
            supervisor.stop()  # while the data folder and the port are still ours


def _start_servers(supervisor: Supervisor, config: Config, environ: Mapping[str, str], lock: int) -> None:
    """The embedded servers, at the same time; those that the environment names are looked for instead."""
    servers = []
    if not environ.get("DATABASE_URL"):
        servers.append(embedded.postgres(config.DATA, lock))
    if not environ.get("REDIS_URL"):
        servers.append(embedded.valkey(config.DATA, lock))
    parts = [(server, supervisor.run(server.command, SERVERS, again=False)) for server in servers]
    for server, part in parts:
        supervisor.until(partial(embedded.settled, server, part.child), embedded.START_PATIENCE)
        embedded.refuse_unready(server, part.child)
        part.again = True
    if len(servers) < 2:
        _look_for_the_others(supervisor, config, environ)


def _look_for_the_others(supervisor: Supervisor, config: Config, environ: Mapping[str, str]) -> None:
    addresses = {"DATABASE_URL": config.SQLALCHEMY_DATABASE_URI, "REDIS_URL": config.REDIS_URL}
    wanted = {name: address for name, address in addresses.items() if environ.get(name)}
    found, said = supervisor.run_to_its_end(
        _python("reachable", {**environ, **wanted}, "-m", "caseflow.reachable"), REACH_PATIENCE
    )
    if not found:
        raise CannotStart(said.strip())


def _prepare(supervisor: Supervisor, environ: Mapping[str, str]) -> str:
    """Migrations and, in demo mode, the example municipality. What it says, such as the demo logins."""
    prepare = _python("prepare", environ, "-m", "flask", "--app", "wsgi", "prepare")
    done, said = supervisor.run_to_its_end(prepare, PREPARE_PATIENCE)
    if not done:
        raise CannotStart(f"{said.rstrip()}\nThe database could not be prepared; the lines above say why.")
    return said


def _start_web(supervisor: Supervisor, environ: Mapping[str, str], listener: socket.socket) -> None:
    """The web app listens on our own socket: while it is started again, requests wait instead of being refused."""
    bind = ("--bind", f"fd://{listener.fileno()}")
    web = _python("web", environ, "-m", "gunicorn", *bind, "wsgi:app", descriptors=(listener.fileno(),))
    supervisor.run(web, APP)
    if not supervisor.until(partial(_healthy, listener), READY_PATIENCE):
        raise CannotStart(f"The web app did not answer within {READY_PATIENCE:.0f} s.")


def _start_workers(supervisor: Supervisor, config: Config, environ: Mapping[str, str]) -> None:
    celery = ("-m", "celery", "--quiet", "--app", "workers:celery")
    pool = ("--concurrency", "3", "--without-gossip", "--without-mingle")
    beat = ("--schedule", str(config.DATA / "beat"), "--pidfile", "")
    worker = _python("worker", environ, *celery, "worker", "--loglevel", "WARNING", *pool)
    # Orphaned, its output goes nowhere, and Celery's polite end begins with a word: it would fail and hang on for ever.
    supervisor.run(replace(worker, orphaned=signal.SIGKILL), APP)
    supervisor.run(_python("beat", environ, *celery, "beat", "--loglevel", "WARNING", *beat), APP)


def _python(name: str, environ: Mapping[str, str], *words: str, descriptors: tuple[int, ...] = ()) -> Command:
    return Command(name=name, argv=(sys.executable, *words), environ=environ, folder=ROOT, descriptors=descriptors)


@contextmanager
def _listening(supervisor: Supervisor, config: Config) -> Iterator[socket.socket]:
    """The web app's listening socket. Raises CannotStart where the port is taken."""
    try:
        family, _, _, _, address = socket.getaddrinfo(config.HOST, config.PORT, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise CannotStart(f"HOST is “{config.HOST}”, which is no address of this machine.") from error
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if not supervisor.until(partial(_bind, listener, address), PORT_PATIENCE):
            raise CannotStart(
                f"Port {config.PORT} on {config.HOST} is taken by another program; choose another with PORT."
            )
        listener.listen(BACKLOG)
        yield listener


def _bind(listener: socket.socket, address: tuple[object, ...]) -> bool:
    try:
        listener.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        raise CannotStart(f"Port {address[1]} on {address[0]} cannot be opened: {error.strerror}.") from error
    return True


def _healthy(listener: socket.socket) -> bool:
    try:
        with socket.create_connection(listener.getsockname()[:2], timeout=0.5) as connection:
            connection.sendall(REQUEST)
            return connection.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False


def _welcome(config: Config, told: str) -> str:
    """Where it is, who can sign in, where what it sends is kept, how it is stopped."""
    mails = "sent through SMTP_URL" if config.SMTP_URL else f"kept in {_short(config.DATA / 'mail')}"
    facts = (
        ("E-mails", mails),
        ("Letters", f"kept in {_short(config.DATA / 'letters')}"),
        ("Data", _short(config.DATA)),
        ("Stop", "Ctrl-C"),
    )
    lines = [f"caseflow is ready: {config.BASE_URL}", "", *told.strip("\n").splitlines(), ""]
    lines += [f"{name:<10}{text}" for name, text in facts]
    return "\n" + "".join(f"  {line}".rstrip() + "\n" for line in lines) + "\n"


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


if __name__ == "__main__":
    sys.exit(main())
