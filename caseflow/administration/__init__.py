"""The municipality's configuration in the browser: changed part by part, checked as a whole, and written down."""

from __future__ import annotations

from flask import Flask

from caseflow.administration.views import blueprint


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
