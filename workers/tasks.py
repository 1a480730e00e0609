"""The tasks: a name and one call. What to retry and when stands in the outbox."""

from caseflow.broker import celery
from caseflow.cases import deliveries


@celery.task(name="deliver")
def deliver(message_id: int) -> None:
    deliveries.deliver(message_id)


@celery.task(name="sweep")
def sweep() -> None:
    deliveries.sweep()


@celery.task(name="heartbeat")
def heartbeat() -> None:
    deliveries.worker_beat()
