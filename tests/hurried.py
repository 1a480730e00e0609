"""The workers' own entry point with shorter times, which it takes from the environment: HURRIED_LEASE, HURRIED_SWEEP.

Both are seconds. For processes of tests: `celery --app tests.hurried worker`.
"""

import os
from datetime import timedelta

import workers
from workers import celery

workers.flask_app.config["OUTBOX_LEASE"] = timedelta(seconds=float(os.environ["HURRIED_LEASE"]))
celery.conf.beat_schedule = {
    name: {**entry, "schedule": float(os.environ["HURRIED_SWEEP"])} for name, entry in celery.conf.beat_schedule.items()
}
