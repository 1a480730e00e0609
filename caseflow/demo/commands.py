"""`flask --app wsgi prepare`: what stands between an empty database and a running house."""

from __future__ import annotations

from pathlib import Path

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases import configuration
from caseflow.cases.models import Municipality
from caseflow.database import db, unit_of_work
from caseflow.demo import history, staff

EXAMPLE = Path(__file__).parent / "finspang.yaml"


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
            history.act_out(example, clock.now())
    for login in staff.LOGINS:
        if db.session.scalar(sa.select(Staff.id).where(Staff.email == login.email, Staff.demo)):
            click.echo(f"{login.email:28} {login.password:16} {login.what}")
