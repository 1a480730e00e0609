"""The app as gunicorn serves it in a measurement: each answer says in `Server-Timing` what it took.

`/bare/…` is another Flask app, with a page that has nothing in it: the measure of the rest.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from caseflow.database import Ahead
from wsgi import app as caseflow

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Of the request at hand: how many statements, and how many seconds were spent waiting for them.
_statements: ContextVar[list[float]] = ContextVar("statements")


@sa.event.listens_for(Engine, "before_cursor_execute")
def _begin(_connection: object, _cursor: object, _sql: str, _values: object, context: Any, _many: bool) -> None:
    context.began = time.perf_counter()


@sa.event.listens_for(Engine, "after_cursor_execute")
def _end(_connection: object, _cursor: object, _sql: str, _values: object, context: Any, _many: bool) -> None:
    waited = context.waited if isinstance(context, Ahead) else time.perf_counter() - context.began
    _statements.get([]).append(waited)


def timed(inner: WSGIApplication) -> WSGIApplication:
    """Wall time, the thread's processor time and SQL in milliseconds, and the number of statements."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        _statements.set([])
        # Each errand comes from a place of its own, and is looked at as a resident's is.
        environ["REMOTE_ADDR"] = environ.get("HTTP_X_PLACE", environ["REMOTE_ADDR"])
        began, busy = time.perf_counter(), time.thread_time()
        held: list[Any] = []
        body = inner(environ, lambda *said: held.append(said) or (lambda _bytes: None))  # type: ignore[func-returns-value]
        took = {"wall": time.perf_counter() - began, "cpu": time.thread_time() - busy, "sql": sum(_statements.get())}
        marks = [f"{name};dur={seconds * 1000:.3f}" for name, seconds in took.items()]
        status, headers, *rest = held[0]
        timing = ", ".join([*marks, f"statements;dur={len(_statements.get())}"])
        start_response(status, [*headers, ("Server-Timing", timing)], *rest)
        return body

    return answer


bare = Flask("bare")


@bare.get("/page")
def _page() -> str:
    return "<!doctype html><title>Nothing</title>"


caseflow.config["FORM_PATIENCE"] = None  # who measures does not read the form first
app = timed(DispatcherMiddleware(caseflow.wsgi_app, {"/bare": bare.wsgi_app}))
