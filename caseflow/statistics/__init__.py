"""What the managers see: figures counted from the audit events.

`counting.py` says what an event counts for, `rollup.py` keeps the facts by day (`blocks.py`), `figures.py` reads
them for a person's scope, `definitions.py` says what each figure means.
"""

from flask import Flask

from caseflow.statistics import (
    commands,
    comparison_views,
    data_views,
    open_data,
    open_data_views,
    report_wish_views,
    views,
)


def init_app(app: Flask) -> None:
    for screen in (views, comparison_views, data_views, open_data_views, report_wish_views):
        app.register_blueprint(screen.blueprint)
    app.jinja_env.globals["open_data_published"] = open_data.is_published
    app.cli.add_command(commands.rebuild_statistics)
