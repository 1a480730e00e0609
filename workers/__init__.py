"""The Celery worker's and beat's entry point: `celery --app workers:celery worker` (or `beat`)."""

from caseflow.broker import celery
from workers import tasks
from workers.schedule import TIMETABLE
from wsgi import app as flask_app

celery.conf.beat_schedule = TIMETABLE

__all__ = ["celery", "flask_app", "tasks"]
