"""`flask --app wsgi create-staff`: the first accounts of a municipality."""

from __future__ import annotations

from collections.abc import Mapping

import click
import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from flask.cli import with_appcontext
from flask_babel import force_locale

from caseflow import clock
from caseflow.accounts import factors, invitations, notices, passwords, sessions
from caseflow.accounts.actors import SYSTEM
from caseflow.accounts.models import LEVELS, ROLES, Membership, Staff
from caseflow.accounts.permissions import LEVEL_OF, NEEDS, PERMISSIONS
from caseflow.database import db, unit_of_work

DEPARTMENTS = "Department code; repeat for several, `all` for all but the secret ones, which are named one by one."


@click.command("create-staff")
@click.option("--email", prompt=True)
@click.option("--name", prompt=True)
@click.option("--role", type=click.Choice(ROLES), default="caseworker", show_default=True)
@click.option("--department", "departments", multiple=True, help=DEPARTMENTS)
@click.option("--level", type=click.Choice(LEVELS), help="In these departments; unsaid, what the role can use.")
@click.option("--invite", is_flag=True, help="Mail a link to choose a password, instead of giving one here.")
@click.option("--password", help="At least 12 characters; asked for when neither it nor --invite is given.")
@with_appcontext
def create_staff(
    email: str,
    name: str,
    role: str,
    departments: tuple[str, ...],
    level: str | None,
    invite: bool,
    password: str | None,
) -> None:
    """Create a member of staff who can sign in."""
    if password is None:
        password = "" if invite else str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    try:
        email = validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise click.BadParameter(str(error), param_hint="--email") from error
    with force_locale("en"):  # commands speak English
        why = None if invite else passwords.objection(passwords.normalised(password), email, name)
    if why:
        raise click.BadParameter(why, param_hint="--password")
    with unit_of_work():
        if db.session.scalar(sa.select(Staff.id).where(Staff.email == email)):
            raise click.ClickException(f"{email} already has an account.")
        hashed = passwords.unknown() if invite else passwords.hashed(password)
        levels = dict.fromkeys(_known(departments), _level(role, level, departments))
        staff = add_staff(email=email, name=name, role=role, levels=levels, hashed_password=hashed)
        if invite:
            invitations.invite(staff, by=SYSTEM, now=clock.now())
    click.echo(f"{name} ({role}) is invited." if invite else f"{name} ({role}) can sign in as {email}.")


@click.command("reset-second-step")
@click.option("--email", prompt=True)
@with_appcontext
def reset_second_step(email: str) -> None:
    """Take away the authenticator app, passkeys and recovery codes of somebody who has lost them."""
    with unit_of_work():
        staff = db.session.scalar(sa.select(Staff).where(Staff.email == email.strip().lower()))
        if staff is None:
            raise click.ClickException(f"{email} has no account.")
        factors.reset(staff, by=SYSTEM, now=clock.now())
        sessions.end_all(staff, clock.now())
        notices.second_step_reset(staff, clock.now())
    click.echo(f"{email} signs in with the password alone, until a new second step is set up.")


def add_staff(
    *, email: str, name: str, role: str, levels: Mapping[str, str], hashed_password: str, demo: bool = False
) -> Staff:
    """A new account with its level by department, in the running unit of work."""
    staff = Staff(email=email, name=name, role=role, password=hashed_password, demo=demo)
    db.session.add(staff)
    db.session.flush()
    rows = (Membership(staff_id=staff.id, department_code=code, level=level) for code, level in levels.items())
    db.session.add_all(rows)
    return staff


def _known(departments: tuple[str, ...]) -> list[str]:
    """The codes that are meant. Who reads secret cases is said by name: `all` never holds a secret department."""
    known = dict(db.session.execute(sa.text("SELECT code, secret FROM department ORDER BY position")).tuples().all())
    for code in departments:
        if code not in {*known, "all"}:
            raise click.BadParameter(f"{code} is not one of {', '.join(known)}", param_hint="--department")
    return [code for code, secret in known.items() if code in departments or ("all" in departments and not secret)]


def _level(role: str, asked: str | None, departments: tuple[str, ...]) -> str:
    level = asked or LEVEL_OF[role]
    if departments and (level is None or NEEDS[level] not in PERMISSIONS[role]):
        who = f"an {role}" if role == "administrator" else f"a {role}"
        why = f"{who} cannot use the level {level}" if level else f"{who} sees no cases, whatever the department"
        raise click.BadParameter(why, param_hint="--level" if level else "--department")
    return level or LEVELS[0]
