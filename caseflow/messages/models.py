"""The outbox: every message that leaves the house, and what happened to it."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from caseflow.database import Model

CHANNELS = ("email", "phone", "letter", "sms")
# To staff and about no case: see staff_mail.py.
TO_STAFF = ("account", "digest", "escalation", "mention", "withdrawal")
# `notice`: we tried to call; `update`: something has happened; `link`: the way to the own page, asked for again;
# `known_fault`: to who follows one.
PURPOSES = ("receipt", "question", "reply", "notice", "update", "link", *TO_STAFF, "known_fault")
# Sent by no person: a case is not given back for their sake.
AUTOMATIC = ("receipt", "notice", "update", "link", *TO_STAFF, "known_fault")
STATUSES = (
    "queued",  # waits for its time and a worker
    "claimed",  # a worker has it; a crash here puts it back
    "calling",  # committed before the provider is called; a crash here is `unknown`
    "accepted",  # the provider has it: mail server, call list, letter pile
    "delivered",  # reached by phone, posted as a letter
    "failed",  # refused for good, or given up
    "bounced",  # accepted at first, then sent back by a later server
    "returned",  # posted, and brought back by the post
    "unknown",  # nobody can say whether it went out: a person decides
    "cancelled",  # taken back, or replaced by another channel
)
# Somebody must do something about these, until it is marked as handled.
TROUBLE = ("failed", "unknown", "bounced", "returned")
MAX_ATTEMPTS = 8
CALL_OUTCOMES = ("reached", "no_answer", "busy", "other_person", "wrong_number")
HANDOVERS = ("by_hand", "waiting", "calling", "handed", "failed", "unknown")
MAIL_OUTCOMES = (
    "received",  # kept, not yet read
    "heard",  # the resident's words are in the case
    "filed",  # it began a case
    "bounce",  # a message of ours came back
    "delay",  # a server still tries
    "automatic",  # a robot's answer, noted and nothing else
    "ignored",  # a loop, a list, ourselves
    "held",  # a person must look
)


class Message(Model):
    """One message by one channel. All that the channel needs is frozen here when the message is put.

    It is about a case (`case_id`), or to a member of staff (`staff_id`), or to who follows a known fault.

    `recipient` holds the address of the channel: {"name", "email"} | {"name", "phone", "best_time"} | {"lines": […]}.
    `frame` holds what surrounds the body: greeting, closing, signature, case number, link, sender, printed words.

    Until `hold_until` the sender can undo it and no worker is told. `next_attempt_at` is when a worker may take it, or,
    once a call is listed, when it is to be made; `taken_by` is the caseworker who is making it just now.
    """

    __tablename__ = "message"
    __table_args__ = (
        sa.CheckConstraint(f"status IN {STATUSES}", name="status"),
        sa.CheckConstraint(f"channel IN {CHANNELS}", name="channel"),
        sa.CheckConstraint(f"purpose IN {PURPOSES}", name="purpose"),
        sa.CheckConstraint(f"attempts BETWEEN 0 AND {MAX_ATTEMPTS}", name="attempts"),
        sa.CheckConstraint("num_nonnulls(case_id, staff_id, follower_id) = 1", name="owner"),
        sa.CheckConstraint(f"(staff_id IS NOT NULL) = (purpose IN {TO_STAFF})", name="to_staff"),
        sa.CheckConstraint("(status IN ('claimed', 'calling')) = (lease_until IS NOT NULL)", name="lease"),
        sa.CheckConstraint("(batch_id IS NULL) OR (channel = 'letter')", name="batch"),
        sa.UniqueConstraint("entry_id", "channel", "generation"),
        sa.Index("message_due_idx", "next_attempt_at", postgresql_where=sa.text("status = 'queued'")),
        sa.Index("message_lease_idx", "lease_until", postgresql_where=sa.text("lease_until IS NOT NULL")),
        sa.Index(
            "message_worklist_idx",
            "channel",
            "id",
            postgresql_where=sa.text("status = 'accepted' AND channel IN ('phone', 'letter')"),
        ),
        # Without the channel: as a part of the index it misleads PostgreSQL about how few these are.
        sa.Index(
            "message_in_house_idx",
            "case_id",
            postgresql_where=sa.text("status = 'accepted' AND channel IN ('phone', 'letter')"),
        ),
        sa.CheckConstraint("(handled_at IS NULL) = (handled_by IS NULL)", name="handled"),
        sa.CheckConstraint("(taken_by IS NULL) = (taken_until IS NULL)", name="taken"),
        sa.CheckConstraint("channel <> 'letter' OR status <> 'bounced'", name="bounced"),
        sa.CheckConstraint("channel = 'letter' OR status <> 'returned'", name="returned"),
        sa.Index("message_in_hand_idx", "channel", postgresql_where=sa.text("status IN ('claimed', 'calling')")),
        sa.Index(
            "message_trouble_idx",
            "case_id",
            postgresql_where=sa.text(f"status IN {TROUBLE} AND handled_at IS NULL"),
        ),
        sa.Index("message_case_id_idx", "case_id"),
        sa.Index("message_staff_id_idx", "staff_id", "id", postgresql_where=sa.text("staff_id IS NOT NULL")),
        sa.Index("message_follower_id_idx", "follower_id", postgresql_where=sa.text("follower_id IS NOT NULL")),
        sa.Index("message_batch_id_idx", "batch_id"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"))
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    follower_id: Mapped[int | None] = mapped_column(sa.ForeignKey("fault_follower.id", ondelete="CASCADE"))
    entry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("entry.id"))
    purpose: Mapped[str]
    channel: Mapped[str]
    generation: Mapped[int] = mapped_column(default=1)
    language: Mapped[str]
    recipient: Mapped[dict[str, object]]
    subject: Mapped[str]
    body: Mapped[str]
    frame: Mapped[dict[str, object]]
    header_id: Mapped[str | None] = mapped_column(unique=True)
    references: Mapped[list[str]] = mapped_column(server_default="{}", default=list)
    status: Mapped[str] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    hold_until: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    lease_until: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    provider_ref: Mapped[str | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    accepted_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    delivered_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    handled_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    handled_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    taken_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    taken_until: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("letter_batch.id"))

    calls: Mapped[list[Call]] = relationship(order_by="Call.id", viewonly=True)
    batch: Mapped[LetterBatch | None] = relationship(viewonly=True)


class Attempt(Model):
    """One try by a worker; an open one (no `ended_at`) is the claim, and there is at most one."""

    __tablename__ = "attempt"
    __table_args__ = (
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="outcome"),
        sa.Index("attempt_open_idx", "message_id", unique=True, postgresql_where=sa.text("ended_at IS NULL")),
        sa.Index("attempt_ended_at_idx", "ended_at"),
    )

    message_id: Mapped[int] = mapped_column(sa.ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    outcome: Mapped[str | None]
    detail: Mapped[str | None]


class Call(Model):
    """One telephone call that a caseworker made for a message of the phone channel."""

    __tablename__ = "call"
    __table_args__ = (
        sa.CheckConstraint(f"outcome IN {CALL_OUTCOMES}", name="outcome"),
        sa.Index("call_message_id_idx", "message_id"),
        sa.UniqueConstraint("submission"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    message_id: Mapped[int] = mapped_column(sa.ForeignKey("message.id"))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    outcome: Mapped[str]
    note: Mapped[str | None]
    submission: Mapped[str | None]


class LetterBatch(Model):
    """A pile of one department's letters printed together; `manifest` lists case, pages and SHA-256 of each, in order.

    Nobody made the batches of a cut-off (`created_by` is empty, `cut_off_on` its day). `handover` says how far it is on
    its way to whoever prints it: by hand, or by the adapter of LETTERS_URL, as an outbox of its own.
    """

    __tablename__ = "letter_batch"
    __table_args__ = (
        sa.CheckConstraint(f"handover IN {HANDOVERS}", name="handover"),
        sa.CheckConstraint("(handover = 'calling') = (handover_lease IS NOT NULL)", name="lease"),
        sa.CheckConstraint("(created_by IS NULL) = (cut_off_on IS NOT NULL)", name="maker"),
        sa.UniqueConstraint("department_code", "cut_off_on"),
        sa.Index(
            "letter_batch_under_way_idx",
            "handover_next_at",
            postgresql_where=sa.text("handover IN ('waiting', 'calling')"),
        ),
        sa.Index("letter_batch_department_idx", "department_code", "posted_at"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    department_code: Mapped[str] = mapped_column(sa.ForeignKey("department.code", onupdate="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    cut_off_on: Mapped[date | None]
    posted_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    manifest: Mapped[dict[str, object]] = mapped_column(default=dict)
    handover: Mapped[str] = mapped_column(server_default="by_hand", default="by_hand")
    handover_attempts: Mapped[int] = mapped_column(server_default="0", default=0)
    handover_next_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    handover_lease: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    handover_ref: Mapped[str | None]
    handover_error: Mapped[str | None]
    # It holds letters to residents with protected personal data.
    protected: Mapped[bool] = mapped_column(server_default="false", default=False)
    handed_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class Throttle(Model):
    """One row a channel: locked to count who has messages of it in hand, and how many more may begin just now."""

    __tablename__ = "throttle"

    channel: Mapped[str] = mapped_column(primary_key=True)
    tokens: Mapped[float]
    filled_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


class IncomingMail(Model):
    """One mail that came to the municipality's mailbox, and what was made of it; its bytes lie under `digest`.

    The mailbox's own name for it (`uidvalidity`, `uid`) is empty for mail that a pipe brought. The same mail twice is
    one row: by its SHA-256, and by that name.
    """

    __tablename__ = "incoming_mail"
    __table_args__ = (
        sa.CheckConstraint(f"outcome IN {MAIL_OUTCOMES}", name="outcome"),
        sa.CheckConstraint("(uid IS NULL) = (uidvalidity IS NULL)", name="uid"),
        sa.UniqueConstraint("mailbox", "uidvalidity", "uid"),
        sa.Index("incoming_mail_header_id_idx", "header_id"),
        sa.Index("incoming_mail_sender_idx", "sender", "at"),
        sa.Index("incoming_mail_case_id_idx", "case_id"),
        sa.Index("incoming_mail_held_idx", "id", postgresql_where=sa.text("outcome IN ('received', 'held')")),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    mailbox: Mapped[str]
    uidvalidity: Mapped[int | None] = mapped_column(sa.BigInteger)
    uid: Mapped[int | None] = mapped_column(sa.BigInteger)
    digest: Mapped[str] = mapped_column(unique=True)
    header_id: Mapped[str | None]
    sender: Mapped[str | None]
    subject: Mapped[str] = mapped_column(server_default="", default="")
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    attempts: Mapped[int] = mapped_column(server_default="0", default=0)
    outcome: Mapped[str] = mapped_column(server_default="received", default="received")
    note: Mapped[str | None]
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"))
    entry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("entry.id"))
    message_id: Mapped[int | None] = mapped_column(sa.ForeignKey("message.id", ondelete="SET NULL"))


class Attachment(Model):
    """A file that goes with what was said in a case; with no entry, with its first text. `sha256` names its content."""

    __tablename__ = "attachment"
    __table_args__ = (
        sa.Index("attachment_case_id_idx", "case_id", "id"),
        sa.Index("attachment_entry_id_idx", "entry_id"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    entry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("entry.id"))
    incoming_id: Mapped[int | None] = mapped_column(sa.ForeignKey("incoming_mail.id"))
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


class Pulse(Model):
    """When something that must keep beating last did: `worker`, `sweep`."""

    __tablename__ = "pulse"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
