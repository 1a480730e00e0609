"""Demo accounts: published names and one published password, refused in production mode."""

from __future__ import annotations

from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from flask_security import hash_password

from caseflow.accounts.commands import add_staff
from caseflow.accounts.permissions import LEVEL_OF
from caseflow.cases.municipality import directory

PASSWORD = "prova-caseflow"


class Login(NamedTuple):
    """A demo account; `departments` are codes, () means all that are not secret, if the role sees cases at all."""

    email: str
    name: str
    role: str
    departments: tuple[str, ...]
    what: str

    @property
    def password(self) -> str:
        return PASSWORD


LOGINS = (
    Login("anna.lind@example.org", "Anna Lind", "caseworker", ("sb", "ftv"), _l("caseworker, streets and utilities")),
    Login(
        "ali.hassan@example.org", "Ali Hassan", "caseworker", ("sb", "mb", "vb"), _l("caseworker, streets and building")
    ),
    Login("eva.berg@example.org", "Eva Berg", "caseworker", ("utb", "kf"), _l("caseworker, schools and culture")),
    Login(
        "mirja.virtanen@example.org",
        "Mirja Virtanen",
        "caseworker",
        ("vo", "ifo"),
        _l("caseworker, care (secret cases)"),
    ),
    Login(
        "karin.ek@example.org", "Karin Ek", "coordinator", (), _l("coordinator, all departments but the secret ones")
    ),
    Login("rolf.dahl@example.org", "Rolf Dahl", "registrar", (), _l("registrar, all departments but the secret ones")),
    Login("maja.sund@example.org", "Maja Sund", "manager", (), _l("manager, all departments but the secret ones")),
    Login(
        "tove.nordin@example.org",
        "Tove Nordin",
        "administrator",
        (),
        _l("administrator of accounts and set-up, no cases"),
    ),
)


def hire() -> None:
    """Create the demo accounts, in the running unit of work."""
    hashed = hash_password(PASSWORD)  # once for all: it is the same published one, and slow by design
    open_ones = [department.code for department in directory.departments() if not department.secret]
    for login in LOGINS:
        level = LEVEL_OF[login.role]
        add_staff(
            email=login.email,
            name=login.name,
            role=login.role,
            levels=dict.fromkeys(login.departments or open_ones, level) if level else {},
            hashed_password=hashed,
            demo=True,
        )
