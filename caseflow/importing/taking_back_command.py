"""`flask --app wsgi take-back-import [NUMBER]`: a wrong import is undone. See docs/importing.md."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import with_appcontext

from caseflow import clock
from caseflow.accounts.actors import Actor
from caseflow.accounts.models import Staff
from caseflow.cases.files.spreadsheet import BOM, csv_line
from caseflow.database import unit_of_work
from caseflow.importing.taking_back import Left, Outcome, Taken, TakingBack, imports
from caseflow.progress import Bar

SHOWN = 20
SURE = (
    "Take back {gone:,} cases of {run.source} ({run.file_name})? They are deleted with their texts and contact details "
    "and cannot be brought back other than by importing them again"
)


@click.command("take-back-import")
@click.argument("number", type=int, required=False)
@click.option("--by", "email", help="The e-mail address of the account in whose name it is done.")
@click.option("--reason", help="Why, for the history of events.")
@click.option("--left", type=click.Path(dir_okay=False, path_type=Path), help="Where the list of what stays goes.")
@click.option("--dry-run", is_flag=True, help="Only say what would go and what would stay.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def take_back_import(
    number: int | None, email: str | None, reason: str | None, left: Path | None, dry_run: bool, yes: bool
) -> None:
    """Delete the cases of one import again, except those that something has happened to since.

    Without a NUMBER it lists the imports.
    """
    runs = _imports()
    if number is None:
        _list(runs)
        return
    run = next((one for one in runs if one.id == number), None)
    if run is None:
        raise click.ClickException(f"There is no import {number}. Without a number, take-back-import lists them.")
    by = None if dry_run else _who(email, reason)
    going = TakingBack(run)
    _show(going.look(), run)
    if by is None or not reason:
        _tell(going.outcome, left or Path(f"import-{run.id}-left.csv"), "would go", "would stay")
        return
    if not yes:
        click.confirm(SURE.format(gone=going.outcome.gone, run=run), abort=True)
    _show(going.act(by=by, now=clock.now(), reason=reason), run)
    _tell(going.outcome, left or Path(f"import-{run.id}-left.csv"), "are gone", "stay")


def _imports() -> list[Taken]:
    try:
        with unit_of_work() as session:
            return imports(session)
    except sa.exc.ProgrammingError as error:
        raise click.ClickException("The database is not set up: flask --app wsgi db upgrade") from error


def _who(email: str | None, reason: str | None) -> Actor:
    if not email or not (reason or "").strip():
        raise click.ClickException("Say in whose name and why: --by E-MAIL --reason TEXT (or try it with --dry-run)")
    with unit_of_work() as session:
        mine = sa.func.lower(Staff.email) == email.strip().lower()
        found = session.scalar(sa.select(Staff.id).where(mine, Staff.active))
    if found is None:
        raise click.ClickException(f"Nobody has an account in use with the address {email!r}")
    return Actor("staff", found)


def _list(runs: Iterable[Taken]) -> None:
    for run in runs:
        end = f"finished {run.finished_at:%Y-%m-%d %H:%M}" if run.finished_at else "not finished"
        about = f"{run.source}, {run.file_name}, begun {run.begun_at:%Y-%m-%d %H:%M} UTC, {end}"
        click.echo(f"{run.id}: {about}: {run.cases:,} cases")


def _show(steps: Iterable[Outcome], run: Taken) -> None:
    with Bar(run.cases) as bar:
        for outcome in steps:
            bar.show(outcome.seen, f"{outcome.seen:,} cases")


def _tell(outcome: Outcome, path: Path, gone: str, stay: str) -> None:
    """The first that stay on the terminal, and all of them in a file; 2 when there are any."""
    click.echo(f"{outcome.gone:,} cases {gone}.")
    if not outcome.left:
        return
    for one in outcome.left[:SHOWN]:
        click.echo(f"{one.number} ({one.reference}): {one.why}", err=True)
    _write(path, outcome.left)
    click.echo(f"{len(outcome.left):,} {stay}: see {path}")
    raise SystemExit(2)


def _write(path: Path, left: Iterable[Left]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(BOM + csv_line(("number", "reference", "why")))
        file.writelines(csv_line((one.number, one.reference, one.why)) for one in left)
