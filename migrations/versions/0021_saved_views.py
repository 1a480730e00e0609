"""Saved views of the queue

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    owner = sa.ForeignKey("staff.id", name="saved_view_owner_id_fkey", ondelete="CASCADE")
    home = {"name": "saved_view_department_code_fkey", "onupdate": "CASCADE", "ondelete": "CASCADE"}
    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("owner_id", sa.BigInteger, owner),
        sa.Column("department_code", sa.Text, sa.ForeignKey("department.code", **home)),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("filter", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name="saved_view_pkey"),
        sa.UniqueConstraint("owner_id", "name", name="saved_view_owner_id_name_key"),
        sa.UniqueConstraint("department_code", "name", name="saved_view_department_code_name_key"),
        sa.CheckConstraint("num_nonnulls(owner_id, department_code) = 1", name="saved_view_home_check"),
    )


def downgrade() -> None:
    op.drop_table("saved_view")
