"""Moving in: the cases of an old system, from its export file."""

from flask import Flask

from caseflow.importing import commands, taking_back_command


def init_app(app: Flask) -> None:
    app.cli.add_command(commands.import_cases)
    app.cli.add_command(taking_back_command.take_back_import)
