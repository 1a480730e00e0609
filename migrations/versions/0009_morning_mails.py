"""Mails of the morning: who wants the day's work, and that a day's mail has been seen to

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "digest_wish",
        sa.Column("staff_id", sa.BigInteger(), sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.CheckConstraint("hour BETWEEN 5 AND 20", name=op.f("digest_wish_hour_check")),
    )
    op.create_table(
        "morning_mail",
        sa.Column("staff_id", sa.BigInteger(), sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("sort", sa.Text(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sort IN ('digest', 'escalation')", name=op.f("morning_mail_sort_check")),
    )
