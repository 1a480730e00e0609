"""The municipality's colours, its own site, when its telephone is answered, and what its start page says first

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

SAID = ("theme", "phone_hours", "start")


def upgrade():
    for name in SAID:
        op.add_column("municipality", sa.Column(name, JSONB(), server_default="{}", nullable=False))
    op.add_column("municipality", sa.Column("web", sa.Text()))


def downgrade():
    for name in (*SAID, "web"):
        op.drop_column("municipality", name)
