"""Staff, roles, what each may see and do: one permission table, one query scope."""

from __future__ import annotations

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore

from caseflow.accounts import commands, entrance_views, factor_views, link_views, passkeys, second_step_views, views
from caseflow.accounts.forms import SignInForm
from caseflow.accounts.models import Role, Staff
from caseflow.accounts.settings import SETTINGS
from caseflow.database import db

datastore = SQLAlchemyUserDatastore(db, Staff, Role)


def init_app(app: Flask) -> None:
    for key, value in SETTINGS.items():
        app.config.setdefault(key, value)
    Security(app, datastore, login_form=SignInForm)
    entrance_views.init_app(app)
    second_step_views.init_app(app)
    app.register_blueprint(views.blueprint)
    app.register_blueprint(link_views.blueprint)
    app.register_blueprint(factor_views.blueprint)
    app.cli.add_command(commands.create_staff)
    app.cli.add_command(commands.reset_second_step)
    app.context_processor(lambda: {"passkeys_possible": passkeys.house() is not None})
