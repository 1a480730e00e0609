"""The workers' own entry point with shorter times, from the environment: HURRIED_LEASE, HURRIED_SWEEP, HURRIED_LADDER.

All are seconds; the ladder's is the wait at each of its rungs, and the product's own where it is missing. What must be
shorter or longer than a lease stays so: how long a task may live, and how long the broker waits for its end. For
processes of tests: `celery --app tests.hurried worker`.
"""

import os
from datetime import timedelta

from kombu.transport import redis

import workers
from workers import celery

LEASE = float(os.environ["HURRIED_LEASE"])
LIFE, VISIBILITY = 0.9, 1.2  # of a lease, as in the product: 90, 100 and 120 s


class Impatient(redis.QoS):
    """kombu looks for rings that nobody has acknowledged at every tenth of its chances; this one at each."""

    def restore_visible(self, start: int = 0, num: int = 10, interval: int = 1) -> None:
        super().restore_visible(start, num, interval)


workers.flask_app.config["OUTBOX_LEASE"] = timedelta(seconds=LEASE)
celery.conf.task_time_limit = LIFE * LEASE
celery.conf.broker_transport_options["visibility_timeout"] = VISIBILITY * LEASE
if LEASE < 100:
    redis.Channel.QoS = Impatient
if "HURRIED_LADDER" in os.environ:
    rung = timedelta(seconds=float(os.environ["HURRIED_LADDER"]))
    workers.flask_app.config["OUTBOX_LADDER"] = (rung,) * 7
OUTBOX = ("sweep", "post_room", "heartbeat", "fetch_mail")  # what else the clock does is not what these tests hurry
celery.conf.beat_schedule = {
    name: {**celery.conf.beat_schedule[name], "schedule": float(os.environ["HURRIED_SWEEP"])} for name in OUTBOX
}
