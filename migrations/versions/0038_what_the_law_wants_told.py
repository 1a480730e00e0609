"""The accessibility statement and the privacy notice of the municipality

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade():
    for name in ("accessibility", "privacy"):
        op.add_column("municipality", sa.Column(name, JSONB(), server_default="{}", nullable=False))


def downgrade():
    for name in ("accessibility", "privacy"):
        op.drop_column("municipality", name)
