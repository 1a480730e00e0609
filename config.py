"""The settings, read from the environment once; unsafe ones are refused at start with one sentence."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from caseflow import embedded, scanner
from caseflow.identity_provider import ROLES, Provider
from caseflow.messages.handover.target import Target
from caseflow.messages.sms.account import Account

ROOT = Path(__file__).resolve().parent
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
KEY_LENGTH = 32
KEY_VARIETY = 10
WEAK_WORDS = ("changeme", "change-me", "change_me", "secret", "password", "default", "example", "insecure", "dev-key")
# Two of the three worker processes of `make run` at most for a mail server that hangs.
LIMITS = "email=2 sms=2@60"
LIMIT = re.compile(r"(email|phone|letter|sms)=(\d{1,4})?(?:@(\d{1,6}))?")
UPLOAD_LIMIT = 25 * 1024 * 1024
MAKE_A_KEY = "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"


class ConfigError(Exception):
    """A setting that the product refuses to start with; the text is one sentence for the operator."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """What `create_app` takes: Flask reads the uppercase attributes. docs/operations.md lists the variables."""

    MODE: str
    DEMO: bool
    DATA: Path
    SECRET_KEY: str
    SQLALCHEMY_DATABASE_URI: str
    REDIS_URL: str
    SMTP_URL: str | None
    IMAP_URL: str | None
    SMS_URL: str | None
    CLAMD_URL: str | None
    LETTERS_URL: str | None
    LIMITS: Mapping[str, tuple[int | None, int | None]]
    METRICS_TOKEN: str | None
    OUTBOX_HOLD: timedelta
    HOST: str
    PORT: int
    BASE_URL: str
    PROXY_HOPS: int
    SECOND_FACTOR_ROLES: tuple[str, ...]
    OIDC: Provider | None
    SESSION_COOKIE_NAME: str
    SESSION_COOKIE_SECURE: bool
    SESSION_COOKIE_HTTPONLY: bool = True
    SESSION_COOKIE_SAMESITE: str = "Lax"
    SESSION_COOKIE_PATH: str = "/"
    MAX_CONTENT_LENGTH: int = UPLOAD_LIMIT
    WTF_CSRF_TIME_LIMIT: int | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Config:
        """The settings of these variables; an empty variable counts as missing. Raises ConfigError."""
        env = {name: value.strip() for name, value in environ.items() if value.strip()}
        mode = env.get("CASEFLOW_MODE", "demo")
        if mode not in ("demo", "production"):
            raise ConfigError(f"CASEFLOW_MODE is “{mode}”, but it must be demo or production.")
        data = Path(env.get("CASEFLOW_DATA", ROOT / "var")).expanduser().resolve()
        host, port = env.get("HOST", "127.0.0.1"), _whole_number("PORT", env.get("PORT", "8000"), 1, 65535)
        base_url = _base_url(env.get("CASEFLOW_BASE_URL"), host, port, mode)
        https = base_url.startswith("https://")
        return cls(
            MODE=mode,
            DEMO=mode == "demo",
            DATA=data,
            SECRET_KEY=_secret_key(env.get("CASEFLOW_SECRET_KEY"), mode, data),
            SQLALCHEMY_DATABASE_URI=_database_url(env.get("DATABASE_URL")) or embedded.database_url(data),
            REDIS_URL=_redis_url(env.get("REDIS_URL")) or embedded.redis_url(data),
            SMTP_URL=_smtp_url(env.get("SMTP_URL")),
            IMAP_URL=_imap_url(env.get("IMAP_URL")),
            SMS_URL=_checked(Account.of, env.get("SMS_URL")),
            CLAMD_URL=_checked(scanner.check, env.get("CLAMD_URL")),
            LETTERS_URL=_checked(Target.of, env.get("LETTERS_URL")),
            LIMITS=_limits(env.get("CASEFLOW_LIMITS", LIMITS)),
            METRICS_TOKEN=env.get("CASEFLOW_METRICS_TOKEN"),
            OUTBOX_HOLD=timedelta(seconds=_whole_number("CASEFLOW_UNDO", env.get("CASEFLOW_UNDO", "15"), 0, 300)),
            HOST=host,
            PORT=port,
            BASE_URL=base_url,
            PROXY_HOPS=_whole_number("CASEFLOW_PROXY_HOPS", env.get("CASEFLOW_PROXY_HOPS", "0"), 0, 10),
            OIDC=_provider(env),
            SECOND_FACTOR_ROLES=_roles(env.get("CASEFLOW_SECOND_FACTOR", "")),
            # RFC 6265bis, 4.1.3.2: browsers keep a __Host- cookie only when it is Secure, with path / and no domain.
            SESSION_COOKIE_NAME="__Host-caseflow" if https else "caseflow",
            SESSION_COOKIE_SECURE=https,
        )

    def __repr__(self) -> str:
        """Without values: keys and addresses with passwords must not reach a log."""
        return f"Config({', '.join(field.name for field in fields(self))})"


def _whole_number(name: str, value: str, low: int, high: int) -> int:
    if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
        raise ConfigError(f"{name} is “{value}”, but it must be a whole number from {low} to {high}.")
    return int(value)


def _provider(env: Mapping[str, str]) -> Provider | None:
    try:
        return Provider.of(env)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _roles(value: str) -> tuple[str, ...]:
    """The roles that must have a second step: names, or `all`."""
    names = value.replace(",", " ").split()
    for name in names:
        if name not in (*ROLES, "all"):
            raise ConfigError(f"CASEFLOW_SECOND_FACTOR has “{name}”, but the roles are: {', '.join(ROLES)}, or all.")
    return ROLES if "all" in names else tuple(names)


def _base_url(value: str | None, host: str, port: int, mode: str) -> str:
    """The address that residents see, without a slash at the end."""
    url = (value or f"http://{_dialled(host)}:{port}").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
        raise ConfigError("CASEFLOW_BASE_URL must look like https://errands.example.org, without a path.")
    if mode == "production" and parts.scheme != "https" and parts.hostname not in LOCAL_HOSTS:
        raise ConfigError("CASEFLOW_BASE_URL must begin with https:// in production mode (localhost is excepted).")
    return url


def _dialled(host: str) -> str:
    """The host as it stands in an address; "every interface" is reached through the loopback."""
    try:
        ip = ip_address(host)
    except ValueError:
        return host
    if ip.is_unspecified:
        ip = ip_address("127.0.0.1" if ip.version == 4 else "::1")
    return str(ip) if ip.version == 4 else f"[{ip}]"


def _database_url(value: str | None) -> str | None:
    """Any way to write a PostgreSQL address, as SQLAlchemy with psycopg takes it."""
    if value is None:
        return None
    _understood("DATABASE_URL", value)
    scheme, separator, rest = value.partition("://")
    if not separator or scheme.partition("+")[0] not in ("postgres", "postgresql"):
        raise ConfigError("DATABASE_URL must begin with postgresql://, because PostgreSQL is the only database.")
    return f"postgresql+psycopg://{rest}"


def _redis_url(value: str | None) -> str | None:
    if value is not None and not value.startswith(("redis://", "rediss://", "unix://")):
        raise ConfigError("REDIS_URL must begin with redis://, rediss:// or unix://.")
    return value and _understood("REDIS_URL", value)


def _smtp_url(value: str | None) -> str | None:
    if value is not None and not value.startswith(("smtp://", "smtps://")):
        raise ConfigError("SMTP_URL must begin with smtp:// or smtps://.")
    return value and _understood("SMTP_URL", value)


def _imap_url(value: str | None) -> str | None:
    if value is not None and not value.startswith(("imap://", "imaps://")):
        raise ConfigError("IMAP_URL must begin with imap:// or imaps://.")
    return value and _understood("IMAP_URL", value)


def _checked(reader: Callable[[str], object], value: str | None) -> str | None:
    """The address, once who will use it has understood it."""
    try:
        return value if value and reader(value) else None
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _limits(value: str) -> dict[str, tuple[int | None, int | None]]:
    """By channel how many messages at once, and after @ how many a minute: email=4@120 letter=2 sms=@60."""
    found: dict[str, tuple[int | None, int | None]] = {}
    for word in value.split():
        meant = LIMIT.fullmatch(word)
        parallel, per_minute = (int(number) if number else None for number in meant.groups()[1:]) if meant else (0, 0)
        if meant is None or 0 in (parallel, per_minute) or (parallel, per_minute) == (None, None):
            raise ConfigError(f"CASEFLOW_LIMITS has “{word}”, but a limit looks like email=4@120 (at once, a minute).")
        found[meant[1]] = parallel, per_minute
    return found


def _understood(name: str, url: str) -> str:
    """The address as it is. It is not quoted when it is refused: it may hold a password."""
    try:
        broken = urlsplit(url).port == 0 or any(letter.isspace() for letter in url)
    except ValueError:
        broken = True
    if broken:
        raise ConfigError(f"{name} is not an address that can be understood; write its special characters as %XX.")
    return url


def _secret_key(value: str | None, mode: str, data: Path) -> str:
    if value is None:
        if mode == "production":
            raise ConfigError(f"CASEFLOW_SECRET_KEY is missing, and production mode needs one; {MAKE_A_KEY}")
        return _kept_key(data)
    if mode == "production":
        _refuse_weak(value)
    return value


def _refuse_weak(key: str) -> None:
    if len(key) < KEY_LENGTH:
        raise ConfigError(f"CASEFLOW_SECRET_KEY is shorter than {KEY_LENGTH} characters; {MAKE_A_KEY}")
    if len(set(key)) < KEY_VARIETY or any(word in key.lower() for word in WEAK_WORDS):
        raise ConfigError(f"CASEFLOW_SECRET_KEY is easy to guess; {MAKE_A_KEY}")


def _kept_key(data: Path) -> str:
    """The data folder's own random key, made on the first start.

    Several processes may come first at the same time: each writes a whole file under a name of its own, and linking
    it to the final name succeeds for one only, so nobody ever reads half a key.
    """
    path = data / "secret-key"
    try:
        if not path.exists():
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_once(path, secrets.token_urlsafe(48))
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not ASCII text"
        raise ConfigError(f"The secret key in {path} cannot be read or made ({reason}).") from error
    if len(key) < KEY_LENGTH:
        raise ConfigError(f"The secret key in {path} is shorter than {KEY_LENGTH} characters; remove the file.")
    return key


def _write_once(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".secret-key-")  # O_EXCL, mode 0600
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(part)
    except FileExistsError:
        pass
    finally:
        part.unlink()
