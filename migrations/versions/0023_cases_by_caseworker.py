"""An index for the queue in the order of its caseworkers

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

OPEN = "status IN ('new', 'in_progress', 'waiting', 'planned')"


def upgrade():
    keys = [sa.text("(coalesce(assignee_id, 0))"), "due_on", "id"]
    op.create_index("case_open_assigned_idx", "case", keys, postgresql_where=sa.text(OPEN))


def downgrade():
    op.drop_index("case_open_assigned_idx", table_name="case")
