"""A reply that never arrived has answered nothing: its resident waits since the first message that it was to answer

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

FUNCTIONS = """
CREATE FUNCTION never_arrived(said bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(bool_and(status IN ('failed', 'bounced', 'returned', 'cancelled'))
        AND bool_or(status IN ('failed', 'bounced', 'returned') AND handled_at IS NULL), false)
    FROM message WHERE entry_id = said
$$;
CREATE OR REPLACE FUNCTION unanswered_since("case") RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN told.last IS NULL THEN $1.received_at ELSE coalesce((
        SELECT min(at) FROM entry WHERE case_id = $1.id AND sort = 'resident' AND retracted_at IS NULL
        AND id > told.last), 'infinity') END
    FROM (SELECT max(id) AS last FROM entry
          WHERE case_id = $1.id AND sort IN ('reply', 'question') AND retracted_at IS NULL
          AND NOT never_arrived(id)) told
$$;
"""
# Only where a message is lost or found again, which is rare: a delivery that goes well never comes here.
TRIGGER = """
CREATE FUNCTION message_is_lost_or_found() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE case_lookup SET waiting_since = waits_since("case")
    FROM "case" WHERE case_lookup.case_id = "case".id AND ("case".id = NEW.case_id OR "case".id IN (
        SELECT other_id FROM case_relation WHERE case_id = NEW.case_id AND sort = 'duplicate'));
    RETURN NULL;
END $$;
CREATE TRIGGER message_is_lost_or_found AFTER UPDATE OF status, handled_at ON message FOR EACH ROW
    WHEN (NEW.entry_id IS NOT NULL AND NEW.case_id IS NOT NULL AND (
        (OLD.status IN ('failed', 'bounced', 'returned') AND OLD.handled_at IS NULL)
        <> (NEW.status IN ('failed', 'bounced', 'returned') AND NEW.handled_at IS NULL)))
    EXECUTE FUNCTION message_is_lost_or_found();
"""
AGAIN = """
WITH lost AS (
    SELECT case_id FROM message WHERE entry_id IS NOT NULL AND handled_at IS NULL
    AND status IN ('failed', 'bounced', 'returned'))
UPDATE case_lookup SET waiting_since = waits_since("case") FROM "case"
WHERE "case".id = case_lookup.case_id AND "case".id IN (
    SELECT case_id FROM lost
    UNION SELECT other_id FROM case_relation JOIN lost USING (case_id) WHERE sort = 'duplicate')
"""


def upgrade():
    op.execute(FUNCTIONS)
    op.execute(TRIGGER)
    op.execute(AGAIN)
