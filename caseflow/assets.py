"""Static files under addresses that change with their content, so that browsers may keep them; and gzip for text."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request
from markupsafe import Markup

YEAR = 365 * 24 * 3600
WORTH_IT = 600  # bytes; below this a packet is a packet
LONG = 32_768  # bytes; of a longer page the last tenth would cost as much time as all the rest
# What a stylesheet says to who writes it: an eighth of its weight.
COMMENT = re.compile(rb"/\*.*?\*/\s*", re.DOTALL)
TEXTS = ("text/", "application/javascript", "application/json", "image/svg+xml")


def init_app(app: Flask) -> None:
    app.jinja_env.globals["drawn_of"] = _drawn_of
    app.url_defaults(_name_the_version)
    app.after_request(_keep)
    app.after_request(_compress)


def _drawn_of(shapes: dict[str, str]) -> Callable[..., Markup]:
    """`icon` of _icons.html: a page has hundreds of them, of some twenty sorts."""

    @cache
    def icon(name: str) -> Markup:
        shape = shapes.get(name, shapes["question"])
        return Markup(  # noqa: S704  # the shapes are our own file's
            '<svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">'
            f"{shape}</svg>"
        )

    return icon


def _name_the_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "v" not in values:
        path = f"{current_app.static_folder}/{values['filename']}"
        with suppress(OSError):  # no such file
            values["v"] = _digest(path, os.stat(path).st_mtime_ns)  # noqa: PTH116  # a Path costs ten times as much


@lru_cache(maxsize=256)
def _digest(path: str, changed: int) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10]


def _keep(response: Response) -> Response:
    """A file asked for by its version never changes under that address (RFC 8246)."""
    if request.endpoint == "static" and request.args.get("v") and response.status_code in (200, 304):
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response


def _compress(response: Response) -> Response:
    if not (response.mimetype or "").startswith(TEXTS):
        return response
    response.vary.add("Accept-Encoding")
    static = request.endpoint == "static"
    if static and response.status_code == 200 and request.method == "GET" and response.mimetype == "text/css":
        response.direct_passthrough = False
        response.set_data(_without_comments(response.get_data()))
    whole = response.status_code not in (204, 206, 304) and (static or not response.is_streamed)
    wanted = request.accept_encodings.quality("gzip") > 0 and request.method != "HEAD"
    if whole and wanted and not response.content_encoding:
        _squeeze(response, keep=static)
    return response


def _squeeze(response: Response, *, keep: bool) -> None:
    response.direct_passthrough = False
    data = response.get_data()
    if len(data) < WORTH_IT:
        return
    level = 6 if len(data) < LONG else 3
    response.set_data(_squeezed(data) if keep else gzip.compress(data, level, mtime=0))
    response.content_encoding = "gzip"
    tag, _weak = response.get_etag()
    if tag:
        response.set_etag(tag, weak=True)


@lru_cache(maxsize=16)
def _without_comments(data: bytes) -> bytes:
    return COMMENT.sub(b"", data)


@lru_cache(maxsize=64)
def _squeezed(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)
