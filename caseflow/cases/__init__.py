"""The heart: cases, their life and their routing; around it the rooms where staff work with them (ARCHITECTURE.md)."""

from __future__ import annotations

from flask import Flask
from flask_babel import Babel

from caseflow.cases import questions, words
from caseflow.cases.municipality import commands, directory
from caseflow.cases.municipality.resident_rules import ResidentRules
from caseflow.cases.suggestions import commands as suggestion_commands
from caseflow.cases.views import SCREENS


def init_app(app: Flask) -> None:
    for screen in SCREENS:
        app.register_blueprint(screen.blueprint)
    app.cli.add_command(commands.load_municipality)
    app.cli.add_command(commands.export_municipality)
    app.cli.add_command(suggestion_commands.train_suggestions)
    app.context_processor(
        lambda: {
            "municipality": directory.municipality,
            "words": words,
            "asked_besides": questions.told,
            "forwarding": _forwarding,
        }
    )
    app.register_error_handler(directory.NotSetUp, _not_set_up)
    _speak_local_time(app.extensions["babel"])


def _forwarding() -> str:
    """How a letter reaches somebody with protected personal data."""
    return ResidentRules.of(directory.municipality()).forwarding


def _not_set_up(error: directory.NotSetUp) -> tuple[str, int, dict[str, str]]:
    """Read by whoever installs caseflow, before there is a municipality whose language to speak."""
    words = "caseflow runs, but no municipality is loaded yet: flask --app wsgi load-municipality FILE\n"
    return words, 503, {"Content-Type": "text/plain"}


def _speak_local_time(babel: Babel) -> None:
    """Times on pages are the municipality's."""
    babel.timezone_selector = lambda: directory.known().timezone
