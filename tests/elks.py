"""A fake 46elks in a process of its own: `python -m tests.elks --port 0 [--log FILE] [--receipts] [--tls CERT KEY]`.

It speaks what their documentation says of SMS: Basic auth, POST and GET /a1/sms, plain-text errors, delivery reports
that are posted until they are answered with 200 to 204. What it shall do besides, tests tell it under /fake/.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask

ROOT = Path(__file__).parent.parent
USER, PASSWORD = "u1234", "s3cr/t:pässword"
USED = "u1234:s3cr%2Ft%3Ap%C3%A4ssword"  # as it stands in SMS_URL
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{2,10}")
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)  # theirs are minutes, over six hours
Row = dict[str, Any]


class World:
    """What the provider has taken, and the mood it is in."""

    def __init__(self, log: Path | None, receipts: bool) -> None:
        self.taken: list[Row] = []
        self.asked: list[str] = []
        self.mood: dict[str, str] = {}
        self.log, self.receipts = log, receipts
        self.lock = threading.Lock()

    def take(self, form: Row) -> Row:
        now = datetime.now(UTC).replace(tzinfo=None)
        row = {
            "id": f"s{uuid.uuid4().hex}",
            "created": now.isoformat(timespec="microseconds"),
            "direction": "outgoing",
            "status": "created",
            "cost": 3500,
            "whendelivered": "",
            **form,
        }
        with self.lock:
            self.taken.append(row)
            if self.log:
                with self.log.open("a") as file:
                    file.write(json.dumps(row) + "\n")
        if self.receipts:
            threading.Thread(target=self.tell, args=(row, ["sent", "delivered"]), daemon=True).start()
        return row

    def tell(self, row: Row, statuses: list[str]) -> list[list[int]]:
        """Post one report after another, each until it is taken; what was answered, by report."""
        return [self._tell_one(row, status) for status in statuses]

    def _tell_one(self, row: Row, status: str) -> list[int]:
        form = {"id": row["id"], "status": status}
        if status == "delivered":
            form["delivered"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        answers: list[int] = []
        for pause in (0.0, *PAUSES):
            time.sleep(pause)
            answers.append(_post(row["whendelivered"], form))
            if 200 <= answers[-1] <= 204:
                row["status"] = status
                break
        return answers

    def history(self, query: Row) -> Row:
        """The newest first; `next` is where the following page begins."""
        limit = min(int(query.get("limit", 100)), 100)
        rows = sorted(self.taken, key=lambda row: row["created"], reverse=True)
        rows = [row for row in rows if query.get("to", row["to"]) == row["to"]]
        rows = [row for row in rows if query.get("end", "") < row["created"] < query.get("start", "9")]
        page: Row = {"data": [{k: v for k, v in row.items() if k != "whendelivered"} for row in rows[:limit]]}
        return page | ({"next": rows[limit - 1]["created"]} if len(rows) > limit else {})


def _post(url: str, form: Row) -> int:
    try:
        with urllib.request.urlopen(url, urlencode(form).encode(), timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


class Handler(BaseHTTPRequestHandler):
    """Moods of `sms` and `history`: `say 500 words`, `hang`, `drip`, `drop`; after `take and` it is taken first."""

    protocol_version = "HTTP/1.1"
    world: World

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urlsplit(self.path).path
        if path.startswith("/fake/"):
            return self._obey(path, json.loads(body))
        self.world.asked.append(body.decode())
        form = {key: values[0] for key, values in parse_qs(body.decode(), strict_parsing=True).items()}
        refusal = self._stranger() or _unfit(form) if path == "/a1/sms" else (404, "Not found")
        mood = self.world.mood.get("sms", "")
        if refusal:
            return self._say(*refusal)
        if mood and not mood.startswith("take and "):
            return self._behave(mood)
        row = self.world.take(form)
        if mood:
            return self._behave(mood.removeprefix("take and "))
        shown = {key: value for key, value in row.items() if key != "whendelivered"}
        return self._say(200, json.dumps(shown), "application/json")

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/fake/world":
            shown = {"taken": self.world.taken, "asked": self.world.asked}
            return self._say(200, json.dumps(shown), "application/json")
        self.world.asked.append(self.path)
        refusal = self._stranger() if parts.path == "/a1/sms" else (404, "Not found")
        if refusal:
            return self._say(*refusal)
        if mood := self.world.mood.get("history"):
            return self._behave(mood)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        return self._say(200, json.dumps(self.world.history(query)), "application/json")

    def _stranger(self) -> tuple[int, str] | None:
        right = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {right}":
            return 401, "API access requires Basic HTTP authentication"
        return None

    def _obey(self, path: str, order: Row) -> None:
        answer: object = None
        match path:
            case "/fake/reset":
                self.world.taken.clear()
                self.world.asked.clear()
                self.world.mood.clear()
            case "/fake/mood":
                self.world.mood.update(order)
            case "/fake/taken":
                answer = self.world.take(order)
            case "/fake/receipts":
                row = next(row for row in self.world.taken if row["id"] == order["id"])
                answer = self.world.tell(row, order["statuses"])
        self._say(200, json.dumps(answer), "application/json")

    def _behave(self, mood: str) -> None:
        verb, _, rest = mood.partition(" ")
        self.close_connection = True
        if verb == "say":
            status, _, words = rest.partition(" ")
            self._say(int(status), words)
        elif verb == "hang":
            self.rfile.read(1)  # until the other side has had enough
        elif verb == "drip":
            self._drip()

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b" ")
                time.sleep(0.1)
        except OSError:
            pass

    def _say(self, status: int, words: str, kind: str = "text/plain; charset=utf-8") -> None:
        data = words.encode()
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "/a1/elsewhere")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _unfit(form: Row) -> tuple[int, str] | None:
    for key in ("from", "to", "message"):
        if not form.get(key):
            return 400, f"Missing key {key}"
    if not NUMBER.fullmatch(form["to"]):
        return 400, "Invalid to number"
    if not NUMBER.fullmatch(form["from"]) and not NAME.fullmatch(form["from"]):
        return 400, "Invalid from number"
    return None


def serve() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--receipts", action="store_true")
    parser.add_argument("--tls", nargs=2, type=Path)
    wanted = parser.parse_args()
    Handler.world = World(wanted.log, wanted.receipts)
    server = ThreadingHTTPServer(("127.0.0.1", wanted.port), Handler)
    server.daemon_threads = True
    if wanted.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*wanted.tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_port, flush=True)
    server.serve_forever()


class Elks:
    """The running provider, as a test speaks to it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"46elks+http://{USED}@127.0.0.1:{port}?from=Finspang"

    def mood(self, *, sms: str = "", history: str = "") -> None:
        self._order("mood", {"sms": sms, "history": history})

    def reset(self) -> None:
        self._order("reset", {})

    def has_taken(self, **row: object) -> Row:
        """Put an SMS into its history as if somebody had sent it."""
        return dict(self._order("taken", {"from": "Finspang", **row}))

    def tell(self, sms: Row, *statuses: str) -> list[list[int]]:
        """Have it post its delivery reports now; what we answered to each, try by try."""
        return list(self._order("receipts", {"id": sms["id"], "statuses": statuses}))

    @property
    def taken(self) -> list[Row]:
        return list(self._world()["taken"])

    @property
    def asked(self) -> list[str]:
        """Bodies and paths of all requests, as they came over the line."""
        return list(self._world()["asked"])

    def _world(self) -> Row:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/fake/world", timeout=10) as answer:
            return dict(json.load(answer))

    def _order(self, what: str, order: Row) -> Any:
        url = f"http://127.0.0.1:{self.port}/fake/{what}"
        with urllib.request.urlopen(url, json.dumps(order).encode(), timeout=30) as answer:
            return json.load(answer)


@contextmanager
def running(*options: str) -> Iterator[Elks]:
    """The provider, in a process of its own, until the block ends."""
    argv = [sys.executable, "-m", "tests.elks", *options]
    process = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Elks(int(process.stdout.readline()))
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def _provider() -> Iterator[Elks]:
    with running() as elks:
        yield elks


@pytest.fixture
def elks(app: Flask, _provider: Elks) -> Iterator[Elks]:
    """A provider that has taken nothing yet, with the app's SMS_URL pointing at it."""
    _provider.reset()
    before, app.config["SMS_URL"] = app.config["SMS_URL"], _provider.url
    yield _provider
    app.config["SMS_URL"] = before


if __name__ == "__main__":
    serve()
