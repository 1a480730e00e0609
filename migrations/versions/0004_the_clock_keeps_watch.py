"""The clock keeps watch: planned cases that wake, who is away, what is escalated

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UNANSWERED = "status IN ('new', 'in_progress') AND answered_at IS NULL AND escalated_for IS DISTINCT FROM due_on"


def when(name, **options):
    return sa.Column(name, sa.DateTime(timezone=True), **options)


def upgrade():
    op.add_column("municipality", sa.Column("watch", JSONB(), server_default="{}", nullable=False))
    op.add_column("case", sa.Column("planned_for", sa.Date()))
    op.add_column("case", sa.Column("escalated_for", sa.Date()))
    for name, columns, condition in (
        ("case_planned_idx", ["planned_until", "id"], "status = 'planned'"),
        ("case_unanswered_idx", ["due_on", "id"], UNANSWERED),
        ("case_escalated_idx", ["department_code", "due_on", "id"], "escalated_for IS NOT NULL"),
    ):
        op.create_index(name, "case", columns, postgresql_where=sa.text(condition))
    absence()


def absence():
    op.create_table(
        "absence",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("staff_id", sa.BigInteger(), sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
        sa.Column("sort", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date()),
        when("registered_at", nullable=False),
        sa.Column("registered_by", sa.BigInteger(), sa.ForeignKey("staff.id")),
        when("returned_at"),
        when("ended_at"),
        when("seen_at"),
        sa.CheckConstraint("sort IN ('leave', 'idle')", name=op.f("absence_sort_check")),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name=op.f("absence_days_check")),
    )
    op.create_index("absence_staff_id_idx", "absence", ["staff_id", "first_day"])
    idle = sa.text("sort = 'idle' AND ended_at IS NULL")
    op.create_index("absence_idle_idx", "absence", ["staff_id"], unique=True, postgresql_where=idle)
    to_cover = sa.text("returned_at IS NULL AND ended_at IS NULL")
    op.create_index("absence_to_cover_idx", "absence", ["first_day"], postgresql_where=to_cover)
    op.create_table(
        "covered_case",
        sa.Column("absence_id", sa.BigInteger(), sa.ForeignKey("absence.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("case_id", sa.BigInteger(), sa.ForeignKey("case.id"), primary_key=True),
        when("at", nullable=False),
    )
    op.create_index("covered_case_case_id_idx", "covered_case", ["case_id"])
