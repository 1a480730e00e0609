"""Checklists of cases, and their templates at the categories

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("category", sa.Column("checklist", sa.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.create_table(
        "step",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("case_id", sa.BigInteger(), sa.ForeignKey("case.id", ondelete="CASCADE"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("category_code", sa.Text(), sa.ForeignKey("category.code", onupdate="CASCADE")),
        sa.Column("done_by", sa.BigInteger(), sa.ForeignKey("staff.id")),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("btrim(text) <> '' AND length(text) <= 200", name="step_text_check"),
        sa.CheckConstraint("done_at IS NULL OR removed_at IS NULL", name="step_removed_check"),
    )
    op.create_index("step_case_id_idx", "step", ["case_id", "id"])


def downgrade():
    op.drop_table("step")
    op.drop_column("category", "checklist")
