"""What a password must be: long, and not one that is tried first. No rules about signs or capitals (ASVS 5.0, 6.2)."""

from __future__ import annotations

import secrets

from flask import current_app
from flask_babel import gettext as _
from flask_security import hash_password
from zxcvbn import zxcvbn

SHORTEST, LONGEST = 12, 128  # characters
READ = 72  # zxcvbn refuses to read more; what is longer is strong by then or repeats itself
STRONG_ENOUGH = 3  # of 4: more than 10⁸ guesses
# zxcvbn knows the leaked passwords of the world and English; these are tried first on Swedish and Finnish staff.
OURS = """
sommar sommaren vinter vintern höst hösten host hosten vår våren januari februari mars april maj juni juli augusti
september oktober november december måndag tisdag onsdag torsdag fredag lördag söndag kommun kommunen lösenord
losenord hemligt välkommen valkommen sverige stockholm caseflow prova kesä talvi syksy kevät salasana tervetuloa
suomi kunta
"""


def objection(password: str, *about: str) -> str | None:
    """Why the password will not do, in the person's language; `about` is what others know of the person."""
    if len(password) < SHORTEST:
        return _("Use at least %(number)s characters.", number=SHORTEST)
    if len(password) > LONGEST:
        return _("Use at most %(number)s characters.", number=LONGEST)
    known = [word for fact in about for word in (fact, *fact.replace("@", " ").replace(".", " ").split())]
    if zxcvbn(password[:READ], user_inputs=[*known, *OURS.split()])["score"] < STRONG_ENOUGH:
        return _("That password is easy to guess. Take four or more words that do not belong together.")
    return None


def normalised(password: str) -> str:
    """The same password from every keyboard, as the sign-in reads it (Unicode NFKD)."""
    return str(current_app.extensions["security"].password_util.normalize(password))


def unknown() -> str:
    """What is stored for an account that nobody has the password of: it is invited, or signs in elsewhere."""
    return hashed(secrets.token_urlsafe(32))


def hashed(password: str) -> str:
    """What is stored."""
    return str(hash_password(normalised(password)))
