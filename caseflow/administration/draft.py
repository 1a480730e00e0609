"""The routing rules that administrators are still working on; nothing is routed by them before they are published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from caseflow.accounts.actors import Actor
from caseflow.accounts.models import Staff
from caseflow.cases.municipality import changing, configuration, exporting, places
from caseflow.database import Model, db

Rule = dict[str, Any]
Rules = list[Rule]
NONE = 0  # the version of a draft that nobody has begun


class RuleDraft(Model):
    """The one draft of this installation; none when all that was worked on is published or thrown away.

    `rules` are written as in the municipality's file; `based_on` is the fingerprint of the rules that it began from.
    """

    __tablename__ = "rule_draft"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    rules: Mapped[Rules] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(default=1)
    based_on: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    changed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))

    editor: Mapped[Staff | None] = relationship()

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}


class Overtaken(Exception):
    """Somebody has worked on the draft since the page was made."""


def current() -> RuleDraft | None:
    return db.session.get(RuleDraft, 1)


def rules() -> tuple[Rules, int]:
    """The rules of the draft, else those in force; and the draft's version."""
    draft = current()
    if draft is not None:
        return list(draft.rules), draft.version
    return places.part(exporting.document(), "rules"), NONE


def edit(change: Callable[[Rules], Rules], *, version: int, by: Actor, now: datetime) -> None:
    """Change the draft, or begin one; raises `Overtaken`, or `Unreadable` when such rules could not be published."""
    draft = _locked(version)
    document = exporting.document()
    in_force = places.part(document, "rules")
    new = change(list(draft.rules) if draft else in_force)
    configuration.check(places.replaced(document, "rules", new))
    if draft is None:
        draft = RuleDraft(id=1, version=NONE, based_on=places.fingerprint(in_force))
        db.session.add(draft)
    draft.rules, draft.version = new, draft.version + 1
    draft.changed_at, draft.changed_by = now, by.staff_id
    db.session.flush()


def publish(*, version: int, by: Actor, now: datetime, anyway: str | None = None) -> bool:
    """Put the draft in force; whether anything is different. Raises `Overtaken`, `Unreadable`, or `Changed` when the
    rules in force are no longer those that the draft began from, nor those of the fingerprint `anyway`."""
    draft = _locked(version)
    if draft is None:
        raise Overtaken
    changed = changing.amend("rules", list(draft.rules), seen=anyway or draft.based_on, by=by, now=now, verb="publish")
    db.session.delete(draft)
    return changed


def discard(*, version: int) -> None:
    """Throw the draft away; raises `Overtaken`."""
    draft = _locked(version)
    if draft is not None:
        db.session.delete(draft)


def _locked(version: int) -> RuleDraft | None:
    changing.lock()
    draft = db.session.get(RuleDraft, 1, with_for_update=True, populate_existing=True)
    if version != (draft.version if draft else NONE):
        raise Overtaken
    return draft
