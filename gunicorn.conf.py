"""gunicorn's settings, for `make run` and for a server of your own alike (gunicorn reads this file by itself).

WEB_CONCURRENCY (how many processes) and FORWARDED_ALLOW_IPS (whose X-Forwarded-Proto counts) are gunicorn's variables.
"""

import os

host = os.environ.get("HOST") or "127.0.0.1"
port = os.environ.get("PORT") or "8000"
bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
preload_app = True  # one import for all workers; nothing is connected before they fork
timeout = 60
graceful_timeout = 5
keepalive = 15
max_requests = 20_000
max_requests_jitter = 2_000
# The request lines are the app's own (caseflow/logs.py): gunicorn's hold paths, and a path may hold a case's code.
accesslog = None
loglevel = "warning"
control_socket_disable = True
