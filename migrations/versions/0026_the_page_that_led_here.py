"""The page of another site that led somebody to the form

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("case", sa.Column("came_from", sa.Text()))


def downgrade():
    op.drop_column("case", "came_from")
