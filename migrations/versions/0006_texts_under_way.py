"""Drafts that outlive everything, and who is at a case just now

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "draft",
        sa.Column("staff_id", sa.BigInteger(), sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("case_id", sa.BigInteger(), sa.ForeignKey("case.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("sort", sa.Text(), primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("submission", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sort IN ('reply', 'note', 'question')", name=op.f("draft_sort_check")),
    )
    op.create_index("draft_case_id_idx", "draft", ["case_id"])
    op.create_table(
        "presence",
        sa.Column("case_id", sa.BigInteger(), primary_key=True),
        sa.Column("staff_id", sa.BigInteger(), primary_key=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("writing", sa.Boolean(), server_default=sa.false(), nullable=False),
        prefixes=["UNLOGGED"],
    )
