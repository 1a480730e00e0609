"""What comes first: a case's priority, and how each person likes to work through the queue

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OPEN = "status IN ('new', 'in_progress', 'waiting', 'planned')"
RANK = "(CASE WHEN priority = 'high' THEN due_on - 36500 ELSE due_on END)"


def upgrade():
    op.add_column("case", sa.Column("priority", sa.Text(), server_default="normal", nullable=False))
    op.create_check_constraint(op.f("case_priority_check"), "case", "priority IN ('normal', 'high')")
    op.create_index("case_open_rank_idx", "case", [sa.text(RANK), "id"], postgresql_where=sa.text(OPEN))
    op.add_column("staff", sa.Column("shortcuts", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("staff", sa.Column("afterwards", sa.Text(), server_default="stay", nullable=False))
    op.create_check_constraint(op.f("staff_afterwards_check"), "staff", "afterwards IN ('stay', 'next', 'list')")
