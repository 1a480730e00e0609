"""The first tables

Revision ID: 0001
Revises:
Create Date: 2026-11-23 13:55:53.994083

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# The audit trail is written once: the database itself refuses to change or delete an event.
APPEND_ONLY = """
CREATE FUNCTION event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only';
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION event_is_append_only();
"""

# Nearly all accepted messages are mails; without this the planner expects thousands of waiting calls and letters.
WORKLIST_STATISTICS = "CREATE STATISTICS message_status_channel (mcv) ON status, channel FROM message"


def upgrade():
    op.execute(sa.schema.CreateSequence(sa.Sequence("case_number_seq", start=10001)))
    op.create_table(
        "department",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("hints", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("secret", sa.Boolean(), nullable=False),
        sa.Column("external", sa.Boolean(), nullable=False),
        sa.Column("triage", sa.Boolean(), nullable=False),
        sa.Column("contact", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("department_pkey")),
    )
    op.create_index("department_triage_idx", "department", ["triage"], unique=True, postgresql_where=sa.text("triage"))
    op.create_table(
        "kind",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("nouns", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("hints", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("icon", sa.Text(), nullable=False),
        sa.Column("promise_days", sa.Integer(), nullable=True),
        sa.Column("promise_months", sa.Integer(), nullable=True),
        sa.Column("law", sa.Text(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("law IN ('service', 'arende')", name=op.f("kind_law_check")),
        sa.CheckConstraint("(promise_days IS NULL) <> (promise_months IS NULL)", name=op.f("kind_promise_check")),
        sa.PrimaryKeyConstraint("code", name=op.f("kind_pkey")),
    )
    op.create_table(
        "municipality",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("town", sa.Text(), nullable=False),
        sa.Column("opening_hours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("emergency", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("holidays", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("day_ends", sa.Text(), nullable=False),
        sa.Column("envelope", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("redirects", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("municipality_single_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("municipality_pkey")),
    )
    op.create_table(
        "pulse",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pulse_pkey")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("fs_uniquifier", sa.Text(), nullable=False),
        sa.CheckConstraint("role IN ('caseworker', 'coordinator', 'manager')", name=op.f("staff_role_check")),
        sa.CheckConstraint("email = lower(email)", name=op.f("staff_email_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("staff_pkey")),
        sa.UniqueConstraint("email", name=op.f("staff_email_key")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("staff_fs_uniquifier_key")),
    )
    op.create_table(
        "category",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("department_code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind_code", sa.Text(), nullable=True),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_code"], ["department.code"], name=op.f("category_department_code_fkey"), onupdate="CASCADE"
        ),
        sa.ForeignKeyConstraint(["kind_code"], ["kind.code"], name=op.f("category_kind_code_fkey"), onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("code", name=op.f("category_pkey")),
    )
    op.create_index(op.f("category_department_code_idx"), "category", ["department_code"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("(actor = 'staff') = (staff_id IS NOT NULL)", name=op.f("event_staff_check")),
        sa.CheckConstraint("actor IN ('resident', 'staff', 'system')", name=op.f("event_actor_check")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("event_staff_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("event_pkey")),
    )
    op.create_index("event_subject_idx", "event", ["subject", "subject_id", "id"], unique=False)
    op.create_index(
        "event_verb_at_idx", "event", ["subject", "verb", "at"], unique=False, postgresql_include=("subject_id",)
    )
    op.create_table(
        "letter_batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("letter_batch_created_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("letter_batch_pkey")),
    )
    op.create_table(
        "membership",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("department_code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_code"],
            ["department.code"],
            name=op.f("membership_department_code_fkey"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("membership_staff_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "department_code", name=op.f("membership_pkey")),
    )
    op.create_index("membership_department_code_idx", "membership", ["department_code"], unique=False)
    op.create_table(
        "case",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("submission", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind_code", sa.Text(), nullable=False),
        sa.Column("department_code", sa.Text(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=True),
        sa.Column("routed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("registered_by", sa.BigInteger(), nullable=True),
        sa.Column("reply_by", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("best_time", sa.Text(), nullable=True),
        sa.Column("care_of", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("town", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("promise", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("planned_until", sa.Date(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("case_closed_at_check")),
        sa.CheckConstraint("(status = 'closed') = (resolution IS NOT NULL)", name=op.f("case_closed_check")),
        sa.CheckConstraint("(status = 'planned') = (planned_until IS NOT NULL)", name=op.f("case_planned_check")),
        sa.CheckConstraint("btrim(description) <> ''", name=op.f("case_description_check")),
        sa.CheckConstraint("language IN ('sv', 'en', 'fi')", name=op.f("case_language_check")),
        sa.CheckConstraint("reply_by <> 'email' OR email IS NOT NULL", name=op.f("case_email_check")),
        sa.CheckConstraint(
            "reply_by <> 'letter' OR (name IS NOT NULL AND street IS NOT NULL AND postcode IS NOT NULL AND town IS NOT NULL)",
            name=op.f("case_letter_check"),
        ),
        sa.CheckConstraint("reply_by <> 'phone' OR phone IS NOT NULL", name=op.f("case_phone_check")),
        sa.CheckConstraint("reply_by IN ('email', 'phone', 'letter', 'none')", name=op.f("case_reply_by_check")),
        sa.CheckConstraint(
            "resolution IN ('answered', 'fixed', 'planned_work', 'referred', 'duplicate', 'no_action', 'withdrawn', 'unreachable', 'registered')",
            name=op.f("case_resolution_check"),
        ),
        sa.CheckConstraint("source IN ('web', 'phone', 'letter', 'desk', 'email')", name=op.f("case_source_check")),
        sa.CheckConstraint("status <> 'answered' OR answered_at IS NOT NULL", name=op.f("case_answered_check")),
        sa.CheckConstraint(
            "status IN ('new', 'in_progress', 'waiting', 'planned', 'answered', 'closed')",
            name=op.f("case_status_check"),
        ),
        sa.CheckConstraint("length(code) >= 26", name=op.f("case_code_check")),
        sa.ForeignKeyConstraint(["assignee_id"], ["staff.id"], name=op.f("case_assignee_id_fkey")),
        sa.ForeignKeyConstraint(
            ["category_code"], ["category.code"], name=op.f("case_category_code_fkey"), onupdate="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["department_code"], ["department.code"], name=op.f("case_department_code_fkey"), onupdate="CASCADE"
        ),
        sa.ForeignKeyConstraint(["kind_code"], ["kind.code"], name=op.f("case_kind_code_fkey"), onupdate="CASCADE"),
        sa.ForeignKeyConstraint(["registered_by"], ["staff.id"], name=op.f("case_registered_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("case_pkey")),
        sa.UniqueConstraint("code", name=op.f("case_code_key")),
        sa.UniqueConstraint("number", name=op.f("case_number_key")),
        sa.UniqueConstraint("submission", name=op.f("case_submission_key")),
    )
    op.create_index(
        "case_assignee_queue_idx",
        "case",
        ["assignee_id", "due_on", "id"],
        unique=False,
        postgresql_where=sa.text("assignee_id IS NOT NULL AND status IN ('new', 'in_progress', 'waiting', 'planned')"),
    )
    op.create_index("case_department_queue_idx", "case", ["department_code", "status", "due_on", "id"], unique=False)
    op.create_index("case_email_idx", "case", ["email"], unique=False, postgresql_where=sa.text("email IS NOT NULL"))
    op.create_index("case_phone_idx", "case", ["phone"], unique=False, postgresql_where=sa.text("phone IS NOT NULL"))
    op.create_index(
        "case_queue_idx",
        "case",
        ["due_on", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('new', 'in_progress', 'waiting', 'planned')"),
    )
    op.create_index(
        "case_received_at_idx", "case", ["received_at"], unique=False, postgresql_include=("department_code", "due_on")
    )
    op.create_table(
        "routing_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind_code", sa.Text(), nullable=True),
        sa.Column("department_code", sa.Text(), nullable=True),
        sa.Column("category_code", sa.Text(), nullable=True),
        sa.Column("words", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("to_department", sa.Text(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_code"], ["category.code"], name=op.f("routing_rule_category_code_fkey"), onupdate="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["department_code"], ["department.code"], name=op.f("routing_rule_department_code_fkey"), onupdate="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["kind_code"], ["kind.code"], name=op.f("routing_rule_kind_code_fkey"), onupdate="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["to_department"], ["department.code"], name=op.f("routing_rule_to_department_fkey"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("routing_rule_pkey")),
        sa.UniqueConstraint("position", name=op.f("routing_rule_position_key")),
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("sort", sa.Text(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submission", sa.Text(), nullable=True),
        sa.CheckConstraint("btrim(text) <> ''", name=op.f("entry_text_check")),
        sa.CheckConstraint("sort = 'resident' OR author_id IS NOT NULL", name=op.f("entry_author_check")),
        sa.CheckConstraint("sort IN ('resident', 'note', 'question', 'reply')", name=op.f("entry_sort_check")),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("entry_author_id_fkey")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("entry_case_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("entry_pkey")),
        sa.UniqueConstraint("submission", name=op.f("entry_submission_key")),
    )
    op.create_index("entry_case_id_idx", "entry", ["case_id", "id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("recipient", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("frame", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("header_id", sa.Text(), nullable=True),
        sa.Column("references", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_ref", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(batch_id IS NULL) OR (channel = 'letter')", name=op.f("message_batch_check")),
        sa.CheckConstraint(
            "(status IN ('claimed', 'calling')) = (lease_until IS NOT NULL)", name=op.f("message_lease_check")
        ),
        sa.CheckConstraint("channel IN ('email', 'phone', 'letter')", name=op.f("message_channel_check")),
        sa.CheckConstraint("purpose IN ('receipt', 'question', 'reply')", name=op.f("message_purpose_check")),
        sa.CheckConstraint(
            "status IN ('queued', 'claimed', 'calling', 'accepted', 'delivered', 'failed', 'unknown', 'cancelled')",
            name=op.f("message_status_check"),
        ),
        sa.CheckConstraint("attempts BETWEEN 0 AND 8", name=op.f("message_attempts_check")),
        sa.ForeignKeyConstraint(["batch_id"], ["letter_batch.id"], name=op.f("message_batch_id_fkey")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("message_case_id_fkey")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("message_entry_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("message_pkey")),
        sa.UniqueConstraint("entry_id", "channel", "generation", name=op.f("message_entry_id_channel_generation_key")),
        sa.UniqueConstraint("header_id", name=op.f("message_header_id_key")),
    )
    op.create_index("message_batch_id_idx", "message", ["batch_id"], unique=False)
    op.create_index("message_case_id_idx", "message", ["case_id"], unique=False)
    op.create_index(
        "message_due_idx", "message", ["next_attempt_at"], unique=False, postgresql_where=sa.text("status = 'queued'")
    )
    op.create_index(
        "message_lease_idx",
        "message",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(
        "message_worklist_idx",
        "message",
        ["channel", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'accepted' AND channel IN ('phone', 'letter')"),
    )
    op.execute(WORKLIST_STATISTICS)
    op.create_table(
        "attempt",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name=op.f("attempt_outcome_check")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("attempt_message_id_fkey")),
        sa.PrimaryKeyConstraint("message_id", "number", name=op.f("attempt_pkey")),
    )
    op.create_index(
        "attempt_open_idx", "attempt", ["message_id"], unique=True, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_table(
        "call",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("submission", sa.Text(), nullable=True),
        sa.CheckConstraint("outcome IN ('reached', 'no_answer', 'wrong_number')", name=op.f("call_outcome_check")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("call_message_id_fkey")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("call_staff_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("call_pkey")),
        sa.UniqueConstraint("submission", name=op.f("call_submission_key")),
    )
    op.create_index("call_message_id_idx", "call", ["message_id"], unique=False)
    op.execute(APPEND_ONLY)


def downgrade():
    op.execute("DROP TRIGGER event_append_only ON event; DROP FUNCTION event_is_append_only()")
    op.drop_index("call_message_id_idx", table_name="call")
    op.drop_table("call")
    op.drop_index("attempt_open_idx", table_name="attempt", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_table("attempt")
    op.drop_index(
        "message_worklist_idx",
        table_name="message",
        postgresql_where=sa.text("status = 'accepted' AND channel IN ('phone', 'letter')"),
    )
    op.drop_index("message_lease_idx", table_name="message", postgresql_where=sa.text("lease_until IS NOT NULL"))
    op.drop_index("message_due_idx", table_name="message", postgresql_where=sa.text("status = 'queued'"))
    op.drop_index("message_case_id_idx", table_name="message")
    op.drop_index("message_batch_id_idx", table_name="message")
    op.drop_table("message")
    op.drop_index("entry_case_id_idx", table_name="entry")
    op.drop_table("entry")
    op.drop_table("routing_rule")
    op.drop_index("case_received_at_idx", table_name="case", postgresql_include=("department_code", "due_on"))
    op.drop_index(
        "case_queue_idx",
        table_name="case",
        postgresql_where=sa.text("status IN ('new', 'in_progress', 'waiting', 'planned')"),
    )
    op.drop_index("case_phone_idx", table_name="case", postgresql_where=sa.text("phone IS NOT NULL"))
    op.drop_index("case_email_idx", table_name="case", postgresql_where=sa.text("email IS NOT NULL"))
    op.drop_index("case_department_queue_idx", table_name="case")
    op.drop_index(
        "case_assignee_queue_idx",
        table_name="case",
        postgresql_where=sa.text("assignee_id IS NOT NULL AND status IN ('new', 'in_progress', 'waiting', 'planned')"),
    )
    op.drop_table("case")
    op.drop_index("membership_department_code_idx", table_name="membership")
    op.drop_table("membership")
    op.drop_table("letter_batch")
    op.drop_index("event_verb_at_idx", table_name="event", postgresql_include=("subject_id",))
    op.drop_index("event_subject_idx", table_name="event")
    op.drop_table("event")
    op.drop_index(op.f("category_department_code_idx"), table_name="category")
    op.drop_table("category")
    op.drop_table("staff")
    op.drop_table("pulse")
    op.drop_table("municipality")
    op.drop_table("kind")
    op.drop_index("department_triage_idx", table_name="department", postgresql_where=sa.text("triage"))
    op.drop_table("department")
    op.execute(sa.schema.DropSequence(sa.Sequence("case_number_seq")))
