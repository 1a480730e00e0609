"""`flask --app wsgi rebuild-statistics`: all figures counted from nothing."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from caseflow import clock
from caseflow.cases.municipality import directory
from caseflow.database import unit_of_work
from caseflow.progress import Bar
from caseflow.statistics import rollup

NOT_SET_UP = "No municipality is loaded. First: flask --app wsgi db upgrade, then load-municipality FILE"


@click.command("rebuild-statistics")
@with_appcontext
def rebuild_statistics() -> None:
    """Count all figures anew, from every event there is. Until it is done the pages show the figures of before.

    A worker does so by itself when the calendar or the program counts otherwise; harmless at any time.
    """
    started = clock.now()
    try:
        with Bar(rollup.length()) as bar, unit_of_work():
            cases = rollup.rebuild(started, lambda done: bar.show(done, f"{done:,}"))
    except directory.NotSetUp as error:
        raise click.ClickException(NOT_SET_UP) from error
    seconds = (clock.now() - started).total_seconds()
    click.echo(f"Counted {cases:,} cases in {seconds:,.1f} s.")
