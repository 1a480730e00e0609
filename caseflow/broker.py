"""The Celery app and the doorbell. The table is the queue; the broker only wakes a worker."""

from __future__ import annotations

import signal
from typing import Any

import structlog
from celery import Celery, Task
from flask import Flask
from kombu import Connection, Queue

log = structlog.get_logger(__name__)

# What one ring may wait for the broker, to connect and to answer; the sweep finds what the bell missed.
PATIENCE = 0.5
# A worker waits a second at a time for the next ring (kombu's brpop_timeout), so its patience must be longer.
WORKER_PATIENCE = 5
VISIBILITY = 120
# Seconds that a task may live, and how much longer it may in case that Celery does not end it: still before its lease.
LIFE, OVERTIME = 90, 1.05
# What keeps the house going has a queue of its own: it must not wait behind a thousand messages.
WORK, UPKEEP = "work", "upkeep"


class _Bell(Celery):
    """Whoever rings gives up soon; a worker that listens may wait."""

    def connection_for_write(self, url: str | None = None, *args: Any, **options: Any) -> Connection:
        options.setdefault("transport_options", {"socket_timeout": PATIENCE})
        return super().connection_for_write(url, *args, **options)


class _InContext(Task):  # type: ignore[type-arg]  # celery's Task is generic only in its stubs
    """A task runs inside the Flask app's context, and for no longer than it may.

    Celery keeps its time limits in a timer that it empties when it has lost the broker (celery.worker.loops), so the
    kernel keeps one, too: SIGALRM ends the process, whatever it hangs in.
    """

    flask: Flask

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        signal.setitimer(signal.ITIMER_REAL, OVERTIME * celery.conf.task_time_limit)
        try:
            with self.flask.app_context():
                return self.run(*args, **kwargs)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


celery = _Bell("caseflow", task_cls=_InContext)


def init_app(app: Flask) -> None:
    """Bind the Celery app to this Flask app; nothing is kept in the broker."""
    transport = {
        "socket_connect_timeout": PATIENCE,
        "socket_timeout": WORKER_PATIENCE,
        "visibility_timeout": VISIBILITY,
        "max_retries": 0,
    }
    _InContext.flask = app
    celery.conf.update(
        broker_url=_kombu_url(app.config["REDIS_URL"]),
        broker_transport_options=transport,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_queues=(Queue(WORK), Queue(UPKEEP)),
        task_default_queue=WORK,
        task_routes={name: {"queue": UPKEEP} for name in ("sweep", "heartbeat", "fetch_mail", "post_room")},
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_time_limit=LIFE,
        task_publish_retry=False,
        timezone="UTC",
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
    )
    app.extensions["celery"] = celery


def ring(task: str, *args: object) -> bool:
    """Best effort: True when the broker took the call. Never raises: a lost ring only delays (see outbox.sweep)."""
    try:
        celery.send_task(task, args=args, retry=False, ignore_result=True)
    except Exception as error:  # whatever the transport raises, the row is already safe
        log.warning("doorbell_unanswered", task=task, error=type(error).__name__)
        return False
    return True


def waiting() -> int | None:
    """How many rings for messages no worker has heard yet; None when the broker does not answer."""
    try:
        with celery.connection_for_write() as connection:
            channel: Any = connection.default_channel
            return int(channel.queue_declare(WORK).message_count)
    except Exception:  # as in ring()
        return None


def reachable() -> bool:
    """Whether the broker answers in time."""
    return waiting() is not None


def _kombu_url(url: str) -> str:
    """redis-py says unix://, kombu says redis+socket:// for the same socket."""
    return url.replace("unix://", "redis+socket://", 1)
