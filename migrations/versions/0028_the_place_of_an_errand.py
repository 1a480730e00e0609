"""The place that an errand is about, found like its other words

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

FIRST_TEXT = """
CREATE OR REPLACE FUNCTION first_text("case") RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT concat_ws(' ', $1.number, $1.subject, $1.description, {place}$1.name, $1.care_of, $1.street, $1.postcode,
        substr($1.postcode, 1, 3) || ' ' || substr($1.postcode, 4), $1.town, $1.email, phone_words($1.phone))
$$
"""


def upgrade():
    op.add_column("case", sa.Column("place", sa.Text()))
    op.execute(FIRST_TEXT.format(place="$1.place, "))


def downgrade():
    op.execute(FIRST_TEXT.format(place=""))
    op.drop_column("case", "place")
