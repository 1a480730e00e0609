"""Replies that arrive: undo, trouble, claims of calls, throttles, incoming mail, attachments, batches of a department

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CHANNELS = "('email', 'phone', 'letter', 'sms')"
PURPOSES = "('receipt', 'question', 'reply', 'notice')"
STATUSES = (
    "('queued', 'claimed', 'calling', 'accepted', 'delivered', 'failed', 'bounced', 'returned', 'unknown', 'cancelled')"
)
CALL_OUTCOMES = "('reached', 'no_answer', 'busy', 'other_person', 'wrong_number')"
TROUBLE = "('failed', 'unknown', 'bounced', 'returned')"
HANDOVERS = "('by_hand', 'waiting', 'calling', 'handed', 'failed', 'unknown')"
OUTCOMES = "('received', 'heard', 'filed', 'bounce', 'delay', 'automatic', 'ignored', 'held')"

# Until now a batch could hold letters of several departments: it becomes the one that most of them belong to.
DEPARTMENT_OF_BATCH = """
UPDATE letter_batch SET department_code = coalesce(
    (SELECT mode() WITHIN GROUP (ORDER BY "case".department_code)
     FROM message JOIN "case" ON "case".id = message.case_id WHERE message.batch_id = letter_batch.id),
    (SELECT code FROM department WHERE triage))
"""


def when(name, **options):
    return sa.Column(name, sa.DateTime(timezone=True), **options)


def upgrade():
    municipality()
    message()
    letter_batch()
    mail_and_files()
    op.add_column("entry", when("held_until"))
    op.add_column("entry", when("retracted_at"))
    op.create_index("entry_retracted_idx", "entry", ["case_id"], postgresql_where=sa.text("retracted_at IS NOT NULL"))


def municipality():
    op.add_column("municipality", sa.Column("envelopes", JSONB(), server_default="[]", nullable=False))
    op.add_column("municipality", sa.Column("mailbox", sa.Text()))
    for name in ("mail_texts", "letters", "calls", "logo"):
        op.add_column("municipality", sa.Column(name, JSONB(), server_default="{}", nullable=False))


def message():
    for name, allowed in (("channel", CHANNELS), ("purpose", PURPOSES), ("status", STATUSES)):
        op.drop_constraint(f"message_{name}_check", "message")
        op.create_check_constraint(op.f(f"message_{name}_check"), "message", f"{name} IN {allowed}")
    op.drop_constraint("call_outcome_check", "call")
    op.create_check_constraint(op.f("call_outcome_check"), "call", f"outcome IN {CALL_OUTCOMES}")
    for name in ("hold_until", "handled_at", "taken_until"):
        op.add_column("message", when(name))
    for name in ("handled_by", "taken_by"):
        op.add_column("message", sa.Column(name, sa.BigInteger(), sa.ForeignKey("staff.id")))
    for name, rule in {
        "handled": "(handled_at IS NULL) = (handled_by IS NULL)",
        "taken": "(taken_by IS NULL) = (taken_until IS NULL)",
        "bounced": "channel <> 'letter' OR status <> 'bounced'",
        "returned": "channel = 'letter' OR status <> 'returned'",
    }.items():
        op.create_check_constraint(op.f(f"message_{name}_check"), "message", rule)
    in_hand = sa.text("status IN ('claimed', 'calling')")
    op.create_index("message_in_hand_idx", "message", ["channel"], postgresql_where=in_hand)
    trouble = sa.text(f"status IN {TROUBLE} AND handled_at IS NULL")
    op.create_index("message_trouble_idx", "message", ["case_id"], postgresql_where=trouble)
    op.create_index("attempt_ended_at_idx", "attempt", ["ended_at"])
    op.create_table(
        "throttle",
        sa.Column("channel", sa.Text(), primary_key=True),
        sa.Column("tokens", sa.Float(), nullable=False),
        when("filled_at", nullable=False),
    )


def letter_batch():
    op.add_column("letter_batch", sa.Column("department_code", sa.Text()))
    op.execute(DEPARTMENT_OF_BATCH)
    op.alter_column("letter_batch", "department_code", nullable=False)
    op.create_foreign_key(
        op.f("letter_batch_department_code_fkey"),
        "letter_batch",
        "department",
        ["department_code"],
        ["code"],
        onupdate="CASCADE",
    )
    op.alter_column("letter_batch", "created_by", nullable=True)
    op.add_column("letter_batch", sa.Column("cut_off_on", sa.Date()))
    op.add_column("letter_batch", sa.Column("handover", sa.Text(), server_default="by_hand", nullable=False))
    op.add_column("letter_batch", sa.Column("handover_attempts", sa.Integer(), server_default="0", nullable=False))
    for name in ("handover_next_at", "handover_lease", "handed_at"):
        op.add_column("letter_batch", when(name))
    for name in ("handover_ref", "handover_error"):
        op.add_column("letter_batch", sa.Column(name, sa.Text()))
    for name, rule in {
        "handover": f"handover IN {HANDOVERS}",
        "lease": "(handover = 'calling') = (handover_lease IS NOT NULL)",
        "maker": "(created_by IS NULL) = (cut_off_on IS NOT NULL)",
    }.items():
        op.create_check_constraint(op.f(f"letter_batch_{name}_check"), "letter_batch", rule)
    key = op.f("letter_batch_department_code_cut_off_on_key")
    op.create_unique_constraint(key, "letter_batch", ["department_code", "cut_off_on"])
    under_way = sa.text("handover IN ('waiting', 'calling')")
    op.create_index("letter_batch_under_way_idx", "letter_batch", ["handover_next_at"], postgresql_where=under_way)
    op.create_index("letter_batch_department_idx", "letter_batch", ["department_code", "posted_at"])


def mail_and_files():
    op.create_table(
        "incoming_mail",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger()),
        sa.Column("uid", sa.BigInteger()),
        sa.Column("digest", sa.Text(), nullable=False, unique=True),
        sa.Column("header_id", sa.Text()),
        sa.Column("sender", sa.Text()),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        when("at", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("outcome", sa.Text(), server_default="received", nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("case_id", sa.BigInteger(), sa.ForeignKey("case.id")),
        sa.Column("entry_id", sa.BigInteger(), sa.ForeignKey("entry.id")),
        sa.Column("message_id", sa.BigInteger(), sa.ForeignKey("message.id")),
        sa.CheckConstraint(f"outcome IN {OUTCOMES}", name=op.f("incoming_mail_outcome_check")),
        sa.CheckConstraint("(uid IS NULL) = (uidvalidity IS NULL)", name=op.f("incoming_mail_uid_check")),
        sa.UniqueConstraint("mailbox", "uidvalidity", "uid"),
    )
    op.create_index("incoming_mail_header_id_idx", "incoming_mail", ["header_id"])
    op.create_index("incoming_mail_sender_idx", "incoming_mail", ["sender", "at"])
    op.create_index("incoming_mail_case_id_idx", "incoming_mail", ["case_id"])
    held = sa.text("outcome IN ('received', 'held')")
    op.create_index("incoming_mail_held_idx", "incoming_mail", ["id"], postgresql_where=held)
    op.create_table(
        "attachment",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("case_id", sa.BigInteger(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), sa.ForeignKey("entry.id")),
        sa.Column("incoming_id", sa.BigInteger(), sa.ForeignKey("incoming_mail.id")),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        when("at", nullable=False),
    )
    op.create_index("attachment_case_id_idx", "attachment", ["case_id", "id"])
    op.create_index("attachment_entry_id_idx", "attachment", ["entry_id"])
