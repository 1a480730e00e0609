"""The web app: `gunicorn wsgi:app`, `flask --app wsgi <command>`."""

import gc
import os
import sys

gc.disable()  # nearly all that importing makes stays: to look through it again and again takes a fifth of the start

from caseflow import create_app  # noqa: E402
from config import Config, ConfigError  # noqa: E402

try:
    config = Config.from_environment(os.environ)
except ConfigError as error:
    sys.exit(str(error))

app = create_app(config)

gc.freeze()  # nor is it looked through later, nor copied into each worker for having been looked at
gc.set_threshold(
    50_000, 20, 100
)  # a page makes thousands of things and next to no circles of them: 6 to 9 % of its time
gc.enable()
