"""The streets and places that a case speaks of, each with the month in which it came in: possible duplicates are found
by them without reading what the same street had in other years

Revision ID: 0046
Revises: 0045
"""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

# COST: the planner should rather go along the index than ask this of each row.
FUNCTION = r"""
CREATE FUNCTION place_keys(subject text, description text, place text, received_at timestamptz) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 AS $$
DECLARE
    month text := extract(year FROM received_at AT TIME ZONE 'UTC') * 12
        + extract(month FROM received_at AT TIME ZONE 'UTC');
    ends text := '(gatan|vägen|gränd|stigen|torget|parken|backen|all[eé]n|leden|rondellen|plan)';
    streets text[] := ARRAY(SELECT DISTINCT street[1] FROM regexp_matches(
        lower(concat_ws(' ', subject, description, place)), '([[:alpha:]]{2,}' || ends || ')\M', 'g') street);
    told text[];
BEGIN
    IF place IS NOT NULL THEN
        told := ARRAY(SELECT word FROM regexp_split_to_table(lower(place), '[^[:alnum:]]+') word
                      WHERE word ~ '^[[:alpha:]]+$');
    END IF;
    RETURN ARRAY(SELECT DISTINCT translate(word, 'éèêëáàâãíìîïóòôõúùûüýñç', 'eeeeaaaaiiiioooouuuuync') || ' ' || month
                 FROM unnest(streets || told) word WHERE length(word) <= 60);  -- an index holds no longer than 2 kB
END $$
"""


def upgrade():
    op.execute(FUNCTION)
    op.execute(
        'CREATE INDEX case_places_idx ON "case" USING gin (place_keys(subject, description, place, received_at))'
    )
    op.execute('ANALYZE "case"')  # what the planner knows of an index's expression comes from here


def downgrade():
    op.drop_index("case_places_idx", table_name="case")
    op.execute("DROP FUNCTION place_keys(text, text, text, timestamptz)")
