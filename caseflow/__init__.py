"""caseflow: citizen errands from the web form to the answer. `create_app` assembles the rooms."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

ROOT = Path(__file__).resolve().parent.parent


def create_app(config: object) -> Flask:
    """The Flask app for a config object (uppercase attributes, see config.py).

    The imports stand inside, so that the supervisor (`python -m caseflow`) starts without loading any room.
    """
    from flask import Flask
    from flask_wtf import CSRFProtect
    from werkzeug.middleware.proxy_fix import ProxyFix

    from caseflow import (
        accounts,
        administration,
        assets,
        broker,
        cases,
        database,
        demo,
        health,
        importing,
        intake,
        language,
        limiting,
        logs,
        mailroom,
        mould,
        people,
        security,
        statistics,
    )

    class Caseflow(Flask):
        def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
            """Nothing here is async, and Flask would look at each function anew on each request."""
            return func

    app = Caseflow("caseflow", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "caseflow/static"))
    app.config.from_object(config)
    hops = app.config["PROXY_HOPS"]
    app.jinja_options = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.autoescape = lambda name: name is None or not name.endswith(".txt")
    database.init_app(app)
    database.migrate.init_app(app, database.db, directory=str(ROOT / "migrations"))
    CSRFProtect(app)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    base = (logs, assets, security, language, broker, limiting, accounts, health, mould)
    for room in (*base, cases, intake, mailroom, importing, statistics, people, administration, demo):
        room.init_app(app)
    return app
