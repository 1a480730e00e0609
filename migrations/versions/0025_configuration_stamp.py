"""A stamp that changes with the configuration, for what is kept in memory; an index that counts the views

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION configuration_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO configuration_stamp (id, value) VALUES (1, gen_random_uuid())
    ON CONFLICT (id) DO UPDATE SET value = excluded.value;
    RETURN NULL;
END $$;
"""
# What of a table is kept, where that is not all of it: a new password or a tick in a box changes no list.
TABLES = {
    "municipality": "UPDATE",
    "kind": "UPDATE",
    "department": "UPDATE",
    "category": "UPDATE",
    "routing_rule": "UPDATE",
    "membership": "UPDATE",
    "saved_view": "UPDATE",
    "staff": "UPDATE OF name, role, active",
}


def upgrade():
    op.create_table(
        "configuration_stamp",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("value", sa.Uuid(), nullable=False),
        sa.CheckConstraint("id = 1", name="configuration_stamp_single_check"),
    )
    op.execute("INSERT INTO configuration_stamp (id, value) VALUES (1, gen_random_uuid())")
    op.execute(FUNCTION)
    for table, changed in TABLES.items():
        op.execute(
            f"CREATE TRIGGER configuration_changes AFTER INSERT OR DELETE OR TRUNCATE OR {changed} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION configuration_changes()"
        )
        # Also where rows come in as from another server, which other triggers leave alone.
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER configuration_changes")

    op.create_index(
        "case_open_counts_idx",
        "case",
        ["department_code"],
        postgresql_include=["assignee_id", "due_on", "status", "escalated_for", "answered_at"],
        postgresql_where=sa.text("status IN ('new', 'in_progress', 'waiting', 'planned')"),
    )


def downgrade():
    op.drop_index("case_open_counts_idx", "case")
    for table in TABLES:
        op.execute(f"DROP TRIGGER configuration_changes ON {table}")
    op.execute("DROP FUNCTION configuration_changes()")
    op.drop_table("configuration_stamp")
