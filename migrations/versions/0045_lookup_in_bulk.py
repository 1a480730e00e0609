"""The lookup of many new cases can wait for one statement; a text's words are made plain once

Revision ID: 0045
Revises: 0044
"""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

# The triggers that only derive the lookup from new rows: whoever sets this in a transaction fills it there in the end.
WAKEFUL = "WHEN (current_setting('caseflow.lookup', true) IS DISTINCT FROM 'later')"
TRIGGERS = (("case_comes_in", '"case"'), ("entry_comes_in", "entry"), ("main_waits", "entry"))
TRIGGER = """
CREATE OR REPLACE TRIGGER {name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT {when} EXECUTE FUNCTION {name}();
"""
# Without OFFSET 0 PostgreSQL writes `plain_words` into both places, and every text is made plain twice.
WORDS = """
CREATE OR REPLACE FUNCTION words_of(said text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT strip(to_tsvector('pg_catalog.swedish', plain) || to_tsvector('pg_catalog.simple', plain))
    FROM (SELECT plain_words(said) AS plain {once}) given
$$;
"""
# They only read, so several processes may share them.
READERS = ("all_words", "waits_since", "unanswered_since")


def upgrade():
    _define("OFFSET 0", WAKEFUL)
    for name in READERS:
        op.execute(f'ALTER FUNCTION {name}("case") PARALLEL SAFE')
    op.execute("ALTER FUNCTION never_arrived(bigint) PARALLEL SAFE")


def downgrade():
    op.execute("ALTER FUNCTION never_arrived(bigint) PARALLEL UNSAFE")
    for name in READERS:
        op.execute(f'ALTER FUNCTION {name}("case") PARALLEL UNSAFE')
    _define("", "")


def _define(once, when):
    op.execute(WORDS.format(once=once))
    for name, table in TRIGGERS:
        op.execute(TRIGGER.format(name=name, table=table, when=when))
