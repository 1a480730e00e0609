"""Known faults that residents can follow, and mail to who follows them

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

OLD = (
    "'receipt', 'question', 'reply', 'notice', 'update', 'link', "
    "'account', 'digest', 'escalation', 'mention', 'withdrawal'"
)


def _flag(table, column):
    op.add_column(table, sa.Column(column, sa.Boolean(), server_default="false", nullable=False))


def _refers(table, column, to, ondelete):
    name = f"{table}_{column}_fkey"
    op.drop_constraint(name, table, type_="foreignkey")
    op.create_foreign_key(name, table, to, [column], ["id"], ondelete=ondelete)


def _purposes(*more):
    for name in ("message_purpose_check", "message_message_purpose_check_check"):  # as 0024 left it
        op.execute(f"ALTER TABLE message DROP CONSTRAINT IF EXISTS {name}")
    listed = ", ".join([OLD, *(f"'{one}'" for one in more)])
    op.create_check_constraint(op.f("message_purpose_check"), "message", f"purpose IN ({listed})")


def upgrade():
    _flag("kind", "reports_fault")
    _flag("department", "known_faults")
    _flag("category", "known_faults")
    _flag("case", "made_known")
    op.create_table(
        "known_fault",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column(
            "case_id", sa.BigInteger(), sa.ForeignKey("case.id", ondelete="CASCADE"), nullable=False, unique=True
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("point", sa.Text()),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    )
    op.create_index("known_fault_open_idx", "known_fault", ["id"], postgresql_where=sa.text("ended_at IS NULL"))
    fault = sa.ForeignKey("known_fault.id", ondelete="CASCADE")
    op.create_table(
        "fault_news",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("fault_id", sa.BigInteger(), fault, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "what IN ('known', 'working', 'planned', 'fixed', 'later', 'over', 'gone')",
            name=op.f("fault_news_what_check"),
        ),
    )
    op.create_index("fault_news_fault_id_idx", "fault_news", ["fault_id", "id"])
    op.create_index("fault_news_untold_idx", "fault_news", ["id"], postgresql_where=sa.text("told_at IS NULL"))
    op.create_table(
        "fault_follower",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("fault_id", sa.BigInteger(), sa.ForeignKey("known_fault.id", ondelete="CASCADE"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False, unique=True),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("way IN ('email', 'sms', 'none')", name=op.f("fault_follower_way_check")),
        sa.UniqueConstraint("fault_id", "way", "address", name=op.f("fault_follower_fault_id_way_address_key")),
    )
    op.add_column("message", sa.Column("follower_id", sa.BigInteger()))
    op.create_foreign_key(
        "message_follower_id_fkey", "message", "fault_follower", ["follower_id"], ["id"], ondelete="CASCADE"
    )
    op.create_index(
        "message_follower_id_idx", "message", ["follower_id"], postgresql_where=sa.text("follower_id IS NOT NULL")
    )
    op.drop_constraint("message_owner_check", "message")
    op.create_check_constraint(
        op.f("message_owner_check"), "message", "num_nonnulls(case_id, staff_id, follower_id) = 1"
    )
    _purposes("known_fault")
    # What was written to a follower goes when the follower does.
    _refers("attempt", "message_id", "message", "CASCADE")
    _refers("incoming_mail", "message_id", "message", "SET NULL")


def downgrade():
    op.execute("DELETE FROM message WHERE follower_id IS NOT NULL")
    _refers("incoming_mail", "message_id", "message", None)
    _refers("attempt", "message_id", "message", None)
    _purposes()
    op.drop_constraint("message_owner_check", "message")
    op.drop_column("message", "follower_id")
    op.create_check_constraint(op.f("message_owner_check"), "message", "num_nonnulls(case_id, staff_id) = 1")
    for table in ("fault_follower", "fault_news", "known_fault"):
        op.drop_table(table)
    for table, column in (
        ("case", "made_known"),
        ("category", "known_faults"),
        ("department", "known_faults"),
        ("kind", "reports_fault"),
    ):
        op.drop_column(table, column)
