"""Standard texts: what people answer again and again

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    place = {"onupdate": "CASCADE"}
    op.create_table(
        "standard_text",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("code", sa.Text(), unique=True),
        sa.Column("owner_id", sa.BigInteger(), sa.ForeignKey("staff.id", ondelete="CASCADE")),
        sa.Column("department_code", sa.Text(), sa.ForeignKey("department.code", **place)),
        sa.Column("kind_code", sa.Text(), sa.ForeignKey("kind.code", **place)),
        sa.Column("category_code", sa.Text(), sa.ForeignKey("category.code", **place)),
        sa.Column("titles", JSONB(), nullable=False),
        sa.Column("texts", JSONB(), nullable=False),
        sa.Column("words", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("uses", sa.Integer(), server_default="0", nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("owner_id IS NULL OR code IS NULL", name=op.f("standard_text_owner_check")),
    )
    op.create_index("standard_text_department_code_idx", "standard_text", ["department_code"])
    op.create_index("standard_text_owner_id_idx", "standard_text", ["owner_id"])
