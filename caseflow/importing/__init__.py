"""Moving in: the cases of an old system, from its export file."""

from flask import Flask

from caseflow.importing import commands


def init_app(app: Flask) -> None:
    app.cli.add_command(commands.import_cases)
