"""Who reaches residents with protected personal data, beside those who lead

Revision ID: 0041
Revises: 0040
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

COUNTED = ["assignee_id", "status", "escalated_for", "answered_at"]
IS_OPEN = sa.text("status IN ('new', 'in_progress', 'waiting', 'planned')")


def _counts(*more):
    """The same index with what is counted by now, too."""
    op.drop_index("case_open_department_idx", "case")
    where = {"postgresql_where": IS_OPEN, "postgresql_include": [*COUNTED, *more]}
    op.create_index("case_open_department_idx", "case", ["department_code", "due_on", "id"], **where)


def upgrade():
    for table, column in (("staff", "sees_protected"), ("letter_batch", "protected")):
        op.add_column(table, sa.Column(column, sa.Boolean(), server_default="false", nullable=False))
    _counts("protected")


def downgrade():
    _counts()
    op.drop_column("letter_batch", "protected")
    op.drop_column("staff", "sees_protected")
