"""How long a task may live: shorter than its lease, whatever becomes of the broker meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import Flask

from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.processes import wait_until
from tests.brokers import OwnBroker, own_broker, point_at
from tests.crew import Crew
from tests.messages.mailservers import Deaf
from tests.messages.posting import reply

__all__ = ["own_broker", "point_at"]

LEASE, PATIENCE = 6.0, 30.0


def test_a_task_that_hangs_ends_before_its_lease_though_its_worker_has_lost_the_broker(
    app: Flask,
    resident_case: Callable[..., Case],
    clerk: Staff,
    environment: dict[str, str],
    own_broker: OwnBroker,
    tmp_path: Path,
) -> None:
    """Celery forgets the time limits of what runs when it connects anew."""
    with Deaf() as server:
        servers = {"REDIS_URL": own_broker.url, "SMTP_URL": server.url}
        crew = Crew(tmp_path, {**environment, **servers}, lease=LEASE, beat=False)
        try:
            assert crew.working()
            worker, before = crew.worker.pid, set(crew.children())
            reply(resident_case(reply_by="none", email="rut@example.org"), clerk)
            assert wait_until(lambda: server.mails == 1, PATIENCE)
            own_broker.kill()
            own_broker.start()
            assert wait_until(lambda: len(before & set(crew.children())) == 1, LEASE)
            assert (crew.worker.pid, crew.worker.alive()) == (worker, True)
            assert crew.working()
        finally:
            crew.kill()
