"""What a case's contact details were before they were put right.

They stand beside the events and not in them: events are never changed, and these are erased with the case's other
personal data when a disposal decision says so.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.database import Model


class FormerContact(Model):
    """The fields that the act which made `version` changed, as they were before it."""

    __tablename__ = "former_contact"

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    details: Mapped[dict[str, object]]
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
