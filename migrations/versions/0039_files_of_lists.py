"""Files of long lists, made by a worker

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def when(name, **options):
    return sa.Column(name, sa.DateTime(timezone=True), **options)


def upgrade():
    op.create_table(
        "export",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("staff_id", sa.BigInteger(), sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("filter", JSONB(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("departments", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        when("asked_at", nullable=False),
        when("touched_at"),
        when("ready_at"),
        sa.CheckConstraint("state IN ('waiting', 'making', 'ready', 'failed')", name="export_state_check"),
        sa.CheckConstraint("form IN ('csv', 'xlsx')", name="export_form_check"),
    )
    op.create_index("export_staff_id_idx", "export", ["staff_id", "id"])
    undone = sa.text("state IN ('waiting', 'making')")
    op.create_index("export_undone_idx", "export", ["id"], postgresql_where=undone)


def downgrade():
    op.drop_table("export")
