"""What a resident does on the own page: wishes, former details, how it went, the link sent again

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

STAFF = ("account", "digest", "escalation", "mention")
OLD = ("receipt", "question", "reply", "notice", *STAFF)
NEW_STAFF = (*STAFF, "withdrawal")
NEW = ("receipt", "question", "reply", "notice", "update", "link", *NEW_STAFF)


def _purposes(purposes, staff):
    op.drop_constraint("message_purpose_check", "message")
    op.drop_constraint("message_to_staff_check", "message")
    op.create_check_constraint("message_purpose_check", "message", f"purpose IN {purposes}")
    op.create_check_constraint("message_to_staff_check", "message", f"(staff_id IS NOT NULL) = (purpose IN {staff})")


def upgrade():
    _purposes(NEW, NEW_STAFF)
    op.add_column("municipality", sa.Column("residents", JSONB(), server_default="{}", nullable=False))
    op.add_column("case", sa.Column("notify_by", sa.Text(), server_default="none", nullable=False))
    op.create_check_constraint("case_notify_by_check", "case", "notify_by IN ('none', 'email', 'sms')")
    op.create_table(
        "former_contact",
        sa.Column("case_id", sa.BigInteger(), sa.ForeignKey("case.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("details", JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "survey_answer",
        sa.Column("seal", sa.Text(), primary_key=True),
        sa.Column("department_code", sa.Text(), sa.ForeignKey("department.code", onupdate="CASCADE"), nullable=False),
        sa.Column("kind_code", sa.Text(), sa.ForeignKey("kind.code", onupdate="CASCADE"), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("ease", sa.Integer(), nullable=False),
        sa.Column("clarity", sa.Integer()),
        sa.Column("treatment", sa.Integer()),
        sa.CheckConstraint("ease BETWEEN 1 AND 5", name="survey_answer_ease_check"),
        sa.CheckConstraint("clarity BETWEEN 1 AND 5", name="survey_answer_clarity_check"),
        sa.CheckConstraint("treatment BETWEEN 1 AND 5", name="survey_answer_treatment_check"),
        sa.CheckConstraint("num_nonnulls(clarity, treatment) = 1", name="survey_answer_second_check"),
        sa.CheckConstraint("channel IN ('email', 'phone', 'letter', 'none')", name="survey_answer_channel_check"),
    )
    op.create_index("survey_answer_department_idx", "survey_answer", ["department_code", "on_day"])
    op.create_table(
        "link_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade():
    op.drop_table("link_request")
    op.drop_table("survey_answer")
    op.drop_table("former_contact")
    op.drop_column("case", "notify_by")
    op.drop_column("municipality", "residents")
    op.execute(
        "DELETE FROM attempt WHERE message_id IN (SELECT id FROM message WHERE purpose IN ('update', 'link', 'withdrawal'))"
    )
    op.execute("DELETE FROM message WHERE purpose IN ('update', 'link', 'withdrawal')")
    _purposes(OLD, STAFF)
