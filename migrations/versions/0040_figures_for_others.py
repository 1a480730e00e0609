"""Open figures by month, and figures by mail

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def when(name, **options):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, **options)


def upgrade():
    op.create_table(
        "open_data_choice",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        when("since"),
        sa.CheckConstraint("id = 1", name="open_data_choice_single_check"),
    )
    op.create_table(
        "open_month",
        sa.Column("month", sa.Date(), primary_key=True),
        sa.Column("cells", JSONB(), nullable=False),
        when("made_at"),
    )
    op.create_table(
        "report_wish",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("staff_id", sa.BigInteger(), sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
        sa.Column("filter", JSONB(), nullable=False),
        sa.Column("rhythm", sa.Text(), nullable=False),
        when("made_at"),
        sa.Column("sent_for", sa.Date(), nullable=False),
        sa.CheckConstraint("rhythm IN ('week', 'month')", name="report_wish_rhythm_check"),
    )
    op.create_index("report_wish_staff_id_idx", "report_wish", ["staff_id"])


def downgrade():
    for table in ("report_wish", "open_month", "open_data_choice"):
        op.drop_table(table)
