"""The demo's archive: a year of closed cases before its history, from which the suggestions are learnt.

They lie on nobody's desk. What is on the desks, and the last weeks, are told by history.py.
"""

from __future__ import annotations

from datetime import datetime

from caseflow.database import db
from caseflow.demo.bulk import Bulk
from caseflow.demo.history import PAST, SEED

COUNT = 550  # some are left out, because they were not settled; 200 are needed, and more know more words
YEARS = 1


def fill(now: datetime) -> None:
    """Write them in the running unit of work."""
    db.session.flush()
    Bulk(COUNT, seed=SEED, years=YEARS, now=now, settled_before=now - PAST).write_at_once()
