"""The outbox: every message that leaves the house, and what happened to it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from caseflow.database import Model

CHANNELS = ("email", "phone", "letter")
PURPOSES = ("receipt", "question", "reply")
STATUSES = (
    "queued",  # waits for its time and a worker
    "claimed",  # a worker has it; a crash here puts it back
    "calling",  # committed before the provider is called; a crash here is `unknown`
    "accepted",  # the provider has it: mail server, call list, letter pile
    "delivered",  # reached by phone, posted as a letter
    "failed",  # refused for good, or given up
    "unknown",  # nobody can say whether it went out: a person decides
    "cancelled",  # taken back, or replaced by another channel
)
MAX_ATTEMPTS = 8


class Message(Model):
    """One message by one channel. All that the channel needs is frozen here when the message is put.

    `recipient` holds the address of the channel: {"name", "email"} | {"name", "phone", "best_time"} | {"lines": […]}.
    `frame` holds what surrounds the body: greeting, closing, signature, case number, link, sender, printed words.
    """

    __tablename__ = "message"
    __table_args__ = (
        sa.CheckConstraint(f"status IN {STATUSES}", name="status"),
        sa.CheckConstraint(f"channel IN {CHANNELS}", name="channel"),
        sa.CheckConstraint(f"purpose IN {PURPOSES}", name="purpose"),
        sa.CheckConstraint(f"attempts BETWEEN 0 AND {MAX_ATTEMPTS}", name="attempts"),
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
        sa.Index("message_case_id_idx", "case_id"),
        sa.Index("message_batch_id_idx", "batch_id"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
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
    lease_until: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    provider_ref: Mapped[str | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    accepted_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    delivered_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("letter_batch.id"))

    calls: Mapped[list[Call]] = relationship(order_by="Call.id", viewonly=True)
    batch: Mapped[LetterBatch | None] = relationship(viewonly=True)


class Attempt(Model):
    """One try by a worker; an open one (no `ended_at`) is the claim, and there is at most one."""

    __tablename__ = "attempt"
    __table_args__ = (
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="outcome"),
        sa.Index("attempt_open_idx", "message_id", unique=True, postgresql_where=sa.text("ended_at IS NULL")),
    )

    message_id: Mapped[int] = mapped_column(sa.ForeignKey("message.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    outcome: Mapped[str | None]
    detail: Mapped[str | None]


class Call(Model):
    """One telephone call that a caseworker made for a message of the phone channel."""

    __tablename__ = "call"
    __table_args__ = (
        sa.CheckConstraint("outcome IN ('reached', 'no_answer', 'wrong_number')", name="outcome"),
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
    """A pile of letters printed together; `manifest` lists case, pages and SHA-256 of each, in printing order."""

    __tablename__ = "letter_batch"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    created_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    posted_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    manifest: Mapped[dict[str, object]] = mapped_column(default=dict)


class Pulse(Model):
    """When something that must keep beating last did: `worker`, `sweep`."""

    __tablename__ = "pulse"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
