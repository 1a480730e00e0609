"""The example municipality, demo staff, and cases to try things with."""

from flask import Flask

from caseflow.demo import commands, staff


def init_app(app: Flask) -> None:
    app.cli.add_command(commands.prepare)
    app.cli.add_command(commands.generate_cases)
    app.jinja_env.globals["demo_logins"] = staff.LOGINS if app.config["DEMO"] else ()
