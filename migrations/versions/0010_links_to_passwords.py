"""Links by which staff choose a password: invitations and recovery

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "account_link",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("staff_id", sa.BigInteger, sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False, unique=True),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("ended_at", moment),
        sa.CheckConstraint("purpose IN ('invitation', 'recovery')", name=op.f("account_link_purpose_check")),
    )
    op.create_index("account_link_staff_id_idx", "account_link", ["staff_id", "id"])


def downgrade() -> None:
    op.drop_table("account_link")
