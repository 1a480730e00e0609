"""Where staff sign in outside (OpenID Connect, for example Entra ID), and what groups there mean here.

The file of OIDC_GROUPS says it by group, the first that a person is in decides the role, all of them the departments:

    Caseflow-administrators: {role: administrator}
    Caseflow-streets: {role: caseworker, departments: {sb: handle}}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import yaml

ROLES = ("caseworker", "coordinator", "registrar", "manager", "administrator")
LEVELS = ("read", "handle", "lead")


@dataclass(frozen=True)
class Rights:
    """What groups give: a role, and a level by department code."""

    role: str
    levels: Mapping[str, str]


@dataclass(frozen=True)
class Provider:
    """One provider. `groups` is empty when accounts are managed here; `trusts_mail` when it vouches for addresses
    without saying so in `email_verified`, as Entra ID does; `asks_mfa` when its word alone is no second step."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str = "OpenID"
    scope: str = "openid email profile"
    claim: str = "groups"
    trusts_mail: bool = False
    asks_mfa: bool = False
    groups: Mapping[str, Rights] = field(default_factory=dict)

    @classmethod
    def of(cls, env: Mapping[str, str]) -> Provider | None:
        """None when OIDC_ISSUER is not set. ValueError says in a sentence what is wrong."""
        issuer = env.get("OIDC_ISSUER")
        if issuer is None:
            return None
        parts = urlsplit(issuer)
        if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1"):
            raise ValueError("OIDC_ISSUER must begin with https:// (localhost is excepted).")
        for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"):
            if name not in env:
                raise ValueError(f"{name} is missing, and OIDC_ISSUER needs it.")
        if "openid" not in env.get("OIDC_SCOPE", cls.scope).split():
            raise ValueError("OIDC_SCOPE must hold openid.")
        file = env.get("OIDC_GROUPS")
        return cls(
            issuer=issuer,
            client_id=env["OIDC_CLIENT_ID"],
            client_secret=env["OIDC_CLIENT_SECRET"],
            name=env.get("OIDC_NAME", cls.name),
            scope=env.get("OIDC_SCOPE", cls.scope),
            claim=env.get("OIDC_GROUPS_CLAIM", cls.claim),
            trusts_mail=env.get("OIDC_TRUST_EMAIL") == "1",
            asks_mfa=env.get("OIDC_REQUIRE_MFA") == "1",
            groups=_read(Path(file)) if file else {},
        )

    def rights(self, groups: Iterable[object]) -> Rights | None:
        """What these groups give together; None when none of them means anything here."""
        theirs = {str(group) for group in groups}
        found = [rights for group, rights in self.groups.items() if group in theirs]
        if not found:
            return None
        levels: dict[str, str] = {}
        for rights in found:
            for code, level in rights.levels.items():
                levels[code] = max(level, levels.get(code, LEVELS[0]), key=LEVELS.index)
        return Rights(found[0].role, levels)


def _read(path: Path) -> dict[str, Rights]:
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"OIDC_GROUPS: {path} cannot be read ({type(error).__name__}).") from None
    if not isinstance(said, dict) or not said:
        raise ValueError(f"OIDC_GROUPS: {path} must say by group which role it gives.")
    return {str(group): _rights(str(group), about) for group, about in said.items()}


def _rights(group: str, about: object) -> Rights:
    if not isinstance(about, dict) or str(about.get("role")) not in ROLES:
        raise ValueError(f"OIDC_GROUPS: {group} needs a role: {', '.join(ROLES)}.")
    levels = about.get("departments", {})
    if not isinstance(levels, dict) or any(level not in LEVELS for level in levels.values()):
        raise ValueError(f"OIDC_GROUPS: the departments of {group} need levels: {', '.join(LEVELS)}.")
    return Rights(about["role"], {str(code): level for code, level in levels.items()})
