"""Links that let a person choose a password: by invitation, or because the old one is forgotten.

Single-use and short-lived. Only the SHA-256 of a token is kept, and the mail that waits in the outbox holds no token
either (see messages/sealed_links.py). A new link, a new password and a closed account end the older ones.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Mapped, mapped_column, relationship

from caseflow.accounts import journal, passwords, sessions
from caseflow.accounts.models import Staff
from caseflow.database import Model, db
from caseflow.messages import sealed_links, staff_mail

PURPOSES = ("invitation", "recovery")
GOOD_FOR = {"invitation": timedelta(days=7), "recovery": timedelta(hours=1)}
PATHS = {"invitation": "/welcome/", "recovery": "/new-password/"}


class AccountLink(Model):
    """One link of one person; `ended_at` when it was used, replaced or withdrawn."""

    __tablename__ = "account_link"
    __table_args__ = (
        sa.CheckConstraint(f"purpose IN {PURPOSES}", name="purpose"),
        sa.Index("account_link_staff_id_idx", "staff_id", "id"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"))
    purpose: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    nonce: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))

    staff: Mapped[Staff] = relationship(lazy="joined", innerjoin=True)


def send(staff: Staff, purpose: str, *, subject: object, body: object, now: datetime) -> AccountLink:
    """A new link by mail, in the running unit of work; it ends the person's older ones."""
    end_all(staff, now)
    nonce = sealed_links.nonce()
    token_hash = sealed_links.kept(sealed_links.token(nonce, current_app.config["SECRET_KEY"]))
    link = AccountLink(staff_id=staff.id, purpose=purpose, token_hash=token_hash, nonce=nonce, made_at=now)
    link.expires_at = now + GOOD_FOR[purpose]
    db.session.add(link)
    address = current_app.config["BASE_URL"] + PATHS[purpose]
    staff_mail.put(staff, purpose="account", subject=subject, body=body, link=address, nonce=nonce, now=now)
    return link


def find(token: str, purpose: str, now: datetime, *, for_act: bool = False) -> AccountLink | None:
    """The link, as long as it opens something."""
    query = sa.select(AccountLink).join(AccountLink.staff).where(AccountLink.token_hash == sealed_links.kept(token))
    query = query.where(AccountLink.purpose == purpose, AccountLink.ended_at.is_(None), AccountLink.expires_at > now)
    query = query.where(Staff.active, ~Staff.demo)
    if for_act:
        query = query.with_for_update(of=AccountLink)
    return db.session.scalar(query.execution_options(populate_existing=True))


def use(link: AccountLink, password: str, now: datetime) -> None:
    """The person has chosen a password: every older session and link ends."""
    staff = link.staff
    staff.password = passwords.hashed(password)
    end_all(staff, now)
    sessions.end_all(staff, now)
    verb = "invitation_accepted" if link.purpose == "invitation" else "password_recovered"
    journal.record(verb, staff.id, by=staff.as_actor(), at=now)


def end_all(staff: Staff, now: datetime) -> None:
    """The person's links open nothing any more, and those that wait in the outbox are not sent."""
    mine = (AccountLink.staff_id == staff.id, AccountLink.ended_at.is_(None))
    ended = sa.update(AccountLink).where(*mine).values(ended_at=now).returning(AccountLink.nonce)
    for nonce in db.session.scalars(ended, execution_options={"synchronize_session": False}).all():
        staff_mail.withdraw(nonce)
