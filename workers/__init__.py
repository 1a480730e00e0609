"""The Celery worker's and beat's entry point: `celery -A workers worker`, `celery -A workers beat`."""

import os

from caseflow import create_app
from caseflow.broker import celery
from config import Config
from workers import tasks
from workers.schedule import TIMETABLE

app = create_app(Config.from_environment(os.environ))
celery.conf.beat_schedule = TIMETABLE

__all__ = ["celery", "tasks"]
