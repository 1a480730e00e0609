"""What roles, levels and the events of accounts are called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

ROLE = {
    "caseworker": _l("Caseworker"),
    "coordinator": _l("Coordinator"),
    "registrar": _l("Registrar"),
    "manager": _l("Manager"),
    "administrator": _l("Administrator"),
}
ROLE_ABOUT = {
    "caseworker": _l("Answers cases and does all that makes them go on."),
    "coordinator": _l("A caseworker who also leads: sees the figures, and looks after what others have."),
    "registrar": _l("Files cases, moves them to their department, corrects contact details. Answers nobody."),
    "manager": _l("Reads cases and figures, and acts on neither."),
    "administrator": _l("Opens accounts and sets up the municipality. Reads no case."),
}
LEVEL = {"": _l("Nothing"), "read": _l("Read"), "handle": _l("Handle"), "lead": _l("Lead")}
# What is told of an account. What is not here (each sign-in) is in the log, and not on the page.
SAID = {
    "account_opened": _l("opened the account"),
    "account_changed": _l("changed the account"),
    "account_closed": _l("closed the account"),
    "account_reopened": _l("opened the account again"),
    "second_step_reset": _l("took away the second steps"),
    "sessions_ended": _l("ended all sign-ins"),
    "invited": _l("sent an invitation"),
    "invitation_accepted": _l("took the invitation and chose a password"),
    "recovery_sent": _l("sent a link for a new password"),
    "password_recovered": _l("chose a new password by a link"),
    "password_changed": _l("changed the password"),
    "signed_out_everywhere": _l("signed out everywhere"),
    "linked_to_directory": _l("let the account sign in at the directory only"),
    "last_administrator_kept": _l("kept the role: no other administrator is left"),
    "leave": _l("wrote down time away"),
    "leave_ended": _l("ended time away"),
}
FIELD = {
    "name": _l("Name"),
    "email": _l("E-mail"),
    "role": _l("Role"),
    "language": _l("Language of mails"),
    "departments": _l("Departments"),
    "protected": _l("Protected personal data"),
}
