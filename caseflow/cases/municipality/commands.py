"""`flask --app wsgi load-municipality FILE`, and the way back."""

from __future__ import annotations

from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from flask_babel import force_locale

from caseflow import clock
from caseflow.audit import SYSTEM
from caseflow.cases.municipality import changing, configuration, exporting
from caseflow.database import unit_of_work


@click.command("load-municipality")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def load_municipality(file: Path) -> None:
    """Load or update the municipality from a YAML file (see caseflow/demo/finspang.yaml)."""
    try:
        with force_locale("en"), unit_of_work():  # the language of the file's own words
            found = configuration.read(file)
            changing.apply(found, by=SYSTEM, now=clock.now())
            counts = configuration.count(found)
    except (configuration.Unreadable, sa.exc.IntegrityError, sa.exc.DataError) as error:
        raise click.ClickException(str(getattr(error, "orig", error))) from error
    click.echo("Loaded " + ", ".join(f"{count} {table}" for table, count in counts.items()) + ".")


@click.command("export-municipality")
@with_appcontext
def export_municipality() -> None:
    """Print the municipality as the YAML file that load-municipality reads."""
    click.echo(exporting.as_yaml(exporting.document()), nl=False)
