"""Residents with protected personal data, of whom nothing is kept that could be found

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("case", sa.Column("protected", sa.Boolean(), server_default="false", nullable=False))
    op.create_check_constraint(
        "case_protected_check",
        "case",
        "NOT protected OR (reply_by = 'none' AND notify_by = 'none'"
        " AND num_nonnulls(name, email, phone, best_time, care_of, street, postcode, town) = 0)",
    )


def downgrade():
    op.drop_column("case", "protected")
