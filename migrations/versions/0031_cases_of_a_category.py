"""An index for the newest cases of a category, among which a new one may be known already

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade():
    of_one = sa.text("category_code IS NOT NULL")
    op.create_index("case_category_received_idx", "case", ["category_code", "received_at"], postgresql_where=of_one)


def downgrade():
    op.drop_index("case_category_received_idx", table_name="case")
