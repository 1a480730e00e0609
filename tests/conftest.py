"""The world of the tests: a real PostgreSQL and Valkey, the real app, a clean database for each test."""

from __future__ import annotations

import gc

gc.disable()  # nearly all that importing and collecting make stays: looking through it again and again takes a fifth

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask, g
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import HealthCheck, settings
from jinja2 import FileSystemBytecodeCache

import caseflow.importing  # their tables are emptied with the others
import caseflow.intake
import caseflow.statistics  # noqa: F401  # likewise
from caseflow import create_app, embedded, limiting
from caseflow.cases.delivery import deliveries
from caseflow.cases.municipality import configuration
from caseflow.database import db
from caseflow.messages.models import Message
from config import Config
from tests import blueprint, clean, nursery

# One change gets one verdict from CI; looking for new counterexamples is for whoever can look into them, and with
# `--hypothesis-profile=default` there are three times as many.
# On a busy machine anything may be slow to draw.
SLOW = [HealthCheck.too_slow]
settings.register_profile("few", max_examples=30, suppress_health_check=SLOW)
settings.register_profile("ci", max_examples=30, suppress_health_check=SLOW, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "few")

pytest_plugins = ["tests.cast", "tests.mailbox", "tests.browser"]

EXAMPLE = Path(__file__).parent.parent / "caseflow" / "demo" / "finspang.yaml"

# Files are handed out whole, to whoever is free, in this order.
LONGEST = (
    "test_the_walk",
    "test_up",
    "test_chaos_short",
    "test_deliveries_screens",
    "test_in_a_browser",
    "test_history",
    "test_case_screens",
    "test_calling_screens",
    "test_forty_before_lunch",
    "test_lifecycle",
    "test_delivery_on_the_case",
    "test_merging",
    "test_drafts",
    "test_worker",
    "test_acting_on_many",
    "test_bulk",
    "test_paper",
    "test_archive",
)

# Passwords are hashed as in the product and for a hundredth of its cost: many tests sign in, wait and sign in again.
# Tests fill in forms at once and from one place; those about robots say otherwise.
UNHINDERED = {"FORM_PATIENCE": None}
CHEAP_HASHES = {"argon2__time_cost": 1, "argon2__memory_cost": 64}


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment that the app, and every process a test starts, lives in: own servers, own data folder."""
    data = tmp_path_factory.mktemp("data")
    if blueprint.ordered():
        blueprint.lay(data / "servers")
    with embedded.servers(data / "servers", durable=False) as urls:
        yield {
            "CASEFLOW_DATA": str(data),
            "DATABASE_URL": urls.database_url,
            "REDIS_URL": urls.redis_url,
            "CASEFLOW_SECRET_KEY": "tests-only-0123456789-abcdefghijklm",
            "CASEFLOW_BASE_URL": "http://caseflow.test",
            "CASEFLOW_UNDO": "0",  # the tests that are about undoing say so, and those about limits too
        }


@pytest.fixture(scope="session")
def whole_app(environment: dict[str, str], example: configuration.Row) -> Flask:
    """The app with all its rooms, on a migrated database with the example municipality."""
    config = Config.from_environment({**environment, "CASEFLOW_BASE_URL": "http://localhost"})
    hashes = {"SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": CHEAP_HASHES}
    app = create_app(SimpleNamespace(**asdict(config), **hashes, **UNHINDERED))
    app.testing = True
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(nursery.folder("templates")))
    limiting.limiter.enabled = False
    app.config["LIMITS"] = {}
    app.before_request_funcs.setdefault(None, []).insert(0, _forget_the_last_request)
    with app.app_context():
        if not clean.prepared():
            upgrade()
            clean.prepare(example)
    gc.freeze()  # as wsgi.py does
    return app


def _forget_the_last_request() -> None:
    """A test's requests share the context around the test: in its `g` the last user and token would stay."""
    for name in list(g):
        g.pop(name)


@pytest.fixture(scope="session")
def example() -> configuration.Row:
    return configuration.read(EXAMPLE)


@pytest.fixture(autouse=True)
def app(request: pytest.FixtureRequest) -> Iterator[Flask | None]:
    """A clean database, and the app's context around the test. Tests marked `no_app` go without."""
    if request.node.get_closest_marker("no_app"):
        yield None
        return
    whole_app: Flask = request.getfixturevalue("whole_app")
    with whole_app.app_context():
        clean.empty()
        yield whole_app
        db.session.rollback()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def with_token() -> Callable[[FlaskClient, dict[str, object]], dict[str, object]]:
    """The data of a form together with the CSRF token that a page gave to this client."""

    def add(client: FlaskClient, data: dict[str, object], page: str = "/login") -> dict[str, object]:
        text = client.get(page, follow_redirects=True).get_data(as_text=True)
        marker = 'name="csrf_token"'
        at = text.index(marker)
        token = text[at:].split('value="', 1)[1].split('"', 1)[0]
        return {**data, "csrf_token": token}

    return add


@pytest.fixture
def clock_at() -> Iterator[Callable[[datetime], time_machine.Coordinates]]:
    """Set the clock; it goes on from there until the test ends."""
    travels: list[time_machine.travel] = []

    def set_to(moment: datetime) -> time_machine.Coordinates:
        while travels:
            travels.pop().stop()
        travels.append(time_machine.travel(moment, tick=True))
        return travels[-1].start()

    yield set_to
    while travels:
        travels.pop().stop()


@pytest.fixture
def deliver_all(app: Flask) -> Callable[[], None]:
    """Do the worker's work for all messages that are due, here and now."""

    def work() -> None:
        waiting = sa.select(Message.id).where(Message.status == "queued").order_by(Message.id)
        for message_id in db.session.scalars(waiting).all():
            deliveries.deliver(message_id)

    return work


@pytest.fixture
def database_away(app: Flask) -> Iterator[Callable[[], None]]:
    """Call it and the app's database cannot be reached until the test ends."""
    engines, before = db.engines, db.engine

    def go() -> None:
        db.session.remove()
        app.config["PROPAGATE_EXCEPTIONS"] = False
        engines[None] = sa.create_engine("postgresql+psycopg://nobody@/none?host=/nonexistent", hide_parameters=True)

    yield go
    db.session.remove()
    app.config["PROPAGATE_EXCEPTIONS"] = None
    engines[None] = before


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, beside small ones: nobody waits for it in the end, and it hurries no other whole house."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


def pytest_collection(session: pytest.Session) -> None:
    """Where nothing is compiled yet, each process of a whole run compiles its share, and then finds the others’."""
    ours = getattr(session.config, "workerinput", None)
    if ours is None or session.config.args != session.config.getini("testpaths"):
        return
    here = Path(__file__).parent
    for path in sorted(here.rglob("test_*.py"))[int(ours["workerid"][2:]) :: ours["workercount"]]:
        with suppress(Exception):  # the collection says what is wrong with it
            import_module(".".join(path.relative_to(here.parent).with_suffix("").parts))


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(20_000)
    gc.enable()


def pytest_configure(config: pytest.Config) -> None:
    """One for all the processes of this run, which load nothing until a test wants a worker; in a run of several, they
    want a database each."""
    nursery.address()
    if config.getoption("numprocesses", None):
        threading.Thread(target=blueprint.order, daemon=True).start()


def pytest_report_header() -> str:
    return f"browser required: {os.environ.get('CASEFLOW_REQUIRE_BROWSER', '0')}"
