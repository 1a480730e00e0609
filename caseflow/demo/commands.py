"""`flask --app wsgi prepare` makes a running house of an empty database; `generate-cases` fills it for load tests."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from contextlib import closing
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.models import Municipality
from caseflow.cases.municipality import configuration, directory
from caseflow.database import db, unit_of_work
from caseflow.demo import archive, bulk, history, staff
from caseflow.progress import Bar
from caseflow.statistics import rollup

EXAMPLE = Path(__file__).parent / "finspang.yaml"
NOT_SET_UP = "No municipality is loaded. First: flask --app wsgi db upgrade, then load-municipality FILE"
NOBODY_TO_REPLY = "Nobody can reply to cases. Make an account first: flask --app wsgi create-staff"
# From so many on they are composed by several processes and written as a whole.
BULK = 20_000
SURE = "This is not a demo: the invented cases cannot be told apart from real ones, nor taken out again. Go on?"


@click.command("prepare")
@with_appcontext
def prepare() -> None:
    """Bring the database up to date; in demo mode fill an empty one with the example municipality.

    Prints the demo logins that work, one a line. Called by `make run` at each start.
    """
    upgrade()
    if not current_app.config["DEMO"]:
        return
    with unit_of_work() as session:
        if session.get(Municipality, 1) is None:
            example = configuration.read(EXAMPLE)
            configuration.load(example)
            staff.hire()
            archive.fill(clock.now())
            history.act_out(example, clock.now())
            rollup.update(clock.now())
    for login in staff.LOGINS:
        if db.session.scalar(sa.select(Staff.id).where(Staff.email == login.email, Staff.demo)):
            click.echo(f"{login.email:28} {login.password:16} {login.what}")


@click.command("generate-cases")
@click.option("--count", type=click.IntRange(min=1), required=True, help="How many cases.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed tells the same stories.")
@click.option("--years", type=click.FloatRange(0.01, 50), help="How far back: 2, or 1 for each 100,000 cases up to 10.")
@click.option("--yes", is_flag=True, help="Do not ask outside demo mode.")
@click.option("--bulk-from", type=int, default=BULK, hidden=True)
@click.option("--processes", type=click.IntRange(min=1), help="How many compose many cases: one for each processor.")
@with_appcontext
def generate_cases(count: int, seed: int, years: float | None, yes: bool, bulk_from: int, processes: int) -> None:
    """Add invented cases with their messages and events, most of them closed. Nothing is sent.

    Ctrl-C keeps the cases that are written by then; 20,000 and more come all together or not at all.
    """
    if not (current_app.config["DEMO"] or yes):
        click.confirm(SURE, abort=True)
    try:
        cases = bulk.Bulk(count, seed=seed, years=years or bulk.years_for(count), now=clock.now())
    except (directory.NotSetUp, sa.exc.ProgrammingError) as error:
        raise click.ClickException(NOT_SET_UP) from error
    except bulk.NobodyToReply as error:
        raise click.ClickException(NOBODY_TO_REPLY) from error
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    started = clock.now()
    many = count >= bulk_from
    steps = cases.write_whole(processes or os.cpu_count() or 1) if many else _written(cases)
    with closing(steps):
        _show(steps, count)
    seconds = (clock.now() - started).total_seconds()
    click.echo(f"{count:,} cases in {seconds:,.1f} s ({count / seconds:,.0f} a second).")


def _written(cases: bulk.Bulk) -> Generator[bulk.Step, None, None]:
    for done in cases.write():
        yield bulk.Step(bulk.WRITTEN, done)


def _show(steps: Iterable[bulk.Step], total: int) -> None:
    """One after the other what is done."""
    for what, some in groupby(steps, key=attrgetter("what")):
        with Bar(total) as bar:
            for step in some:
                bar.show(step.done, f"{step.done:,} of {total:,} {what}")
