"""A PostgreSQL cluster with every migration, the example municipality and its demo staff, and no case.

It is made once for a whole run of the tests, while they are collected, and copied by whoever wants a database of their
own: the processes of the run, the chaos, and the house that is started as a person starts it.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from flask_migrate import upgrade

from caseflow import create_app, embedded
from caseflow.cases.municipality import configuration
from caseflow.database import unit_of_work
from caseflow.demo import staff
from caseflow.demo.commands import EXAMPLE
from caseflow.processes import wait_until
from config import Config
from tests import clean, nursery

PATIENCE = 180.0


def order() -> None:
    """Have it made, unless somebody had before."""
    place = _place()
    try:
        place.mkdir()
    except FileExistsError:
        return
    nursery.Newborn("tests.blueprint", str(place), environ=os.environ, log=place / "log")


def ordered() -> bool:
    return nursery.ADDRESS in os.environ and _place().exists()


def lay(data: Path) -> None:
    """A copy for the data folder, which has no cluster yet; once there is one to copy."""
    order()
    assert wait_until((_place() / "postgres").exists, PATIENCE), (_place() / "log").read_text()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copytree(_place() / "postgres", data / "postgres")


def _place() -> Path:
    return Path(nursery.address()).with_name("blueprint")


def main() -> None:
    place = Path(sys.argv[1])
    house = place / "house"
    with embedded.servers(house, durable=False) as urls:
        environ = {"CASEFLOW_DATA": str(house), "DATABASE_URL": urls.database_url, "REDIS_URL": urls.redis_url}
        with create_app(Config.from_environment(environ)).app_context():
            upgrade()
            clean.prepare(configuration.read(EXAMPLE))
            with unit_of_work():
                staff.hire()
    (house / "postgres").rename(place / "postgres")  # whoever finds it finds all of it


if __name__ == "__main__":
    main()
