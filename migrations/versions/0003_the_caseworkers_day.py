"""The caseworker's day: what the queue finds and sorts cases by, sessions, failed sign-ins

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN = "status IN ('new', 'in_progress', 'waiting', 'planned')"
SERIAL = "(split_part(number, '-', 2)::bigint)"

# Only what every PostgreSQL has: no extension must be allowed by whoever runs the database.
FUNCTIONS = """
CREATE FUNCTION plain_words(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(
        translate(lower(normalize(coalesce(said, ''))), 'éèêëáàâãíìîïóòôõúùûüýñç', 'eeeeaaaaiiiioooouuuuync'),
        '[^[:alnum:]]+', ' ', 'g')
$$;
CREATE FUNCTION words_of(said text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT strip(to_tsvector('pg_catalog.swedish', plain) || to_tsvector('pg_catalog.simple', plain))
    FROM (SELECT plain_words(said) AS plain) given
$$;
CREATE FUNCTION phone_words(phone text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT digits || ' r' || reverse(digits) || CASE WHEN digits LIKE '46%' THEN ' 0' || substr(digits, 3) ELSE '' END
    FROM (SELECT regexp_replace(phone, '[^0-9]+', '', 'g') AS digits) given
$$;
CREATE FUNCTION first_text("case") RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT concat_ws(' ', $1.number, $1.subject, $1.description, $1.name, $1.care_of, $1.street, $1.postcode,
        substr($1.postcode, 1, 3) || ' ' || substr($1.postcode, 4), $1.town, $1.email, phone_words($1.phone))
$$;
CREATE FUNCTION waits_since("case") RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN $1.status IN ('answered', 'closed') THEN NULL ELSE coalesce(
        CASE WHEN told.last IS NULL THEN $1.received_at ELSE (
            SELECT min(at) FROM entry WHERE case_id = $1.id AND sort = 'resident' AND retracted_at IS NULL
            AND id > told.last) END,
        'infinity') END
    FROM (SELECT max(id) AS last FROM entry
          WHERE case_id = $1.id AND sort IN ('reply', 'question') AND retracted_at IS NULL) told
$$;
CREATE FUNCTION all_words("case") RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT words_of(first_text($1) || ' ' || coalesce((
        SELECT string_agg(text, ' ') FROM entry WHERE case_id = $1.id AND retracted_at IS NULL), ''))
$$;
"""
# Rows come in by the thousand when a municipality moves in: one statement for all of them.
TRIGGERS = """
CREATE FUNCTION case_comes_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO case_lookup (case_id, words, waiting_since)
    SELECT id, words_of(first_text(added)), CASE WHEN status IN ('answered', 'closed') THEN NULL ELSE received_at END
    FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER case_comes_in AFTER INSERT ON "case" REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION case_comes_in();

CREATE FUNCTION case_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE case_lookup SET words = all_words(NEW) WHERE case_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER case_changes AFTER UPDATE OF number, subject, description, name, care_of, street, postcode, town, email,
    phone ON "case" FOR EACH ROW WHEN (first_text(OLD) IS DISTINCT FROM first_text(NEW))
    EXECUTE FUNCTION case_changes();

CREATE FUNCTION case_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE case_lookup SET waiting_since = waits_since(NEW) WHERE case_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER case_moves AFTER UPDATE OF status ON "case" FOR EACH ROW WHEN (OLD.status <> NEW.status)
    EXECUTE FUNCTION case_moves();

CREATE FUNCTION entry_comes_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE case_lookup SET words = case_lookup.words || said.words, waiting_since = waits_since("case")
    FROM (SELECT case_id, words_of(string_agg(text, ' ')) AS words FROM added WHERE retracted_at IS NULL
          GROUP BY case_id) said
    JOIN "case" ON "case".id = said.case_id WHERE case_lookup.case_id = said.case_id;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_comes_in AFTER INSERT ON entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION entry_comes_in();

CREATE FUNCTION entry_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE case_lookup SET words = all_words("case"), waiting_since = waits_since("case")
    FROM "case" WHERE "case".id = NEW.case_id AND case_lookup.case_id = NEW.case_id;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_changes AFTER UPDATE OF text, retracted_at ON entry FOR EACH ROW
    WHEN (OLD.text <> NEW.text OR (OLD.retracted_at IS NULL) <> (NEW.retracted_at IS NULL))
    EXECUTE FUNCTION entry_changes();
"""


def when(name, **options):
    return sa.Column(name, sa.DateTime(timezone=True), **options)


def upgrade():
    accounts()
    search()


def accounts():
    op.create_table(
        "sign_in_failure",
        sa.Column("counter", sa.Text(), primary_key=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        when("at", nullable=False),
        when("wait_until"),
    )
    op.create_index("sign_in_failure_at_idx", "sign_in_failure", ["at"])
    op.create_table(
        "staff_session",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("staff_id", sa.BigInteger(), sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
        sa.Column("token", sa.Text(), nullable=False, unique=True),
        sa.Column("device", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        when("began_at", nullable=False),
        when("seen_at", nullable=False),
        when("ended_at"),
    )
    op.create_index("staff_session_staff_id_idx", "staff_session", ["staff_id", "seen_at"])
    op.create_index("staff_session_seen_at_idx", "staff_session", ["seen_at"])


def search():
    op.execute(FUNCTIONS)
    op.create_table(
        "case_lookup",
        sa.Column("case_id", sa.BigInteger(), sa.ForeignKey("case.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("words", TSVECTOR(), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True)),
    )
    op.execute('INSERT INTO case_lookup SELECT id, all_words("case"), waits_since("case") FROM "case"')
    op.create_index("case_lookup_words_idx", "case_lookup", ["words"], postgresql_using="gin")
    # How often a word occurs decides how to look for it: remember ten times more of them than PostgreSQL does unasked.
    op.execute("ALTER TABLE case_lookup ALTER words SET STATISTICS 1000")
    waits = sa.text("waiting_since IS NOT NULL")
    op.create_index("case_lookup_waiting_idx", "case_lookup", ["waiting_since", "case_id"], postgresql_where=waits)
    op.execute(TRIGGERS)
    serial, is_open = sa.text(SERIAL), sa.text(OPEN)
    op.create_index("case_due_idx", "case", ["due_on", "id"])
    op.create_index("case_serial_idx", "case", [serial, "id"])
    op.create_index("case_open_serial_idx", "case", [serial, "id"], postgresql_where=is_open)
    op.create_index("case_open_received_idx", "case", ["received_at", "id"], postgresql_where=is_open)
