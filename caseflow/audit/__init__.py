"""Append-only events: who did what to which subject, when and why. Timelines and statistics read them."""

from caseflow.accounts.actors import RESIDENT, SYSTEM, Actor
from caseflow.audit.events import Event, record

__all__ = ["RESIDENT", "SYSTEM", "Actor", "Event", "record"]
