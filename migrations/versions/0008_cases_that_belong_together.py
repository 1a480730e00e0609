"""Cases that belong together: relations, copies of what is said, and whom a main case lets wait

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# A main case waits for its own resident and for those of the cases merged into it.
WAITING = """
CREATE FUNCTION unanswered_since("case") RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN told.last IS NULL THEN $1.received_at ELSE coalesce((
        SELECT min(at) FROM entry WHERE case_id = $1.id AND sort = 'resident' AND retracted_at IS NULL
        AND id > told.last), 'infinity') END
    FROM (SELECT max(id) AS last FROM entry
          WHERE case_id = $1.id AND sort IN ('reply', 'question') AND retracted_at IS NULL) told
$$;
CREATE OR REPLACE FUNCTION waits_since("case") RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN $1.status IN ('answered', 'closed') THEN NULL ELSE least(unanswered_since($1), (
        SELECT min(unanswered_since(merged)) FROM case_relation JOIN "case" merged ON merged.id = case_relation.case_id
        WHERE case_relation.other_id = $1.id AND case_relation.sort = 'duplicate')) END
$$;
CREATE FUNCTION main_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE case_lookup SET waiting_since = waits_since("case")
    FROM case_relation JOIN "case" ON "case".id = case_relation.other_id
    WHERE case_relation.sort = 'duplicate' AND case_relation.case_id IN (SELECT case_id FROM added)
    AND case_lookup.case_id = case_relation.other_id;
    RETURN NULL;
END $$;
CREATE TRIGGER main_waits AFTER INSERT ON entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION main_waits();
CREATE FUNCTION main_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE case_lookup SET waiting_since = waits_since("case") FROM "case"
    WHERE "case".id IN (OLD.other_id, NEW.other_id) AND case_lookup.case_id = "case".id;
    RETURN NULL;
END $$;
CREATE TRIGGER main_changes AFTER INSERT OR UPDATE OR DELETE ON case_relation
    FOR EACH ROW EXECUTE FUNCTION main_changes();
"""


def upgrade():
    op.add_column("entry", sa.Column("copy_of", sa.BigInteger(), sa.ForeignKey("entry.id")))
    copied = sa.text("copy_of IS NOT NULL")
    op.create_index("entry_copy_of_idx", "entry", ["copy_of"], postgresql_where=copied)
    op.create_table(
        "case_relation",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("sort", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), sa.ForeignKey("case.id", ondelete="CASCADE"), nullable=False),
        sa.Column("other_id", sa.BigInteger(), sa.ForeignKey("case.id", ondelete="CASCADE"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger(), sa.ForeignKey("staff.id")),
        sa.Column("due_before", sa.Date()),
        sa.CheckConstraint("sort IN ('duplicate', 'split', 'child', 'related')", name="case_relation_sort_check"),
        sa.CheckConstraint("case_id <> other_id", name="case_relation_self_check"),
    )
    pair = ["sort", sa.text("least(case_id, other_id)"), sa.text("greatest(case_id, other_id)")]
    op.create_index("case_relation_pair_idx", "case_relation", pair, unique=True)
    for name, sort in (("main", "duplicate"), ("parent", "child")):
        only = sa.text(f"sort = '{sort}'")
        op.create_index(f"case_relation_{name}_idx", "case_relation", ["case_id"], unique=True, postgresql_where=only)
    op.create_index("case_relation_case_idx", "case_relation", ["case_id"])
    op.create_index("case_relation_other_idx", "case_relation", ["other_id", "sort"])
    address = [sa.text("lower(street)"), "postcode"]
    op.create_index("case_address_idx", "case", address, postgresql_where=sa.text("street IS NOT NULL"))
    op.execute(WAITING)
