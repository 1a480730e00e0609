"""`flask --app wsgi train-suggestions`: learn from the closed cases now instead of tonight."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from caseflow import clock
from caseflow.cases.suggestions import training


@click.command("train-suggestions")
@with_appcontext
def train_suggestions() -> None:
    """Learn which words belong to which department and category, and say how well it went."""
    learnt = training.train(clock.now())
    if learnt is None:
        raise click.ClickException(f"There are too few closed cases to learn from (at least {training.FEWEST}).")
    for what, name in (("rules", "routing rules alone"), ("department", "departments"), ("category", "categories")):
        if found := learnt.measure(what):
            click.echo(f"{name:20} {found.right:,} of {found.cases:,} held-back cases right ({found.accuracy:.0%})")
    click.echo("It is in use." if learnt.state == "in_use" else "It is no better than what is in use, which stays.")
