"""The index that the views are counted by also has the queue of a department in its order

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

OPEN = sa.text("status IN ('new', 'in_progress', 'waiting', 'planned')")


def upgrade():
    op.create_index(
        "case_open_department_idx",
        "case",
        ["department_code", "due_on", "id"],
        postgresql_include=["assignee_id", "status", "escalated_for", "answered_at"],
        postgresql_where=OPEN,
    )
    op.drop_index("case_open_counts_idx", "case")


def downgrade():
    counted = ["assignee_id", "due_on", "status", "escalated_for", "answered_at"]
    op.create_index(
        "case_open_counts_idx", "case", ["department_code"], postgresql_include=counted, postgresql_where=OPEN
    )
    op.drop_index("case_open_department_idx", "case")
