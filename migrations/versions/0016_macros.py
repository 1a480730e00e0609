"""Macros: a text and acts in one press

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

RESOLUTIONS = "('answered', 'fixed', 'planned_work', 'referred', 'duplicate', 'no_action', 'withdrawn', 'unreachable', 'registered')"
CHECKS = {
    "says": "says IN ('reply', 'question', 'note')",
    "ends": "ends IN ('close', 'park', 'transfer')",
    "resolution": f"resolution IN {RESOLUTIONS}",
    "text": "(says IS NULL) = (text_id IS NULL)",
    "close": "(ends IS NOT DISTINCT FROM 'close') = (resolution IS NOT NULL)",
    "park": "(ends IS NOT DISTINCT FROM 'park') = (days IS NOT NULL)",
    "transfer": "(ends IS NOT DISTINCT FROM 'transfer') = (to_department IS NOT NULL)",
    "owner": "owner_id IS NULL OR code IS NULL",
}


def upgrade():
    place = {"onupdate": "CASCADE"}
    op.create_table(
        "macro",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("code", sa.Text(), unique=True),
        sa.Column("owner_id", sa.BigInteger(), sa.ForeignKey("staff.id", ondelete="CASCADE")),
        sa.Column("department_code", sa.Text(), sa.ForeignKey("department.code", **place)),
        sa.Column("titles", JSONB(), nullable=False),
        sa.Column("category_code", sa.Text(), sa.ForeignKey("category.code", **place)),
        sa.Column("takes", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("says", sa.Text()),
        sa.Column("text_id", sa.BigInteger(), sa.ForeignKey("standard_text.id", ondelete="CASCADE")),
        sa.Column("ends", sa.Text()),
        sa.Column("resolution", sa.Text()),
        sa.Column("days", sa.Integer()),
        sa.Column("to_department", sa.Text(), sa.ForeignKey("department.code", **place)),
        sa.Column("reason", sa.Text()),
        sa.Column("uses", sa.Integer(), server_default="0", nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        *(sa.CheckConstraint(check, name=op.f(f"macro_{name}_check")) for name, check in CHECKS.items()),
    )
    op.create_index("macro_department_code_idx", "macro", ["department_code"])
    op.create_index("macro_owner_id_idx", "macro", ["owner_id"])
