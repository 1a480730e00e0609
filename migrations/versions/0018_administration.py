"""Administration: what is retired, how long cases are kept, the rules' draft

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("department", "category"):
        op.add_column(table, sa.Column("retired", sa.Boolean, nullable=False, server_default=sa.text("false")))
    for table in ("kind", "category"):
        op.add_column(table, sa.Column("retention", JSONB, nullable=False, server_default="{}"))
    op.create_table(
        "rule_draft",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("rules", JSONB, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("based_on", sa.Text, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.BigInteger, sa.ForeignKey("staff.id", name="rule_draft_changed_by_fkey")),
        sa.PrimaryKeyConstraint("id", name="rule_draft_pkey"),
        sa.CheckConstraint("id = 1", name="rule_draft_single_check"),
    )


def downgrade() -> None:
    op.drop_table("rule_draft")
    for table in ("kind", "category"):
        op.drop_column(table, "retention")
    for table in ("department", "category"):
        op.drop_column(table, "retired")
