"""Staff accounts and the departments that each may work in."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from flask_security import RoleMixin, UserMixin
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column

from caseflow.accounts.actors import Actor
from caseflow.database import Model

# Where a person wants to be after an answer: on the case, at the next one of the view, or back at the list.
AFTERWARDS = ("stay", "next", "list")
ROLES = ("caseworker", "coordinator", "registrar", "manager", "administrator")
# What a membership allows in its department; each holds those before it.
LEVELS = ("read", "handle", "lead")


class Role(RoleMixin):
    """Flask-Security's view of a role; what a role may do stands in `permissions`."""

    def __init__(self, name: str) -> None:
        self.name = name


class Membership(Model):
    """A member of staff reads, handles or leads a department's cases: the whole of the permission scope."""

    __tablename__ = "membership"
    __table_args__ = (
        sa.CheckConstraint(f"level IN {LEVELS}", name="level"),
        sa.Index("membership_department_code_idx", "department_code"),
    )

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    department_code: Mapped[str] = mapped_column(
        sa.ForeignKey("department.code", onupdate="CASCADE", ondelete="CASCADE"), primary_key=True
    )
    level: Mapped[str]


class Staff(Model, UserMixin):
    """A person who signs in. A demo account is refused outside demo mode."""

    __tablename__ = "staff"
    __table_args__ = (
        sa.CheckConstraint(f"role IN {ROLES}", name="role"),
        sa.CheckConstraint("email = lower(email)", name="email"),
        sa.CheckConstraint(f"afterwards IN {AFTERWARDS}", name="afterwards"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    password: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    demo: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str | None]
    # Named as one who reaches residents with protected personal data (permissions.py).
    sees_protected: Mapped[bool] = mapped_column(server_default=sa.false(), default=False)
    shortcuts: Mapped[bool] = mapped_column(server_default=sa.true(), default=True)
    afterwards: Mapped[str] = mapped_column(server_default="stay", default="stay")
    fs_uniquifier: Mapped[str] = mapped_column(unique=True, default=lambda: uuid.uuid4().hex)
    # The person's level by department, read together with who is signed in: whether a page shows acts costs no query.
    levels: Mapped[dict[str, str]] = column_property(
        sa.select(
            sa.func.coalesce(
                sa.func.jsonb_object_agg(Membership.department_code, Membership.level, type_=JSONB),
                sa.text("'{}'::jsonb"),
            )
        )
        .where(Membership.staff_id == id)
        .correlate_except(Membership)
        .scalar_subquery(),
        deferred=True,
    )

    @property
    def roles(self) -> list[RoleMixin]:  # type: ignore[override]  # a list, as Flask-Security reads it, but derived
        return [Role(self.role)]

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.name.split()[:2]).upper()

    def as_actor(self) -> Actor:
        return Actor("staff", self.id)


class SignInFailure(Model):
    """How often signing in has failed lately, by counter (see throttle.py); no row means never."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (sa.Index("sign_in_failure_at_idx", "at"),)

    counter: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(server_default="0")
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    wait_until: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class StaffSession(Model):
    """One sign-in of one browser. `token` is in its signed cookie; `place` is its network address, hashed."""

    __tablename__ = "staff_session"
    __table_args__ = (
        sa.Index("staff_session_staff_id_idx", "staff_id", "seen_at"),
        sa.Index("staff_session_seen_at_idx", "seen_at"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"))
    token: Mapped[str] = mapped_column(unique=True)
    device: Mapped[str] = mapped_column(server_default="")
    place: Mapped[str]
    began_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    seen_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
