"""What the product accepts and refuses as settings."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config import Config, ConfigError

pytestmark = pytest.mark.no_app

ROOT = Path(__file__).parent.parent
GOOD_KEY = "kX3v9-qLm2_Zp8RtYw5NcBd7Hs4Jf6Ga"
PRODUCTION = {
    "CASEFLOW_MODE": "production",
    "CASEFLOW_SECRET_KEY": GOOD_KEY,
    "CASEFLOW_BASE_URL": "https://arende.example.org",
}


def test_production_takes_a_good_key_and_sets_the_host_cookie() -> None:
    config = Config.from_environment(PRODUCTION)
    assert (config.MODE, config.DEMO, config.SECRET_KEY) == ("production", False, GOOD_KEY)
    assert (config.SESSION_COOKIE_NAME, config.SESSION_COOKIE_SECURE) == ("__Host-caseflow", True)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "  ",
        GOOD_KEY[:31],
        "x" * 64,
        "ab" * 32,
        "changeme-changeme-changeme-0123456789",
        "my-very-secret-key-of-2026-really",
    ],
)
def test_production_refuses_a_missing_short_or_guessable_key(key: str) -> None:
    with pytest.raises(ConfigError, match="CASEFLOW_SECRET_KEY") as refused:
        Config.from_environment({**PRODUCTION, "CASEFLOW_SECRET_KEY": key})
    assert not key.strip() or key not in str(refused.value)


def test_production_refuses_plain_http_except_on_this_machine() -> None:
    with pytest.raises(ConfigError, match="https"):
        Config.from_environment({**PRODUCTION, "CASEFLOW_BASE_URL": "http://arende.example.org"})
    local = Config.from_environment({**PRODUCTION, "CASEFLOW_BASE_URL": "http://localhost:8000"})
    assert (local.SESSION_COOKIE_NAME, local.SESSION_COOKIE_SECURE) == ("caseflow", False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CASEFLOW_MODE", "prod"),
        ("PORT", "0"),
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("CASEFLOW_PROXY_HOPS", "-1"),
        ("CASEFLOW_BASE_URL", "arende.example.org"),
        ("CASEFLOW_BASE_URL", "https://example.org/arende"),
        ("DATABASE_URL", "sqlite:///x.db"),
        ("REDIS_URL", "amqp://localhost"),
        ("SMTP_URL", "mail.example.org"),
        ("DATABASE_URL", "postgresql://me:pass word@db.example/errands"),
        ("REDIS_URL", "redis://[broken/0"),
        ("SMTP_URL", "smtp://me:p/w@mail.example:587x"),
        ("OIDC_ISSUER", "http://login.example"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_its_name(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=name):
        Config.from_environment({"CASEFLOW_DATA": str(tmp_path), name: value})


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_every_spelling_of_a_postgresql_address_is_understood(scheme: str) -> None:
    config = Config.from_environment({**PRODUCTION, "DATABASE_URL": f"{scheme}://me:p%40ss@db.example:5433/errands"})
    assert config.SQLALCHEMY_DATABASE_URI == "postgresql+psycopg://me:p%40ss@db.example:5433/errands"


def test_without_addresses_the_embedded_servers_of_the_data_folder_are_meant(tmp_path: Path) -> None:
    first, second = (Config.from_environment({"CASEFLOW_DATA": str(tmp_path)}) for _ in range(2))
    assert first.SQLALCHEMY_DATABASE_URI == second.SQLALCHEMY_DATABASE_URI
    assert first.SQLALCHEMY_DATABASE_URI.startswith("postgresql+psycopg://caseflow@/caseflow?host=/")
    assert first.REDIS_URL.startswith("unix:///")


@pytest.mark.parametrize(
    ("environ", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"PORT": "9000"}, "http://127.0.0.1:9000"),
        ({"HOST": "0.0.0.0"}, "http://127.0.0.1:8000"),
        ({"HOST": "::"}, "http://[::1]:8000"),
        ({"HOST": "errands.local"}, "http://errands.local:8000"),
        ({"CASEFLOW_BASE_URL": "https://arende.example.org/"}, "https://arende.example.org"),
    ],
)
def test_the_address_that_residents_see(environ: dict[str, str], address: str, tmp_path: Path) -> None:
    seen = Config.from_environment({"CASEFLOW_DATA": str(tmp_path), **environ}).BASE_URL
    assert seen == address


def test_a_demo_makes_its_key_once_for_itself_alone(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    first, second = (Config.from_environment({"CASEFLOW_DATA": str(data)}).SECRET_KEY for _ in range(2))
    other = Config.from_environment({"CASEFLOW_DATA": str(tmp_path / "other")}).SECRET_KEY
    assert first == second != other
    assert len(first) >= 32
    assert stat.S_IMODE((data / "secret-key").stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_processes_that_start_together_agree_on_the_key(tmp_path: Path) -> None:
    ask = "import os, config; print(config.Config.from_environment(os.environ).SECRET_KEY)"
    environ = {
        **os.environ,
        "CASEFLOW_DATA": str(tmp_path / "data"),
        "CASEFLOW_MODE": "demo",
        "CASEFLOW_SECRET_KEY": "",
    }
    racers = [
        subprocess.Popen([sys.executable, "-c", ask], cwd=ROOT, env=environ, stdout=subprocess.PIPE) for _ in range(6)
    ]
    keys = {racer.communicate()[0] for racer in racers}
    assert len(keys) == 1
    assert len(keys.pop().strip()) >= 32
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret-key"]


def test_the_settings_do_not_show_their_values() -> None:
    assert GOOD_KEY not in repr(Config.from_environment(PRODUCTION))


def test_the_web_app_says_what_is_wrong_in_one_sentence() -> None:
    environ = {**os.environ, **PRODUCTION, "CASEFLOW_SECRET_KEY": "short"}
    done = subprocess.run([sys.executable, "-c", "import wsgi"], cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("CASEFLOW_SECRET_KEY is shorter than 32 characters")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        ("streets: {role: boss}", "streets needs a role"),
        ("streets: {role: caseworker, departments: {sb: all}}", "need levels"),
        ("streets: {role: caseworker, departments: {sb: [read]}}", "need levels"),
        ("- streets", "by group"),
        ("[", "cannot be read"),
    ],
)
def test_what_groups_mean_is_said_by_role_and_level(groups: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "groups.yaml"
    settings = {"OIDC_ISSUER": "https://login.example", "OIDC_CLIENT_ID": "us", "OIDC_CLIENT_SECRET": "not-shown"}
    environ = {"CASEFLOW_DATA": str(tmp_path), **settings, "OIDC_GROUPS": str(file)}
    file.write_text(groups)
    with pytest.raises(ConfigError, match=told):
        Config.from_environment(environ)
    file.write_text("streets: {role: caseworker, departments: {sb: handle}}")
    provider = Config.from_environment(environ).OIDC
    assert provider and "not-shown" not in repr(provider)
    assert provider.groups["streets"].levels == {"sb": "handle"} and provider.rights(["others"]) is None
    with pytest.raises(ConfigError, match="OIDC_SCOPE"):
        Config.from_environment({**environ, "OIDC_SCOPE": "email"})
