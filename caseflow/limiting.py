"""How often one place may do something: Flask-Limiter over the broker, and over this process's memory while it is away.

A limit is never worth a page that does not come: the broker has a fifth of a second, and is then left alone for a
while.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import structlog
from flask import Flask, request
from flask_limiter import Limiter
from limits import parse

from caseflow.accounts.throttle import place_of

log = structlog.get_logger(__name__)
F = TypeVar("F", bound=Callable[..., object])

PATIENCE = 0.2  # seconds
PLACE = "place"


def place() -> str:
    """Where the request comes from, hashed; the addresses of one subscriber are one place."""
    return place_of(request.remote_addr)


def made() -> Limiter:
    """One that goes on counting in memory when its store is away, and never stands in the way of a page."""
    return Limiter(key_func=place, in_memory_fallback_enabled=True, swallow_errors=True)


limiter = made()


@limiter.request_filter
def _only_looks() -> bool:
    """The limits are for what is sent, so that nobody need look which of them a page has."""
    return request.method != "POST"


def init_app(app: Flask) -> None:
    limiter.init_app(with_store(app, app.config["REDIS_URL"]))


def with_store(app: Flask, url: str) -> Flask:
    """Tell the app where to count."""
    waits = {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE}
    app.config["RATELIMIT_STORAGE_URI"] = url.replace("unix://", "redis+unix://", 1)
    app.config["RATELIMIT_STORAGE_OPTIONS"] = waits
    return app


def at_most(limit: str) -> Callable[[F], F]:
    """Gate for what the public sends: "60/hour" from one place; more is answered with 429. Looking is free."""
    return limiter.limit(limit, methods=["POST"])  # type: ignore[return-value]


def often(limit: str, *names: str) -> bool:
    """Whether this has now been done more than `limit` allows; counts this time."""
    if not limiter.enabled:
        return False
    try:
        return not limiter.limiter.hit(parse(limit), *names)
    except Exception as error:  # whatever the store raises: who cannot count suspects nobody
        log.warning("counting_failed", error=type(error).__name__)
        return False
