"""What has been taken over from which file, so that the same row never becomes two cases."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from caseflow.database import Model


class ImportRun(Model):
    """One file of an old system, known by its content: begun again, it goes on where it stopped."""

    __tablename__ = "import_run"
    __table_args__ = (sa.UniqueConstraint("source", "file_hash"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    source: Mapped[str]
    file_name: Mapped[str]
    file_hash: Mapped[str]
    begun_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class ImportedCase(Model):
    """A case's name in the old system. The database's own triggers make it one of the case's words (migration)."""

    __tablename__ = "imported_case"

    source: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id", ondelete="CASCADE"), unique=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("import_run.id"))
