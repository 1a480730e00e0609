"""Errands that may be a robot's, until a person has looked at them

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "held_filing",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False, unique=True),
        sa.Column("submission", sa.Text(), nullable=False, unique=True),
        sa.Column("department_code", sa.Text(), sa.ForeignKey("department.code", onupdate="CASCADE"), nullable=False),
        sa.Column("errand", JSONB(), nullable=False),
        sa.Column("files", JSONB(), server_default="[]", nullable=False),
        sa.Column("why", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("outcome", sa.Text(), server_default="held", nullable=False),
        sa.Column("decided_by", sa.BigInteger(), sa.ForeignKey("staff.id")),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("case_id", sa.BigInteger(), sa.ForeignKey("case.id")),
        sa.CheckConstraint("outcome IN ('held', 'filed', 'ignored')", name="held_filing_outcome_check"),
        sa.CheckConstraint("(outcome = 'filed') = (case_id IS NOT NULL)", name="held_filing_filed_check"),
    )
    op.create_index(
        "held_filing_waiting_idx",
        "held_filing",
        ["department_code", "id"],
        postgresql_where=sa.text("outcome = 'held'"),
    )


def downgrade():
    op.drop_table("held_filing")
