"""The resident's door: form, receipt, own page."""

from __future__ import annotations

from flask import Flask

from caseflow.intake import offer, views


def init_app(app: Flask) -> None:
    offer.init_app(app)
    app.register_blueprint(views.blueprint)
    app.context_processor(views.frame)
