"""Structured logs to stdout: one line an event, without personal data, codes or addresses."""

from __future__ import annotations

import logging
import logging.config
import os
import time
import traceback

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger("caseflow.web")

QUIET = {
    "celery": "WARNING",
    "kombu": "WARNING",
    "alembic": "WARNING",
    "gunicorn.error": "WARNING",
    "fontTools": "ERROR",
    "urllib3": "ERROR",  # its warnings quote addresses, and those hold telephone numbers
}


def init_app(app: Flask) -> None:
    configure(os.environ.get("LOG_FORMAT", "console"))
    app.before_request(_start)
    app.after_request(_write)


def configure(shape: str) -> None:
    """`json` or `console`; what libraries log goes the same way."""
    json = shape == "json"
    renderer = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_frames),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {"()": structlog.stdlib.ProcessorFormatter, "processor": renderer, "foreign_pre_chain": shared}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": formatter},
            "handlers": {
                "stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}
            },
            "root": {"handlers": ["stdout"], "level": "INFO"},
            "loggers": {name: {"level": level} for name, level in QUIET.items()},
        }
    )


def _frames(exc_info: structlog.typing.ExcInfo) -> str:
    """Where it went wrong and by what type of exception, without its words: they may quote what a person wrote."""
    error: BaseException | None = exc_info[1]
    lines: list[str] = []
    while error is not None:
        lines.insert(0, f"{''.join(traceback.format_tb(error.__traceback__))}{type(error).__name__}")
        error = error.__cause__ or error.__context__
    return "\n".join(lines)


def _start() -> None:
    g.started = time.perf_counter()


def _write(response: Response) -> Response:
    """The route and not the path: a path may hold a resident's code."""
    if request.endpoint not in ("static", "health.healthz"):
        took = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1)
        rule = request.url_rule.rule if request.url_rule else "(no route)"
        log.info("request", method=request.method, route=rule, status=response.status_code, ms=took)
    return response
