"""Second steps of signing in: authenticator apps, recovery codes, passkeys

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def _staff(**more: object) -> sa.Column:
    return sa.Column("staff_id", sa.BigInteger, sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=False, **more)


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "authenticator_app",
        _staff(primary_key=True),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("last_counter", sa.BigInteger),
        sa.Column("made_at", moment, nullable=False),
    )
    op.create_table("recovery_code", _staff(primary_key=True), sa.Column("code_hash", sa.Text, primary_key=True))
    op.create_table(
        "passkey",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        _staff(),
        sa.Column("credential_id", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("used_at", moment),
    )
    op.create_index("passkey_staff_id_idx", "passkey", ["staff_id", "id"])


def downgrade() -> None:
    for table in ("passkey", "recovery_code", "authenticator_app"):
        op.drop_table(table)
