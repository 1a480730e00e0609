"""By which rules the figures were counted: after others they are counted anew

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("figure_count", sa.Column("by_rules", sa.Text))


def downgrade():
    op.drop_column("figure_count", "by_rules")
