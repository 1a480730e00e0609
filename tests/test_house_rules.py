"""Rules that hold for the whole house, whoever adds a room."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from caseflow import broker
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import May
from caseflow.broker import celery
from tests.reach import unsaid

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
SOURCES = [*(ROOT / "caseflow").rglob("*.py"), *(ROOT / "workers").rglob("*.py"), ROOT / "config.py", ROOT / "wsgi.py"]
# Flask's own file server, and Flask-Security's views, which guard themselves.
LIBRARY_ENDPOINTS = re.compile(r"^(static|security\..*|security_static.*)$")
SEALED = {"receipts.take"}  # no browser comes there: the address itself carries an HMAC
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


def _own_rules(app: Flask) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if not LIBRARY_ENDPOINTS.match(rule.endpoint))


def _path(rule: Rule) -> str:
    """The rule's path with something in each place that names nothing."""
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: "987654321" if found[1] == "int" else "2020-1", rule.rule)


def test_every_route_has_a_permission_gate(app: Flask) -> None:
    gates = {rule.endpoint: getattr(app.view_functions[rule.endpoint], "gate", None) for rule in _own_rules(app)}
    assert len(gates) > 20
    assert [endpoint for endpoint, gate in gates.items() if gate is None] == []


def test_staff_pages_are_never_public(app: Flask) -> None:
    staff_pages = [rule for rule in _own_rules(app) if rule.rule.startswith("/staff")]
    assert len(staff_pages) > 15
    assert [rule.rule for rule in staff_pages if not isinstance(app.view_functions[rule.endpoint].gate, May)] == []


def test_every_staff_page_that_names_something_says_who_may_reach_it(app: Flask) -> None:
    """The walk (tests/test_the_walk.py) then goes there as everybody."""
    assert unsaid(app) == []


def test_a_stranger_is_asked_to_sign_in_on_every_staff_page(app: Flask, client: FlaskClient) -> None:
    for rule in _own_rules(app):
        if rule.rule.startswith("/staff") and "GET" in (rule.methods or ()):
            answer = client.get(_path(rule))
            assert (answer.status_code, answer.location.split("?")[0]) == (302, "/login"), rule.rule


def test_every_unsafe_method_wants_a_csrf_token(
    app: Flask, clerk: Staff, sign_in: Callable[[Staff], FlaskClient]
) -> None:
    client = sign_in(clerk)
    unsafe = [(rule, method) for rule in app.url_map.iter_rules() for method in (rule.methods or set()) & UNSAFE]
    assert len(unsafe) > 10
    tokens = cycle([{}, {"csrf_token": "foreign"}])
    for rule, method in unsafe:
        if rule.endpoint in SEALED:
            assert client.open(_path(rule), method=method).status_code == 403, rule.rule
            continue
        token = next(tokens)
        assert client.open(_path(rule), method=method, data=token).status_code == 400, (method, rule.rule, token)


def test_pages_carry_the_security_headers(client: FlaskClient) -> None:
    for path in ("/", "/new", "/case/", "/login", "/nothing-here"):
        headers = client.get(path).headers
        assert "unsafe" not in headers["Content-Security-Policy"], path
        assert "default-src 'none'" in headers["Content-Security-Policy"], path
        assert "frame-ancestors" in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Cache-Control"] == "no-store", path
        assert "Strict-Transport-Security" not in headers, path
    assert "max-age" in client.get("/", base_url="https://localhost").headers["Strict-Transport-Security"]


@pytest.mark.no_app
def test_only_the_unit_of_work_commits() -> None:
    commits = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in SOURCES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\.commit\(", line) and path.name != "database.py"
    ]
    assert commits == []


@pytest.mark.no_app
def test_no_wall_clock_beside_the_clock() -> None:
    reads = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in SOURCES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"datetime\.(now|today|utcnow)\(|date\.today\(", line) and path.name != "clock.py"
    ]
    assert reads == []


@pytest.mark.no_app
def test_rules_below_the_views_know_no_ambient_actor() -> None:
    ambient = {"current_user", "request", "session"}
    allowed = re.compile(
        r"views|forms|errand_form|permissions|security|language|logs|accounts/__init__|assets|metrics|limiting"
    )
    found = []
    for path in SOURCES:
        if allowed.search(path.as_posix()):
            continue
        imports = "\n".join(re.findall(r"^from flask.*? import (?:\([^)]*\)|.*)$", path.read_text(), re.MULTILINE))
        for node in ast.parse(imports).body:
            if isinstance(node, ast.ImportFrom):
                found += [f"{path.relative_to(ROOT)}: {alias.name}" for alias in node.names if alias.name in ambient]
    assert found == []


@pytest.mark.no_app
def test_there_are_no_drawers() -> None:
    drawers = {"utils", "helpers", "services", "constants", "common", "misc"}
    assert [path for path in SOURCES if path.stem in drawers] == []


def test_every_ring_and_every_timetable_entry_has_a_task(app: Flask) -> None:
    import workers.tasks  # a worker's tasks exist only once this is loaded, and a whole app with it

    broker.init_app(app)  # that other app has turned the bell to its own broker
    celery._after_fork()
    rung = {
        found[1] for path in SOURCES for found in re.finditer(r"""\bring\(\s*["'](\w+)["']""", path.read_text())
    } | {str(entry["task"]) for entry in workers.schedule.TIMETABLE.values()}
    assert rung >= {"deliver", "sweep", "heartbeat"}
    assert rung <= set(celery.tasks)


@pytest.mark.no_app
def test_no_template_is_unused() -> None:
    said = "\n".join(path.read_text() for path in [*SOURCES, *TEMPLATES.rglob("*.*")])
    names = [path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.*")]
    assert [name for name in names if name.rpartition("/")[2] not in said and name not in said] == []


@pytest.mark.no_app
def test_pages_hold_no_inline_style_or_script() -> None:
    """The policy forbids them, so such a line would be dead. Mails are no pages."""
    forbidden = re.compile(r"""\sstyle=|\son[a-z]+=["']|<style|<script(?![^>]*\ssrc=)|javascript:""", re.IGNORECASE)
    found = [
        f"{path.relative_to(TEMPLATES)}: {match.group()}"
        for path in TEMPLATES.rglob("*.html")
        if path.parent.name != "messages"
        for match in forbidden.finditer(path.read_text())
    ]
    assert found == []
