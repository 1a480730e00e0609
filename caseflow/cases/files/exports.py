"""Long lists as files: asked for, gathered by a worker that counts on, fetched, and removed after days.

A file holds what its owner could see when it was made. It opens for nobody else, and no longer for its owner once a
department in it, or its protected personal data, is closed to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from flask_babel import force_locale
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from caseflow import broker, clock
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import departments_of, protected_of
from caseflow.cases.files.spreadsheet import BOM, FORMS, Cell, Workbook, csv_line
from caseflow.cases.municipality import directory
from caseflow.cases.triage import queue_choices, queue_export
from caseflow.cases.triage.queue_filter import Filter
from caseflow.database import Model, after_commit, db, unit_of_work

log = structlog.get_logger(__name__)

STATES = ("waiting", "making", "ready", "failed")
KEPT_FOR = timedelta(days=7)
# A worker that has not counted on for so long is gone, and another one begins anew.
GONE_AFTER = timedelta(minutes=2)
AT_ONCE = 1_000
TASK = "make_export"


class Export(Model):
    """One file that somebody asked for. `reach` is what its owner could read when it was made: departments, and those
    of them with protected personal data."""

    __tablename__ = "export"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {STATES}", name="state"),
        sa.CheckConstraint(f"form IN {tuple(FORMS)}", name="form"),
        sa.Index("export_staff_id_idx", "staff_id", "id"),
        sa.Index("export_undone_idx", "id", postgresql_where=sa.text("state IN ('waiting', 'making')")),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"))
    form: Mapped[str]
    filter: Mapped[dict[str, object]] = mapped_column(JSONB)
    language: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting")
    reach: Mapped[list[str]] = mapped_column(server_default="{}", default=list)
    rows: Mapped[int]
    done: Mapped[int] = mapped_column(server_default="0", default=0)
    asked_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    touched_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    ready_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))

    @property
    def chosen(self) -> Filter:
        return Filter.of({name: str(value) for name, value in self.filter.items()})

    @property
    def expires_at(self) -> datetime:
        return (self.ready_at or self.asked_at) + KEPT_FOR


def path_of(export_id: int, form: str, config: Mapping[str, Any]) -> Path:
    return Path(config["DATA"]) / "exports" / f"{export_id}.{form}"


def ask(staff: Staff, chosen: Filter, form: str, *, language: str, now: datetime) -> Export:
    """A file of this list, in the running unit of work; asked for twice it is the one that is being made."""
    wanted = {"staff_id": staff.id, "form": form, "filter": chosen.asked(), "language": language}
    mine = sa.select(Export).where(*(getattr(Export, name) == value for name, value in wanted.items()))
    found = db.session.scalar(mine.where(Export.state.in_(("waiting", "making"))).limit(1))
    if found is None:
        rows = queue_export.count(staff, chosen, _today(now))
        found = Export(**wanted, rows=min(rows, queue_export.MOST), asked_at=now)
        db.session.add(found)
        db.session.flush()
        queue_export.note(staff, chosen, rows, by=staff.as_actor(), now=now)
    number = found.id
    after_commit(lambda: broker.ring(TASK, number))
    return found


def of(staff: Staff) -> Sequence[Export]:
    """What the person asked for, the newest first."""
    return db.session.scalars(sa.select(Export).where(Export.staff_id == staff.id).order_by(Export.id.desc())).all()


def find(staff: Staff, export_id: int) -> Export | None:
    """One of the person's own."""
    return db.session.scalar(sa.select(Export).where(Export.id == export_id, Export.staff_id == staff.id))


def is_still_open(staff: Staff, export: Export) -> bool:
    """Whether the person may still read all that the file may hold."""
    return set(export.reach) <= _reach(staff)


def remove(export: Export, config: Mapping[str, Any]) -> None:
    """The row and its file."""
    path_of(export.id, export.form, config).unlink(missing_ok=True)
    db.session.delete(export)


def make(export_id: int, config: Mapping[str, Any]) -> None:
    """Gather the file, unless another worker does; `done` counts on while it is made."""
    export = _claimed(export_id, clock.now())
    if export is None:
        return
    staff = db.session.get_one(Staff, export.staff_id)
    try:
        with force_locale(export.language):
            _write(export, staff, path_of(export.id, export.form, config))
    except Exception:
        log.exception("export_failed", export=export_id)
        _set(export_id, state="failed")
        return
    if not _set(export_id, state="ready", ready_at=clock.now()):  # its owner took it away meanwhile
        path_of(export.id, export.form, config).unlink(missing_ok=True)


def sweep(config: Mapping[str, Any], now: datetime) -> None:
    """Remove what is old or nobody's, and begin anew what nobody works at."""
    with unit_of_work() as session:
        last = sa.func.coalesce(Export.ready_at, Export.asked_at)
        for old in session.scalars(sa.select(Export).where(last < now - KEPT_FOR)):
            remove(old, config)
    ours = {str(export_id) for export_id in db.session.scalars(sa.select(Export.id))}
    for path in path_of(0, "csv", config).parent.glob("*"):
        if path.stem not in ours:
            path.unlink(missing_ok=True)
    for export_id in db.session.scalars(sa.select(Export.id).where(_free(now)).order_by(Export.id)).all():
        broker.ring(TASK, export_id)
    db.session.rollback()


def _free(now: datetime) -> sa.ColumnElement[bool]:
    lost = sa.and_(Export.state == "making", Export.touched_at < now - GONE_AFTER)
    return sa.or_(Export.state == "waiting", lost)


def _claimed(export_id: int, now: datetime) -> Export | None:
    """It is ours to make. Whoever may not read cases any more gets no file."""
    with unit_of_work() as session:
        claim = sa.select(Export).where(Export.id == export_id, _free(now)).with_for_update(skip_locked=True)
        export = session.scalar(claim.execution_options(populate_existing=True))
        if export is not None:
            staff = session.get_one(Staff, export.staff_id, populate_existing=True)
            export.state, export.done, export.touched_at = "making" if staff.active else "failed", 0, now
            export.reach = sorted(_reach(staff))
    return export if export is not None and export.state == "making" else None


def _write(export: Export, staff: Staff, path: Path) -> None:
    """Under its name once it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        if export.form == "csv":
            file.write((BOM + csv_line(queue_export.header())).encode())
            for row in _rows(export, staff):
                file.write(csv_line(row).encode())
        else:
            title = directory.known().name
            book = Workbook(file, title=title, now=export.asked_at)
            book.sheet("1", queue_export.header())
            for row in _rows(export, staff):
                book.add(row)
            book.close()
    part.replace(path)


def _rows(export: Export, staff: Staff) -> Iterator[Sequence[Cell]]:
    """In the order of the list as it is now, a thousand at a time: no transaction is open for long."""
    chosen, today = export.chosen, _today(export.asked_at)
    names = queue_choices.within_reach(staff, export.language)
    every = queue_export.ids(staff, chosen, today)
    for start in range(0, len(every), AT_ONCE):
        yield from queue_export.some(staff, every[start : start + AT_ONCE], today, names)
        db.session.rollback()
        _set(export.id, done=min(start + AT_ONCE, len(every)), rows=len(every), touched_at=clock.now())
    if len(every) == queue_export.MOST:
        yield (queue_export.too_many(),)


def _set(export_id: int, **values: object) -> bool:
    """Whether it is still there, and being made."""
    change = sa.update(Export).where(Export.id == export_id, Export.state == "making").values(**values)
    with unit_of_work() as session:
        return session.scalar(change.returning(Export.id)) is not None


def _reach(staff: Staff) -> set[str]:
    protected = {f"{code} protected" for code in db.session.scalars(protected_of(staff, "read"))}
    return protected | set(db.session.scalars(departments_of(staff, "read")))


def _today(now: datetime) -> Any:
    return clock.today(now, directory.known().zone)
