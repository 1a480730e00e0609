"""`python -m caseflow.reachable`: are the DATABASE_URL and the REDIS_URL that are set there? Exit code 1 if not.

Run as a process of its own, because the drivers take longer to load than everything else of a start.
"""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit

import psycopg
import redis

PATIENCE = 5


def main() -> None:
    """One sentence on standard error for what cannot be reached; never with the password."""
    database, broker = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    wrong = (_database(database) if database else None, _broker(broker) if broker else None)
    if any(wrong):
        sys.exit("\n".join(filter(None, wrong)))


def _database(url: str) -> str | None:
    try:
        psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=PATIENCE).close()
    except psycopg.OperationalError as error:  # libpq names the user here but never the password
        return f"The database {_place(url)} (DATABASE_URL) cannot be reached: {_reason(error)}"
    except (psycopg.Error, ValueError):
        return f"DATABASE_URL ({_place(url)}) is not a PostgreSQL address that can be understood."
    return None


def _broker(url: str) -> str | None:
    try:
        client = redis.Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)
        client.ping()
        client.close()
    except redis.RedisError as error:
        return f"The broker {_place(url)} (REDIS_URL) cannot be reached: {_reason(error)}"
    except ValueError:
        return f"REDIS_URL ({_place(url)}) is not an address that can be understood."
    return None


def _place(url: str) -> str:
    """host:port/name: what a person needs to recognise it, and nothing secret."""
    parts = urlsplit(url)
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"


def _reason(error: Exception) -> str:
    """The driver's last clause: libpq, for one, says the address three times over first."""
    line = next(iter(str(error).splitlines()), "").rpartition("failed: ")[2].strip().rstrip(".")
    return f"{line or 'no answer'}."


if __name__ == "__main__":
    main()
