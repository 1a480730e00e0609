"""Who acts: every verb and every event names an actor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A resident (never named here), a member of staff by id, or the system itself."""

    role: str
    staff_id: int | None = None


RESIDENT = Actor("resident")
SYSTEM = Actor("system")
