"""Whether the figures are open stands on every page, and changes the stamp of what is kept

Revision ID: 0044
Revises: 0043
"""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        "CREATE TRIGGER configuration_changes AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON open_data_choice "
        "FOR EACH STATEMENT EXECUTE FUNCTION configuration_changes()"
    )
    op.execute("ALTER TABLE open_data_choice ENABLE ALWAYS TRIGGER configuration_changes")


def downgrade():
    op.execute("DROP TRIGGER configuration_changes ON open_data_choice")
