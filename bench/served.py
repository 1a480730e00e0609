"""The house as gunicorn serves it, and how one asks it over HTTP: what the benchmarks of whole pages share."""

from __future__ import annotations

import gzip
import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager

from caseflow.processes import wait_until

# A statement is prepared when a connection meets it for the sixth time, and planned for good some five times later.
ROUNDS, WARM_UP = 31, 40
_MARKS = {name: re.compile(rf'name="{name}"[^>]*value="([^"]+)"') for name in ("csrf_token", "stamp")}

# What one request took, in milliseconds, and its statements.
Timing = dict[str, float]


@contextmanager
def running(argv: Sequence[str], environ: Mapping[str, str]) -> Iterator[None]:
    whole = {**os.environ, **environ}
    with subprocess.Popen(argv, env=whole, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def served(environ: Mapping[str, str], app: str = "bench.timed:app") -> Iterator[int]:
    """The port of gunicorn with two workers, once it answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    argv = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", app]
    base = {"WEB_CONCURRENCY": "2", "CASEFLOW_LOG": "warning", "CASEFLOW_BASE_URL": f"http://127.0.0.1:{port}"}
    with running(argv, {**base, **environ}):
        assert wait_until(lambda: _answers(port), 60), "no web"
        yield port


def ask(
    port: int, verb: str, path: str, *, cookie: str = "", body: str = "", place: str = "127.0.0.1"
) -> tuple[http.client.HTTPResponse, str]:
    """What is answered to somebody at a place, over a connection of its own."""
    headers = {
        "X-Place": place,
        "Cookie": cookie,
        "Accept-Language": "sv",
        "Accept-Encoding": "gzip",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(verb, path, body or None, headers)
        answer = connection.getresponse()
        read = answer.read()
        if answer.getheader("Content-Encoding") == "gzip":
            read = gzip.decompress(read)
        return answer, read.decode()


def opened_form(port: int, place: str = "127.0.0.1") -> tuple[dict[str, str], str]:
    """What a form that was opened has in its hidden fields, and its cookie."""
    answer, page = ask(port, "GET", "/new", place=place)
    found = {name: mark.search(page) for name, mark in _MARKS.items()}
    assert all(found.values()), answer.status
    cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
    return {name: one[1] for name, one in found.items() if one}, cookie


def get(port: int, path: str, cookie: str = "") -> Timing:
    answer, _body = ask(port, "GET", path, cookie=cookie)
    assert answer.status == 200, (path, answer.status)
    return timing(answer)


def timing(answer: http.client.HTTPResponse) -> Timing:
    marks = (mark.partition(";dur=") for mark in (answer.getheader("Server-Timing") or "").split(", "))
    return {name: float(value) for name, _mark, value in marks}


def p50(asked: Callable[[], Timing]) -> Timing:
    """Each connection is a new one, so that both workers are warmed up and measured."""
    for _ in range(WARM_UP):
        asked()
    rounds = [asked() for _ in range(ROUNDS)]
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


def _answers(port: int) -> bool:
    try:
        return ask(port, "GET", "/healthz")[0].status == 200
    except OSError:
        return False
