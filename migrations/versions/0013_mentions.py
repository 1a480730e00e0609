"""Mentions in notes, and who follows a case

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def of(table, **options):
    return sa.Column(f"{table}_id", sa.BigInteger(), sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), **options)


def upgrade():
    op.create_table(
        "mention",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        of("entry", nullable=False),
        of("case", nullable=False),
        of("staff", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("entry_id", "staff_id", name=op.f("mention_entry_id_staff_id_key")),
    )
    op.create_index("mention_staff_idx", "mention", ["staff_id", "id"])
    op.create_index("mention_unread_idx", "mention", ["staff_id"], postgresql_where=sa.text("read_at IS NULL"))
    op.create_table(
        "following",
        of("staff", primary_key=True),
        of("case", primary_key=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("following_case_id_idx", "following", ["case_id"])
    op.create_table("mention_wish", of("staff", primary_key=True))
