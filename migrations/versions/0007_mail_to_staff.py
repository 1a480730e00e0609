"""Mail to staff goes through the outbox: a message is about a case, or to a member of staff

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OLD = "purpose IN ('receipt', 'question', 'reply', 'notice')"
TO_STAFF = "('account', 'digest', 'escalation', 'mention')"
NEW = "purpose IN ('receipt', 'question', 'reply', 'notice', 'account', 'digest', 'escalation', 'mention')"


def upgrade() -> None:
    op.alter_column("message", "case_id", nullable=True)
    op.add_column("message", sa.Column("staff_id", sa.BigInteger, nullable=True))
    op.create_foreign_key("message_staff_id_fkey", "message", "staff", ["staff_id"], ["id"])
    op.drop_constraint("message_purpose_check", "message")
    op.create_check_constraint(op.f("message_purpose_check"), "message", NEW)
    op.create_check_constraint(op.f("message_owner_check"), "message", "num_nonnulls(case_id, staff_id) = 1")
    op.create_check_constraint(
        op.f("message_to_staff_check"), "message", f"(staff_id IS NOT NULL) = (purpose IN {TO_STAFF})"
    )
    op.create_index(
        "message_staff_id_idx", "message", ["staff_id", "id"], postgresql_where=sa.text("staff_id IS NOT NULL")
    )


def downgrade() -> None:
    op.execute("DELETE FROM attempt USING message WHERE message_id = message.id AND staff_id IS NOT NULL")
    op.execute(
        "UPDATE incoming_mail SET message_id = NULL FROM message m WHERE message_id = m.id AND m.staff_id IS NOT NULL"
    )
    op.execute("DELETE FROM message WHERE staff_id IS NOT NULL")
    op.drop_index("message_staff_id_idx", "message")
    op.drop_constraint("message_to_staff_check", "message")
    op.drop_constraint("message_owner_check", "message")
    op.drop_constraint("message_purpose_check", "message")
    op.create_check_constraint(op.f("message_purpose_check"), "message", OLD)
    op.drop_column("message", "staff_id")
    op.alter_column("message", "case_id", nullable=False)
