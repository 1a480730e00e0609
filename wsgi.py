"""The web app: `gunicorn wsgi:app`, `flask --app wsgi <command>`."""

import os
import sys

from caseflow import create_app
from config import Config, ConfigError

try:
    config = Config.from_environment(os.environ)
except ConfigError as error:
    sys.exit(str(error))

app = create_app(config)
