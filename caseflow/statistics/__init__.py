"""What the managers see: figures counted from the audit events."""

from flask import Flask

from caseflow.statistics import views


def init_app(app: Flask) -> None:
    app.register_blueprint(views.blueprint)
