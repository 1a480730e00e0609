"""`flask --app wsgi create-staff`: the first accounts of a municipality."""

from __future__ import annotations

import click
import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from flask.cli import with_appcontext
from flask_babel import force_locale

from caseflow.accounts import passwords
from caseflow.accounts.models import ROLES, Membership, Staff
from caseflow.database import db, unit_of_work


@click.command("create-staff")
@click.option("--email", prompt=True)
@click.option("--name", prompt=True)
@click.option("--role", type=click.Choice(ROLES), default="caseworker", show_default=True)
@click.option("--department", "departments", multiple=True, help="Department code; repeat for several, `all` for all.")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True, help="At least 12 characters.")
@with_appcontext
def create_staff(email: str, name: str, role: str, departments: tuple[str, ...], password: str) -> None:
    """Create a member of staff who can sign in."""
    try:
        email = validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise click.BadParameter(str(error), param_hint="--email") from error
    with force_locale("en"):  # commands speak English
        why = passwords.objection(passwords.normalised(password), email, name)
    if why:
        raise click.BadParameter(why, param_hint="--password")
    with unit_of_work():
        if db.session.scalar(sa.select(Staff.id).where(Staff.email == email)):
            raise click.ClickException(f"{email} already has an account.")
        hashed = passwords.hashed(password)
        add_staff(email=email, name=name, role=role, departments=_known(departments), hashed_password=hashed)
    click.echo(f"{name} ({role}) can sign in as {email}.")


def add_staff(
    *, email: str, name: str, role: str, departments: list[str], hashed_password: str, demo: bool = False
) -> Staff:
    """A new account with its departments, in the running unit of work."""
    staff = Staff(email=email, name=name, role=role, password=hashed_password, demo=demo)
    db.session.add(staff)
    db.session.flush()
    db.session.add_all(Membership(staff_id=staff.id, department_code=code) for code in departments)
    return staff


def _known(departments: tuple[str, ...]) -> list[str]:
    known = list(db.session.execute(sa.text("SELECT code FROM department ORDER BY position")).scalars())
    if "all" in departments:
        return known
    for code in departments:
        if code not in known:
            raise click.BadParameter(f"{code} is not one of {', '.join(known)}", param_hint="--department")
    return list(departments)
