"""What the queue finds and sorts cases by; the database's own triggers keep it (migration 0003)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.cases.models import OPEN, Case
from caseflow.database import Model


class Lookup(Model):
    """One row a case. It stands beside the case so that an act on a case does not write all its words anew.

    `words` are those of the case's number, texts, name, address, phone and e-mail and of what was said in it and not
    retracted, both whole and as Swedish stems. `waiting_since` is when the resident's first message that nobody has
    answered came in: 'infinity' when nobody waits, empty when the case is answered or closed.
    """

    __tablename__ = "case_lookup"
    __table_args__ = (
        sa.Index("case_lookup_words_idx", "words", postgresql_using="gin"),
        sa.Index(
            "case_lookup_waiting_idx",
            "waiting_since",
            "case_id",
            postgresql_where=sa.text("waiting_since IS NOT NULL"),
        ),
    )

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[str] = mapped_column(TSVECTOR)
    waiting_since: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


def constants(codes: Sequence[str]) -> list[sa.ColumnElement[str]]:
    """Codes of ours as they stand in the statement: PostgreSQL can then prove that a partial index holds the rows."""
    return [sa.literal_column(f"'{code}'", sa.Text) for code in codes]


IS_OPEN = Case.status.in_(constants(OPEN))
# The serial number without its year: it never starts again, and as a number 99999 stands before 100000.
SERIAL = sa.cast(sa.func.split_part(Case.number, sa.literal_column("'-'"), sa.literal_column("2")), sa.BigInteger)

# High ones a hundred years before their day: one key for "high priority first, then the most urgent".
RANK = sa.type_coerce(
    sa.case(
        (Case.priority == sa.literal_column("'high'"), Case.due_on - sa.literal_column("36500")), else_=Case.due_on
    ),
    sa.Date,
)

# Who has it, as a number also for nobody: one key for a group of cases.
ASSIGNED = sa.func.coalesce(Case.assignee_id, sa.literal_column("0"))

# The streets that a case speaks of and the words of its place, each with the month in which it came in.
PLACES = sa.func.place_keys(Case.subject, Case.description, Case.place, Case.received_at, type_=sa.ARRAY(sa.Text))

_IS_OPEN = sa.text(f"status IN {OPEN}")
INDEXES = (
    # A department's queue in its order; and all that the views count, so that counting needs the index alone.
    sa.Index(
        "case_open_department_idx",
        Case.department_code,
        Case.due_on,
        Case.id,
        postgresql_include=("assignee_id", "status", "escalated_for", "answered_at", "protected"),
        postgresql_where=_IS_OPEN,
    ),
    sa.Index("case_due_idx", Case.due_on, Case.id),
    sa.Index("case_serial_idx", SERIAL, Case.id),
    sa.Index("case_open_serial_idx", SERIAL, Case.id, postgresql_where=_IS_OPEN),
    sa.Index("case_open_rank_idx", RANK, Case.id, postgresql_where=_IS_OPEN),
    sa.Index("case_open_received_idx", Case.received_at, Case.id, postgresql_where=_IS_OPEN),
    sa.Index(
        "case_category_received_idx",
        Case.category_code,
        Case.received_at,
        postgresql_where=Case.category_code.is_not(None),
    ),
    sa.Index("case_places_idx", PLACES, postgresql_using="gin"),
    sa.Index("case_open_assigned_idx", ASSIGNED, Case.due_on, Case.id, postgresql_where=_IS_OPEN),
)
