"""The Celery app and the doorbell. The table is the queue; the broker only wakes a worker."""

from __future__ import annotations

from typing import Any, ClassVar

import structlog
from celery import Celery, Task
from flask import Flask

log = structlog.get_logger(__name__)

# A ring to a dead broker may cost a person this long at most; the sweep finds what the bell missed.
PATIENCE = 0.5
VISIBILITY = 120


class ContextTask(Task):  # type: ignore[type-arg]  # generic only in its stubs
    """A task that runs inside the Flask app's context."""

    flask_app: ClassVar[Flask]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with self.flask_app.app_context():
            return self.run(*args, **kwargs)


celery = Celery("caseflow", task_cls=ContextTask)


def init_app(app: Flask) -> None:
    """Bind the Celery app to this Flask app: tasks run inside its context and nothing is kept in the broker."""
    url = _kombu_url(app.config["REDIS_URL"])
    transport = {
        "socket_connect_timeout": PATIENCE,
        "socket_timeout": 5,
        "visibility_timeout": VISIBILITY,
        "max_retries": 0,
    }
    ContextTask.flask_app = app
    celery.conf.update(
        broker_url=url,
        broker_transport_options=transport,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_time_limit=90,
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


def reachable() -> bool:
    """Whether the broker answers within PATIENCE."""
    try:
        with celery.connection_for_write(connect_timeout=PATIENCE) as connection:
            connection.ensure_connection(max_retries=1, timeout=1)
    except Exception:
        return False
    return True


def _kombu_url(url: str) -> str:
    """redis-py says unix://, kombu says redis+socket:// for the same socket."""
    return url.replace("unix://", "redis+socket://", 1)
