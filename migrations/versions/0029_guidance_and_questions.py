"""What is to be known before one writes, by kind and category, and what is asked besides

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

FIRST_TEXT = """
CREATE OR REPLACE FUNCTION first_text("case") RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT concat_ws(' ', $1.number, $1.subject, $1.description, $1.place, {answers}$1.name, $1.care_of, $1.street,
        $1.postcode, substr($1.postcode, 1, 3) || ' ' || substr($1.postcode, 4), $1.town, $1.email,
        phone_words($1.phone))
$$
"""
ANSWERS = "(SELECT string_agg(one ->> 'value', ' ') FROM jsonb_array_elements($1.answers) one), "


def upgrade():
    for table in ("kind", "category"):
        op.add_column(table, sa.Column("guidance", JSONB(), server_default="{}", nullable=False))
    op.add_column("category", sa.Column("questions", JSONB(), server_default="[]", nullable=False))
    op.add_column("case", sa.Column("answers", JSONB(), server_default="[]", nullable=False))
    op.execute(FIRST_TEXT.format(answers=ANSWERS))


def downgrade():
    op.execute(FIRST_TEXT.format(answers=""))
    op.drop_column("case", "answers")
    op.drop_column("category", "questions")
    op.drop_column("category", "guidance")
    op.drop_column("kind", "guidance")
