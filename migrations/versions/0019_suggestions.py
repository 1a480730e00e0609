"""What closed cases suggest for new ones

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "learnt",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("examples", sa.Integer(), nullable=False),
        sa.Column("measured", JSONB(), nullable=False),
        sa.Column("department", sa.LargeBinary()),
        sa.Column("category", sa.LargeBinary()),
        sa.CheckConstraint("state IN ('in_use', 'before', 'refused')", name="learnt_state_check"),
        sa.CheckConstraint("state <> 'in_use' OR department IS NOT NULL", name="learnt_weights_check"),
    )
    op.create_index("learnt_in_use_idx", "learnt", ["state"], unique=True, postgresql_where=sa.text("state = 'in_use'"))
    op.add_column("municipality", sa.Column("suggestions", JSONB(), server_default="{}", nullable=False))
    op.add_column("case", sa.Column("suggested", JSONB()))
    op.create_index(
        "case_unadvised_idx", "case", ["id"], postgresql_where=sa.text("status = 'new' AND suggested IS NULL")
    )


def downgrade():
    op.drop_index("case_unadvised_idx", "case")
    op.drop_column("case", "suggested")
    op.drop_column("municipality", "suggestions")
    op.drop_table("learnt")
