"""Cases, what is said in them, and the municipality's own configuration."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from caseflow.accounts.models import Staff
from caseflow.database import Model
from caseflow.messages.models import Message

LANGUAGES = ("sv", "en", "fi")
STATUSES = ("new", "in_progress", "waiting", "planned", "answered", "closed")
OPEN = ("new", "in_progress", "waiting", "planned")
PRIORITIES = ("normal", "high")
RESOLUTIONS = (
    "answered",
    "fixed",
    "planned_work",
    "referred",
    "duplicate",
    "no_action",
    "withdrawn",
    "unreachable",
    "registered",
)
REPLY_BY = ("email", "phone", "letter", "none")
# How a resident is told that something has happened, beside what is said to them.
NOTIFY_BY = ("none", "email", "sms")
SOURCES = ("web", "phone", "letter", "desk", "email")
# A promise to keep that nobody has been warned of: as the index says it, so that the query finds the index.
UNANSWERED = sa.text(
    "status IN ('new', 'in_progress') AND answered_at IS NULL AND escalated_for IS DISTINCT FROM due_on"
)
ENTRY_SORTS = ("resident", "note", "question", "reply")


class Named:
    """Names in several languages, as data of the municipality."""

    names: Mapped[dict[str, str]]

    def name(self, language: str) -> str:
        """The name in a language, else in Swedish, else in whichever there is."""
        return in_language(self.names, language)


def in_language(texts: dict[str, str], language: str) -> str:
    """One of several translations of a text; never fails while there is any."""
    return texts.get(language) or texts.get("sv") or next(iter(texts.values()), "")


class Municipality(Model):
    """The one municipality of this installation (a single row)."""

    __tablename__ = "municipality"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    code: Mapped[str]
    name: Mapped[str]
    timezone: Mapped[str]
    languages: Mapped[list[str]]
    phone: Mapped[str]
    email: Mapped[str]
    street: Mapped[str]
    postcode: Mapped[str]
    town: Mapped[str]
    opening_hours: Mapped[dict[str, str]]
    emergency: Mapped[dict[str, str]]
    holidays: Mapped[dict[str, object]]
    day_ends: Mapped[str]
    envelope: Mapped[dict[str, object]]
    logo: Mapped[dict[str, object]] = mapped_column(server_default="{}", default=dict)
    envelopes: Mapped[list[dict[str, object]]] = mapped_column(JSONB, server_default="[]", default=list)
    mailbox: Mapped[str | None]
    mail_texts: Mapped[dict[str, object]] = mapped_column(server_default="{}", default=dict)
    letters: Mapped[dict[str, object]] = mapped_column(server_default="{}", default=dict)
    calls: Mapped[dict[str, object]] = mapped_column(server_default="{}", default=dict)
    suggestions: Mapped[dict[str, object]] = mapped_column(server_default="{}", default=dict)
    redirects: Mapped[list[dict[str, object]]] = mapped_column(JSONB, server_default="[]", default=list)
    watch: Mapped[dict[str, object]] = mapped_column(server_default="{}", default=dict)
    residents: Mapped[dict[str, object]] = mapped_column(server_default="{}", default=dict)
    theme: Mapped[dict[str, object]] = mapped_column(server_default="{}", default=dict)
    web: Mapped[str | None]
    phone_hours: Mapped[dict[str, str]] = mapped_column(server_default="{}", default=dict)
    accessibility: Mapped[dict[str, object]] = mapped_column(server_default="{}", default=dict)
    privacy: Mapped[dict[str, object]] = mapped_column(server_default="{}", default=dict)
    start: Mapped[dict[str, str]] = mapped_column(server_default="{}", default=dict)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Kind(Named, Model):
    """What the resident wants, with the promise of when an answer comes.

    `names` complete the sentence "I want to …"; `nouns` name such a case in lists and figures.
    """

    __tablename__ = "kind"
    __table_args__ = (
        sa.CheckConstraint("(promise_days IS NULL) <> (promise_months IS NULL)", name="promise"),
        sa.CheckConstraint("law IN ('service', 'arende')", name="law"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    names: Mapped[dict[str, str]]
    nouns: Mapped[dict[str, str]] = mapped_column(server_default="{}", default=dict)
    hints: Mapped[dict[str, str]] = mapped_column(default=dict)
    guidance: Mapped[dict[str, str]] = mapped_column(server_default="{}", default=dict)
    icon: Mapped[str]
    promise_days: Mapped[int | None]
    promise_months: Mapped[int | None]
    law: Mapped[str]
    listed: Mapped[bool] = mapped_column(default=True)
    reports_fault: Mapped[bool] = mapped_column(server_default="false", default=False)
    retention: Mapped[dict[str, object]] = mapped_column(server_default="{}", default=dict)

    def noun(self, language: str) -> str:
        """ "Fault report", where `name` is "report a fault"."""
        return in_language(self.nouns or self.names, language)


class Department(Named, Model):
    """Whose queue a case lies in. The triage department takes what nobody else does."""

    __tablename__ = "department"
    __table_args__ = (sa.Index("department_triage_idx", "triage", unique=True, postgresql_where=sa.text("triage")),)

    code: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    names: Mapped[dict[str, str]]
    hints: Mapped[dict[str, str]] = mapped_column(default=dict)
    secret: Mapped[bool] = mapped_column(default=False)
    external: Mapped[bool] = mapped_column(default=False)
    triage: Mapped[bool] = mapped_column(default=False)
    retired: Mapped[bool] = mapped_column(server_default="false", default=False)
    # Whether residents are told of its known faults (known_faults.py); of one category alone: see there.
    known_faults: Mapped[bool] = mapped_column(server_default="false", default=False)
    contact: Mapped[dict[str, str]] = mapped_column(server_default="{}", default=dict)

    categories: Mapped[list[Category]] = relationship(order_by="Category.position", viewonly=True)

    @property
    def offered(self) -> list[Category]:
        """The categories that a new case can have."""
        return [one for one in self.categories if not one.retired]


class Category(Named, Model):
    """What a case is about, within a department."""

    __tablename__ = "category"

    code: Mapped[str] = mapped_column(primary_key=True)
    department_code: Mapped[str] = mapped_column(sa.ForeignKey("department.code", onupdate="CASCADE"), index=True)
    position: Mapped[int]
    names: Mapped[dict[str, str]]
    kind_code: Mapped[str | None] = mapped_column(sa.ForeignKey("kind.code", onupdate="CASCADE"))
    retired: Mapped[bool] = mapped_column(server_default="false", default=False)
    known_faults: Mapped[bool] = mapped_column(server_default="false", default=False)
    retention: Mapped[dict[str, object]] = mapped_column(server_default="{}", default=dict)
    checklist: Mapped[list[str]] = mapped_column(server_default="{}", default=list)
    # What is to be known before one writes, and what is asked besides (questions.py).
    guidance: Mapped[dict[str, str]] = mapped_column(server_default="{}", default=dict)
    questions: Mapped[list[dict[str, object]]] = mapped_column(JSONB, server_default="[]", default=list)


class RoutingRule(Model):
    """One line of the routing table; a condition that is empty matches all."""

    __tablename__ = "routing_rule"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    position: Mapped[int] = mapped_column(unique=True)
    kind_code: Mapped[str | None] = mapped_column(sa.ForeignKey("kind.code", onupdate="CASCADE"))
    department_code: Mapped[str | None] = mapped_column(sa.ForeignKey("department.code", onupdate="CASCADE"))
    category_code: Mapped[str | None] = mapped_column(sa.ForeignKey("category.code", onupdate="CASCADE"))
    words: Mapped[list[str]] = mapped_column(server_default="{}", default=list)
    to_department: Mapped[str] = mapped_column(sa.ForeignKey("department.code", onupdate="CASCADE"))
    reasons: Mapped[dict[str, str]]


_LOOKUP = sa.table("case_lookup", sa.column("case_id"), sa.column("waiting_since", sa.DateTime(timezone=True)))


class Case(Model):
    """One errand of one resident, from the day it came in.

    `version` counts the acts; an act on an older version is refused. `promise` is the kind's promise as it stood on
    the day of receipt: {"working_days": n} or {"months": n}. `routed` says why the case came to its department,
    and `suggested` what closed cases make of its text (see the package `suggestions`).
    `planned_for` is the day that a planned case woke for, until somebody acts on it; `escalated_for` is the due date
    that the coordinator was warned of.
    """

    __tablename__ = "case"
    __table_args__ = (
        sa.CheckConstraint(f"status IN {STATUSES}", name="status"),
        sa.CheckConstraint(f"resolution IN {RESOLUTIONS}", name="resolution"),
        sa.CheckConstraint("(status = 'closed') = (resolution IS NOT NULL)", name="closed"),
        sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
        sa.CheckConstraint("(status = 'planned') = (planned_until IS NOT NULL)", name="planned"),
        sa.CheckConstraint("status <> 'answered' OR answered_at IS NOT NULL", name="answered"),
        sa.CheckConstraint(f"priority IN {PRIORITIES}", name="priority"),
        sa.CheckConstraint(f"reply_by IN {REPLY_BY}", name="reply_by"),
        # Of who has protected personal data nothing is kept that could be found.
        sa.CheckConstraint(
            "NOT protected OR (reply_by = 'none' AND notify_by = 'none'"
            " AND num_nonnulls(name, email, phone, best_time, care_of, street, postcode, town) = 0)",
            name="protected",
        ),
        sa.CheckConstraint(f"notify_by IN {NOTIFY_BY}", name="notify_by"),
        sa.CheckConstraint("reply_by <> 'email' OR email IS NOT NULL", name="email"),
        sa.CheckConstraint("reply_by <> 'phone' OR phone IS NOT NULL", name="phone"),
        sa.CheckConstraint(
            "reply_by <> 'letter' OR (name IS NOT NULL AND street IS NOT NULL AND postcode IS NOT NULL"
            " AND town IS NOT NULL)",
            name="letter",
        ),
        sa.CheckConstraint(f"source IN {SOURCES}", name="source"),
        sa.CheckConstraint(f"language IN {LANGUAGES}", name="language"),
        sa.CheckConstraint("length(code) >= 26", name="code"),
        sa.CheckConstraint("btrim(description) <> ''", name="description"),
        sa.Index("case_queue_idx", "due_on", "id", postgresql_where=sa.text(f"status IN {OPEN}")),
        sa.Index("case_department_queue_idx", "department_code", "status", "due_on", "id"),
        sa.Index(
            "case_assignee_queue_idx",
            "assignee_id",
            "due_on",
            "id",
            postgresql_where=sa.text(f"assignee_id IS NOT NULL AND status IN {OPEN}"),
        ),
        sa.Index("case_received_at_idx", "received_at", postgresql_include=("department_code", "due_on")),
        sa.Index("case_planned_idx", "planned_until", "id", postgresql_where=sa.text("status = 'planned'")),
        sa.Index("case_unanswered_idx", "due_on", "id", postgresql_where=UNANSWERED),
        sa.Index(
            "case_escalated_idx",
            "department_code",
            "due_on",
            "id",
            postgresql_where=sa.text("escalated_for IS NOT NULL"),
        ),
        sa.Index("case_unadvised_idx", "id", postgresql_where=sa.text("status = 'new' AND suggested IS NULL")),
        # With the id, so that the newest of a resident are found without reading all of them.
        sa.Index("case_email_idx", "email", "id", postgresql_where=sa.text("email IS NOT NULL")),
        sa.Index("case_phone_idx", "phone", "id", postgresql_where=sa.text("phone IS NOT NULL")),
        sa.Index(
            "case_address_idx",
            sa.text("lower(street)"),
            "postcode",
            sa.text("lower(name)"),
            "id",
            postgresql_where=sa.text("street IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    submission: Mapped[str] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column(default=1)

    kind_code: Mapped[str] = mapped_column(sa.ForeignKey("kind.code", onupdate="CASCADE"))
    department_code: Mapped[str] = mapped_column(sa.ForeignKey("department.code", onupdate="CASCADE"))
    category_code: Mapped[str | None] = mapped_column(sa.ForeignKey("category.code", onupdate="CASCADE"))
    routed: Mapped[dict[str, str]] = mapped_column(default=dict)
    subject: Mapped[str]
    description: Mapped[str]
    answers: Mapped[list[dict[str, object]]] = mapped_column(JSONB, server_default="[]", default=list)
    place: Mapped[str | None]  # in the resident's words, or coordinates
    language: Mapped[str]
    source: Mapped[str] = mapped_column(default="web")
    came_from: Mapped[str | None]
    protected: Mapped[bool] = mapped_column(server_default="false", default=False)
    made_known: Mapped[bool] = mapped_column(server_default="false", default=False)  # residents know of it
    registered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))

    reply_by: Mapped[str]
    notify_by: Mapped[str] = mapped_column(server_default="none", default="none")
    name: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    best_time: Mapped[str | None]
    care_of: Mapped[str | None]
    street: Mapped[str | None]
    postcode: Mapped[str | None]
    town: Mapped[str | None]

    status: Mapped[str] = mapped_column(default="new")
    priority: Mapped[str] = mapped_column(server_default="normal", default="normal")
    resolution: Mapped[str | None]
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    received_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    due_on: Mapped[date]
    promise: Mapped[dict[str, object]]
    suggested: Mapped[dict[str, object] | None]
    planned_until: Mapped[date | None]
    planned_for: Mapped[date | None]
    escalated_for: Mapped[date | None]
    answered_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))

    # Since when the resident waits for us, from the lookup that triggers keep (lookup.py); None when nobody does.
    waiting_since: Mapped[datetime | None] = column_property(
        sa.select(sa.func.nullif(_LOOKUP.c.waiting_since, sa.literal_column("'infinity'::timestamptz")))
        .where(_LOOKUP.c.case_id == id)
        .scalar_subquery(),
    )

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}

    kind: Mapped[Kind] = relationship()
    department: Mapped[Department] = relationship()
    category: Mapped[Category | None] = relationship()
    assignee: Mapped[Staff | None] = relationship(foreign_keys=[assignee_id])
    entries: Mapped[list[Entry]] = relationship(order_by="Entry.id", viewonly=True)
    messages: Mapped[list[Message]] = relationship(order_by=Message.id, viewonly=True)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


class Entry(Model):
    """Something said in a case after its first text: by the resident, to the resident, or an internal note."""

    __tablename__ = "entry"
    __table_args__ = (
        sa.CheckConstraint(f"sort IN {ENTRY_SORTS}", name="sort"),
        sa.CheckConstraint("sort = 'resident' OR author_id IS NOT NULL", name="author"),
        sa.CheckConstraint("btrim(text) <> ''", name="text"),
        sa.Index("entry_case_id_idx", "case_id", "id"),
        sa.Index("entry_copy_of_idx", "copy_of", postgresql_where=sa.text("copy_of IS NOT NULL")),
        sa.Index("entry_retracted_idx", "case_id", postgresql_where=sa.text("retracted_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    sort: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    text: Mapped[str]
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    submission: Mapped[str | None] = mapped_column(unique=True)
    # What was said in the main case, where this one is merged into it.
    copy_of: Mapped[int | None] = mapped_column(sa.ForeignKey("entry.id"))
    # What goes to the resident is shown on the own page once it can no longer be undone, and never once it was.
    held_until: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    retracted_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))

    author: Mapped[Staff | None] = relationship()
    messages: Mapped[list[Message]] = relationship(order_by=Message.id, viewonly=True)


NUMBER_SEQUENCE = sa.Sequence("case_number_seq", start=10001, metadata=Model.metadata)
