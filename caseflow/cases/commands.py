"""`flask --app wsgi load-municipality FILE`."""

from __future__ import annotations

from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import with_appcontext

from caseflow.cases import configuration
from caseflow.database import unit_of_work


@click.command("load-municipality")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def load_municipality(file: Path) -> None:
    """Load or update the municipality from a YAML file (see caseflow/demo/finspang.yaml)."""
    try:
        with unit_of_work():
            counts = configuration.load(configuration.read(file))
    except (configuration.Unreadable, sa.exc.IntegrityError, sa.exc.DataError) as error:
        raise click.ClickException(str(getattr(error, "orig", error))) from error
    click.echo("Loaded " + ", ".join(f"{count} {table}" for table, count in counts.items()) + ".")
