"""The roll-up of the statistics: the facts of each day, packed

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "figure_block",
        sa.Column("sort", sa.Text(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("cases", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("sort IN ('day', 'open')", name="figure_block_sort_check"),
    )
    # As they are: taking packed numbers apart costs more than reading them.
    for column in ("facts", "cases"):
        op.execute(f"ALTER TABLE figure_block ALTER COLUMN {column} SET STORAGE EXTERNAL")
    op.create_table(
        "figure_code",
        sa.Column("dimension", sa.Text(), primary_key=True),
        sa.Column("code", sa.Text(), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
    )
    op.create_table(
        "figure_count",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("mark_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name="figure_count_single_check"),
    )


def downgrade():
    op.drop_table("figure_count")
    op.drop_table("figure_code")
    op.drop_table("figure_block")
