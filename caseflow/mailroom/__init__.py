"""Mail coming in: read, put on its case or made one, and bounces told to the outbox."""

from __future__ import annotations

from flask import Flask

from caseflow.mailroom import commands, views


def init_app(app: Flask) -> None:
    app.cli.add_command(commands.ingest_mail)
    app.register_blueprint(views.blueprint)
