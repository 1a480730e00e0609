"""Cases of an old system: which row became which case, found by its old number

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

WORDS = """
CREATE OR REPLACE FUNCTION all_words("case") RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT words_of(concat_ws(' ', first_text($1),
        (SELECT string_agg(text, ' ') FROM entry WHERE case_id = $1.id AND retracted_at IS NULL),
        (SELECT reference FROM imported_case WHERE case_id = $1.id)))
$$;
CREATE FUNCTION imported_case_comes_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE case_lookup SET words = case_lookup.words || words_of(added.reference)
    FROM added WHERE case_lookup.case_id = added.case_id;
    RETURN NULL;
END $$;
CREATE TRIGGER imported_case_comes_in AFTER INSERT ON imported_case REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION imported_case_comes_in();
"""
BEFORE = """
DROP TRIGGER imported_case_comes_in ON imported_case;
DROP FUNCTION imported_case_comes_in();
CREATE OR REPLACE FUNCTION all_words("case") RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT words_of(first_text($1) || ' ' || coalesce((
        SELECT string_agg(text, ' ') FROM entry WHERE case_id = $1.id AND retracted_at IS NULL), ''))
$$;
"""


def when(name, **options):
    return sa.Column(name, sa.DateTime(timezone=True), **options)


def upgrade():
    op.create_table(
        "import_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.Text(), nullable=False),
        when("begun_at", nullable=False),
        when("finished_at"),
        sa.UniqueConstraint("source", "file_hash"),
    )
    op.create_table(
        "imported_case",
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("reference", sa.Text(), primary_key=True),
        sa.Column(
            "case_id", sa.BigInteger(), sa.ForeignKey("case.id", ondelete="CASCADE"), nullable=False, unique=True
        ),
        sa.Column("run_id", sa.BigInteger(), sa.ForeignKey("import_run.id"), nullable=False),
    )
    op.execute(WORDS)


def downgrade():
    op.execute(BEFORE)
    op.drop_table("imported_case")
    op.drop_table("import_run")
