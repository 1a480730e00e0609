"""`flask --app wsgi import-cases FILE --mapping M.yaml`: the cases of an old system move in. See docs/importing.md."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from flask_babel import force_locale

from caseflow import clock
from caseflow.cases.municipality import directory
from caseflow.cases.municipality.checked_yaml import Unreadable
from caseflow.database import unit_of_work
from caseflow.importing import mapping as mappings
from caseflow.importing.old_file import OldFile, Unusable
from caseflow.importing.rejects import SHOWN, RejectFile
from caseflow.importing.running import Run, Tally
from caseflow.progress import Bar

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import-cases")
@click.argument("file", type=EXISTING)
@click.option("--mapping", required=True, type=EXISTING, help="The YAML file that says what the columns mean.")
@click.option("--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Where bad rows go: FILE-rejects.csv.")
@click.option("--all-or-nothing", is_flag=True, help="Import only if every row is good.")
@click.option("--dry-run", is_flag=True, help="Read everything, and import nothing.")
@with_appcontext
def import_cases(file: Path, mapping: Path, rejects: Path | None, all_or_nothing: bool, dry_run: bool) -> None:
    """Take over the cases of an old system from a CSV FILE. Nobody is told of anything.

    Run again, it goes on where it stopped, and imports no row twice.
    """
    started = clock.now()
    with force_locale("en"):  # the language of the mapping's own words
        run, bad = _prepared(file, mapping, rejects or file.with_name(f"{file.stem}-rejects.csv"))
        try:
            _go(run, bad, all_or_nothing=all_or_nothing, dry_run=dry_run)
        except Unusable as error:
            raise click.ClickException(
                f"{file}: {error}. {run.tally.imported:,} cases were imported before."
            ) from error
        finally:
            bad.close()
    _tell(run, bad, (clock.now() - started).total_seconds(), dry_run)


def _prepared(file: Path, mapping: Path, rejects: Path) -> tuple[Run, RejectFile]:
    try:
        found = mappings.load(mapping)
        old = OldFile(file, found)
        bad = RejectFile(rejects, old, found, lambda told: click.echo(told, err=True))
        if rejects.exists() and rejects.samefile(file):
            raise click.ClickException("The file would overwrite itself with its bad rows: name another with --rejects")
        return Run(old, found, clock.now(), bad), bad
    except Unreadable as error:
        raise click.ClickException(f"{mapping}: {error}" if str(mapping) not in str(error) else str(error)) from error
    except Unusable as error:
        raise click.ClickException(f"{file}: {error}") from error
    except ValueError as error:  # nobody has the author's address
        raise click.ClickException(f"{mapping}: import, author: {error}") from error
    except (directory.NotSetUp, sa.exc.ProgrammingError) as error:
        raise click.ClickException("No municipality is loaded: flask --app wsgi load-municipality FILE") from error


def _go(run: Run, bad: RejectFile, *, all_or_nothing: bool, dry_run: bool) -> None:
    if dry_run or all_or_nothing:
        _show(run.check(), run)
    if dry_run:
        return
    if all_or_nothing and run.tally.rejected:
        raise click.ClickException(f"{run.tally.rejected:,} rows are bad, so nothing was imported. See {bad.path}")
    bad.again()
    run.begin()
    if run.began:
        click.echo(f"This file was begun on {run.began:%Y-%m-%d %H:%M} UTC: what is there already stays as it is.")
    _show(run.write_at_once() if all_or_nothing else run.write(), run)
    with unit_of_work() as session:
        session.execute(sa.text('ANALYZE "case", entry, event, case_lookup, imported_case'))


def _tell(run: Run, bad: RejectFile, seconds: float, dry_run: bool) -> None:
    tally = run.tally
    done = "could be imported" if dry_run else "imported"
    click.echo(f"{tally.imported:,} of {tally.rows:,} rows {done} in {seconds:,.1f} s.")
    if tally.present:
        click.echo(f"{tally.present:,} were there already.")
    if tally.rejected:
        more = f" The first {SHOWN} stand above." if tally.rejected > SHOWN else ""
        click.echo(f"{tally.rejected:,} are bad: see {bad.path}.{more}")
        raise SystemExit(2)


def _show(steps: Iterable[Tally], run: Run) -> None:
    with Bar(run.file.size) as bar:
        for tally in steps:
            bar.show(run.file.done, f"{tally.rows:,} rows read")
