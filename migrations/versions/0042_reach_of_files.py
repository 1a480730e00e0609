"""What the owner of a file could read when it was made, protected personal data included

Revision ID: 0042
Revises: 0041
"""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade():
    op.alter_column("export", "departments", new_column_name="reach")


def downgrade():
    op.alter_column("export", "reach", new_column_name="departments")
