"""Who somebody from the outside provider is here, and with which rights. What the provider says is checked by then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from caseflow.accounts import attempts, factors, identities, journal, passwords, sessions
from caseflow.accounts.actors import SYSTEM
from caseflow.accounts.commands import add_staff
from caseflow.accounts.models import Staff
from caseflow.cases.models import Department
from caseflow.database import db
from caseflow.identity_provider import Provider, Rights
from caseflow.people import changes

NOBODYS = "caseworker"  # the role of who has no departments any more: it opens nothing


class Refused(Exception):
    """`why`: unknown, closed, no_rights, no_mail, no_mfa or groups_missing. `whose` account it is, if any."""

    def __init__(self, why: str, whose: Staff | None = None) -> None:
        super().__init__(why)
        self.why, self.whose = why, whose


def enter(provider: Provider, claims: Mapping[str, Any], now: datetime) -> Staff | Refused:
    """Who this is, with the rights that the groups give now, in the running unit of work.

    A refusal is returned and not raised: what it takes away is to be committed.
    """
    if provider.groups and provider.claim in (claims.get("_claim_names") or {}):
        return Refused("groups_missing")  # Entra ID's "too many to list": what is not told takes nothing away
    rights = provider.rights(_groups(provider, claims))
    known = identities.holder(provider.issuer, str(claims["sub"]))
    staff = changes.find(known, for_act=True) if known else _by_address(provider, claims)
    if staff is None:
        return _created(provider, claims, rights, now)
    if not staff.active or staff.demo:
        return Refused("closed", staff)
    if provider.groups and rights is None:
        if known:
            _take_away(staff, now)
        return Refused("no_rights", staff)
    if rights is not None:
        _apply(staff, rights, now)
    if _lacks_second_step(provider, claims, staff):
        return Refused("no_mfa", staff)
    if not known:
        identities.link(staff, provider.issuer, str(claims["sub"]), now)
    return staff


def _lacks_second_step(provider: Provider, claims: Mapping[str, Any], staff: Staff) -> bool:
    """Where the installation does not take the provider's word for it, the token must say so (RFC 8176, `mfa`)."""
    said = claims.get("amr")
    return provider.asks_mfa and factors.must_have(staff) and not (isinstance(said, list) and "mfa" in said)


def _by_address(provider: Provider, claims: Mapping[str, Any]) -> Staff | None:
    """The first time: an account that was made for this address, when the provider vouches for it."""
    linked = sa.exists().where(identities.StaffIdentity.staff_id == Staff.id)
    query = sa.select(Staff.id).where(Staff.email == _address(provider, claims), ~Staff.demo, ~linked)
    found = db.session.scalar(query)
    return changes.find(found, for_act=True) if found else None


def _created(provider: Provider, claims: Mapping[str, Any], rights: Rights | None, now: datetime) -> Staff | Refused:
    if rights is None:
        return Refused("no_rights" if provider.groups else "unknown")
    address = _address(provider, claims)
    if address is None:
        return Refused("no_mail")
    if db.session.scalar(sa.select(Staff.id).where(Staff.email == address)) is not None:
        meanwhile = identities.holder(provider.issuer, str(claims["sub"]))
        return enter(provider, claims, now) if meanwhile else Refused("no_mail")
    if _lacks_second_step(provider, claims, Staff(role=rights.role, demo=False)):
        return Refused("no_mfa")
    said = "".join(sign for sign in str(claims.get("name") or address) if sign.isprintable())
    name = " ".join(said.split())[:200] or address
    levels = _known_here(rights)
    staff = add_staff(email=address, name=name, role=rights.role, levels=levels, hashed_password=passwords.unknown())
    journal.record("account_opened", staff.id, by=SYSTEM, at=now, after=changes.Facts.of(staff).told())
    identities.link(staff, provider.issuer, str(claims["sub"]), now)
    return staff


def _apply(staff: Staff, rights: Rights, now: datetime) -> None:
    """Role and departments as the groups say now; one event when that changes anything."""
    _change(staff, rights.role, _known_here(rights), now)


def _take_away(staff: Staff, now: datetime) -> None:
    """No group gives anything any more: neither role, departments nor sessions stay."""
    _change(staff, NOBODYS, {}, now)
    sessions.end_all(staff, now)


def _change(staff: Staff, role: str, levels: Mapping[str, str], now: datetime) -> None:
    """The last administrator keeps the role, and the journal says that the groups meant otherwise."""
    facts = replace(changes.Facts.of(staff), role=role, levels=levels)
    try:
        changes.change(staff, facts, by=SYSTEM, now=now)
    except changes.LastAdministrator:
        journal.record("last_administrator_kept", staff.id, by=SYSTEM, at=now, role=role)
        changes.change(staff, replace(facts, role=staff.role), by=SYSTEM, now=now)


def _known_here(rights: Rights) -> dict[str, str]:
    """Departments by name only, the secret ones like all others: a word for "all" there is not."""
    here = set(db.session.scalars(sa.select(Department.code)))
    return {code: level for code, level in rights.levels.items() if code in here}


def _address(provider: Provider, claims: Mapping[str, Any]) -> str | None:
    vouched = claims.get("email_verified") in (True, "true") or provider.trusts_mail
    return attempts.normalised(str(claims.get("email") or "")) if vouched else None


def _groups(provider: Provider, claims: Mapping[str, Any]) -> list[object]:
    found = claims.get(provider.claim)
    return found if isinstance(found, list) else [found] if found else []
