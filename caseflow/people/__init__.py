"""Who has an account: found, invited, given a role and departments, closed and opened again by who manages accounts."""

from __future__ import annotations

from flask import Flask

from caseflow.people import leave_views, oidc_views
from caseflow.people.views import blueprint

__all__ = ["init_app", "leave_views"]


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    oidc_views.init_app(app)
